import CCurl

/// A parsed URL. The only parser that network decisions rest on is libcurl's own (`curl_url_set`): two parsers that
/// disagree are a hole.
struct CurlURL: ~Copyable {
    private let handle: OpaquePointer

    /// Parses an absolute URL; spaces and other bytes that need it are percent-encoded.
    ///
    /// - Throws: ``TransportError/Kind/invalidURL(_:)``.
    init(_ url: String) throws(TransportError) {
        guard let handle = curl_url() else { throw TransportError(.internalFailure("curl_url")) }
        let code = curl_url_set(handle, CURLUPART_URL, url, Self.flags)
        guard code == CURLUE_OK else {
            curl_url_cleanup(handle)
            throw TransportError(.invalidURL(Self.text(of: code)), url: RedactedURL(url))
        }
        self.handle = handle
    }

    deinit {
        curl_url_cleanup(handle)
    }

    /// Replaces this URL by `reference` resolved against it (RFC 3986 §5).
    ///
    /// - Throws: ``TransportError/Kind/refusedByPolicy(_:)`` for a scheme that libcurl cannot even take apart (`data:`),
    ///   ``TransportError/Kind/invalidRedirect`` for all else that is no URL.
    mutating func resolve(_ reference: String) throws(TransportError) {
        let code = curl_url_set(handle, CURLUPART_URL, reference, Self.flags)
        guard code != CURLUE_OK else { return }
        guard let scheme = Self.scheme(of: reference), scheme != "http", scheme != "https" else {
            throw TransportError(.invalidRedirect)
        }
        throw TransportError(.refusedByPolicy(NetworkPolicy.schemeRule(scheme)))
    }

    /// The whole URL, without its fragment.
    var string: String? {
        curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        return part(CURLUPART_URL)
    }

    /// The scheme in lower case.
    var scheme: String? { part(CURLUPART_SCHEME)?.lowercased() }

    var user: String? { part(CURLUPART_USER, flags: CURLU_URLDECODE) }

    var password: String? { part(CURLUPART_PASSWORD, flags: CURLU_URLDECODE) }

    /// The path, percent-decoded.
    var decodedPath: String? { part(CURLUPART_PATH, flags: CURLU_URLDECODE) }

    /// Scheme, host and port; nil for URLs that have none of them.
    var origin: Origin? {
        guard let scheme, let host = part(CURLUPART_HOST)?.lowercased(),
            let port = part(CURLUPART_PORT, flags: CURLU_DEFAULT_PORT)
        else { return nil }
        return Origin(scheme: scheme, host: host.hasSuffix(".") ? String(host.dropLast()) : host, port: port)
    }

    private func part(_ part: CURLUPart, flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// The scheme that an absolute URI begins with (RFC 3986 §3.1), in lower case.
    private static func scheme(of reference: String) -> String? {
        let scheme = reference.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        guard scheme.first?.isLetter == true, reference[scheme.endIndex...].hasPrefix(":") else { return nil }
        return scheme.lowercased()
    }

    /// Other schemes parse too: they are refused by name, later.
    private static var flags: UInt32 { UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) }

    private static func text(of code: CURLUcode) -> String {
        curl_url_strerror(code).map { String(cString: $0) } ?? "code \(code.rawValue)"
    }
}

/// What decides who gets credentials (RFC 6454).
package struct Origin: Sendable, Equatable {
    /// In lower case.
    package let scheme: String
    /// In lower case.
    package let host: String
    /// The scheme's default if the URL has none.
    package let port: String
}
