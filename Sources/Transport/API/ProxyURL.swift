/// A proxy as the user names it. In no description: it may have a password in it.
package struct ProxyURL: Sendable, Equatable {
    /// What libcurl is given; empty: no proxy.
    package let text: String

    private static let schemes: Set<String> = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// - Parameter text: `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`; without scheme http; empty: none, whatever the environment
    ///   says.
    /// - Throws: ``TransportError/Kind/invalidURL(_:)`` without the text.
    package init(_ text: String) throws(TransportError) {
        self.text = text
        guard !text.isEmpty else { return }
        var rest = text[...]
        if let mark = text.firstRange(of: "://") {
            guard Self.schemes.contains(text[..<mark.lowerBound].lowercased()) else {
                throw TransportError(.invalidURL("a proxy is http, https, socks4, socks4a, socks5 or socks5h"))
            }
            rest = text[mark.upperBound...]
        }
        let host = rest.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard !host.isEmpty, host.first != ":", !host.contains(where: { $0.isWhitespace || $0 == "?" || $0 == "#" })
        else {
            throw TransportError(.invalidURL("the proxy is not written as SCHEME://HOST:PORT"))
        }
    }
}
