/// What of a response's status line and header fields decides how its body is taken.
struct ResponseHead: Equatable {
    var status: Int
    /// The declared length of the body in bytes as sent, that is, encoded.
    var contentLength: UInt64?
    var contentRange: String?
    var contentType: String?
    /// Content-Encoding, unless it is `identity`.
    var contentEncoding: String?
    var eTag: String?
    var lastModified: String?
    var retryAfter: Duration?
    /// A body that ends too soon is known as such: its length is declared, or it comes in chunks.
    var endIsDeclared = true

    /// What proves that a later response is the same representation (RFC 9110 §8.8): a strong ETag, else Last-Modified.
    var validator: Validator? {
        // With a Content-Encoding, byte positions are the encoded body's.
        if contentEncoding != nil { return nil }
        if let eTag, eTag.hasPrefix("\""), eTag.hasSuffix("\""), eTag.utf8.count >= 2 { return .eTag(eTag) }
        return lastModified.map { .lastModified($0) }
    }
}

/// The proof that two responses carry the same bytes.
enum Validator: Equatable {
    case eTag(String)
    case lastModified(String)

    /// The value of If-Range (RFC 9110 §13.1.5).
    var ifRange: String {
        switch self {
        case .eTag(let value), .lastModified(let value): value
        }
    }
}
