/// A header field for one host, whether it is the input's or not.
package struct HostHeader: Sendable, Equatable {
    /// In lower case, with a port only where one was given.
    package let host: String
    package let header: HTTPHeader

    /// - Parameter host: a host name or address, `HOST` or `HOST:PORT`, IPv6 addresses in brackets.
    /// - Throws: ``TransportError/Kind/invalidHeader(_:)`` where it is none.
    package init(host: String, header: HTTPHeader) throws(TransportError) {
        let lowercased = host.lowercased()
        guard Self.isHost(lowercased) else {
            throw TransportError(
                .invalidHeader("a host is a name like cdn.example.com, or with a port, cdn.example.com:8080")
            )
        }
        self.host = lowercased
        self.header = header
    }

    private static func isHost(_ text: String) -> Bool {
        var name = text[...]
        if let end = text.lastIndex(of: "]") {
            guard text.first == "[" else { return false }
            name = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            return !name.isEmpty && name.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
                && (rest.isEmpty || isPort(rest))
        }
        if let colon = text.firstIndex(of: ":") {
            guard isPort(text[colon...]) else { return false }
            name = text[..<colon]
        }
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), 0x80...:
                    true
                default: false
                }
            }
    }

    /// `:PORT`.
    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && UInt16(text.dropFirst()) != nil && !text.contains("+")
    }
}
