/// One header line.
package struct HeaderField: Sendable, Equatable {
    /// The name as sent.
    package var name: String
    /// The value, without the white space around it.
    package var value: String
}

/// One request as the server received it.
package struct OriginRequest: Sendable {
    /// Position in the order of arrival, from 0.
    package internal(set) var index = 0
    /// Which connection it came on, from 0 in the order of acceptance.
    package internal(set) var connection = 0
    /// When its head was complete.
    package internal(set) var time = ContinuousClock.now
    /// The method, as sent.
    package let method: String
    /// The request target as sent: path and query, still percent-encoded.
    package let target: String
    /// The path, percent-decoded, without the query. Empty where it cannot be decoded to UTF-8.
    package let path: String
    /// All header lines, in order.
    package let headers: [HeaderField]
    /// Whether the connection may carry a further request (RFC 9112 §9.3).
    let isPersistent: Bool

    /// The value of the first header of this name, whatever its case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// The Range header.
    package var range: String? { header("Range") }
}
