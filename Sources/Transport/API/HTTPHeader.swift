/// A header field that the user sends.
package struct HTTPHeader: Sendable, Equatable, CustomStringConvertible {
    package let name: String
    package let value: String

    /// - Throws: ``TransportError/Kind/invalidHeader`` if `name` is no token (RFC 9110 §5.1) or `value` has a line break
    ///   or NUL in it. Both may be secret, the name after a slip of the hand: neither is repeated.
    package init(name: String, value: String) throws(TransportError) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
            throw TransportError(.invalidHeader("a header name may have letters, digits and -_.!#$%&'*+^`|~ only"))
        }
        guard !value.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            throw TransportError(.invalidHeader("a header value may have no line break and no NUL"))
        }
        self.name = name
        self.value = value
    }

    /// The name only: values may be secret.
    package var description: String { "\(name): …" }

    /// Whether the field says nothing about who asks, so that every host may see it. All others are credentials: only
    /// the input's origin gets them.
    var isForEveryHost: Bool {
        let name = name.lowercased()
        return name == "user-agent" || name == "referer" || name == "origin" || name.hasPrefix("accept")
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
