/// The five parts of a URI reference, split by the regular expression of RFC 3986 appendix B.
///
/// Parts are texts as written; nothing is decoded. The fragment is dropped: it is never sent.
struct URIReference {
    /// `nil` for a relative reference.
    var scheme: Substring.UTF8View?
    /// What follows `//`, `nil` where there is no `//`.
    var authority: Substring.UTF8View?
    /// Path; may be empty.
    var path: Substring.UTF8View
    /// What follows `?`, `nil` where there is none.
    var query: Substring.UTF8View?

    /// Splits a text that was escaped by ``escaped(_:)``.
    init(_ text: String) throws(URIError) {
        var rest = Substring(text).utf8
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<hash] }

        if let end = rest.firstIndex(where: { Self.endsScheme($0) }), rest[end] == UInt8(ascii: ":") {
            let name = rest[..<end]
            guard Self.isScheme(name) else { throw .invalidScheme }
            scheme = name
            rest = rest[rest.index(after: end)...]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if rest.starts(with: "//".utf8) {
            let afterSlashes = rest.dropFirst(2)
            let end = afterSlashes.firstIndex(of: UInt8(ascii: "/")) ?? afterSlashes.endIndex
            authority = afterSlashes[..<end]
            rest = afterSlashes[end...]
        }
        path = rest
    }

    /// Trims blanks and escapes what may not stand in a URI: spaces, controls, non-ASCII bytes and `"<>\^`{|}`.
    /// An existing `%XX` stays as it is.
    static func escaped(_ text: String) -> String {
        let utf8 = text.utf8
        if !utf8.contains(where: { mustEscape($0) }) { return text }
        guard let first = utf8.firstIndex(where: { !isBlank($0) }),
            let last = utf8.lastIndex(where: { !isBlank($0) })
        else { return "" }
        var output: [UInt8] = []
        output.reserveCapacity(utf8.count + 16)
        for byte in utf8[first...last] {
            if mustEscape(byte) {
                appendEscape(of: byte, to: &output)
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends `%XX`.
    static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "%"))
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 15))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value - 10)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        if byte <= 0x20 || byte >= 0x7F { return true }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            return true
        default:
            return false
        }
    }

    private static func endsScheme(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?")
    }

    /// RFC 3986 §3.1: a letter, then letters, digits, `+`, `-`, `.`.
    private static func isScheme(_ name: Substring.UTF8View) -> Bool {
        guard let first = name.first, isLetter(first) else { return false }
        return name.allSatisfy { byte in
            isLetter(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
