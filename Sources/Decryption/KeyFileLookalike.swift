/// What a key file of the wrong length looks like: it says what the key server did.
package enum KeyFileLookalike: Equatable, Sendable {
    /// No bytes at all.
    case nothing
    /// An HTML or XML page: an error page or a login form.
    case html
    /// A JSON document: an error message or a licence server's answer.
    case json
    /// An HLS playlist.
    case playlist
    /// The key in hexadecimal digits.
    case hexadecimalText
    /// The key in Base64.
    case base64Text
    /// Some other text.
    case text
    /// Bytes that are no text.
    case binary

    /// Classifies the bytes of a key file. Pure; looks at 4,096 bytes at most.
    package init(_ bytes: some Collection<UInt8>) {
        var text = Array(bytes.prefix(4096))
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        text = Array(text.drop { Self.isSpace($0) })
        while let last = text.last, Self.isSpace(last) { text.removeLast() }
        guard let first = text.first else {
            self = bytes.isEmpty ? .nothing : .text
            return
        }
        if !text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || Self.isSpace($0) }) {
            self = .binary
        } else if first == UInt8(ascii: "<") {
            self = .html
        } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            self = .json
        } else if text.starts(with: Array("#EXTM3U".utf8)) {
            self = .playlist
        } else if text.count.isMultiple(of: 2), Self.hexadecimalDigits(text)?.allSatisfy(Self.isHexadecimal) == true {
            self = .hexadecimalText
        } else if text.count.isMultiple(of: 4), Self.isBase64(text) {
            self = .base64Text
        } else {
            self = text.allSatisfy { $0 < 0x80 } || String(validating: text, as: UTF8.self) != nil ? .text : .binary
        }
    }

    /// The end of a sentence about a wrong length, with what to do.
    var clause: String {
        switch self {
        case .nothing: "; the server sent nothing"
        case .html: "; it is an HTML page: the key server wants a login, a cookie or a header"
        case .json: "; it is a JSON document: the key server answered with a message or wants another request"
        case .playlist: "; it is an HLS playlist"
        case .hexadecimalText: "; it is hexadecimal text: pass those digits as the key"
        case .base64Text: "; it is Base64 text: decode it and pass the key in hexadecimal digits"
        case .text: "; it is text"
        case .binary: ""
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// The text without a `0x` in front; nil when nothing is left.
    private static func hexadecimalDigits(_ text: [UInt8]) -> ArraySlice<UInt8>? {
        let hasPrefix = text.starts(with: Array("0x".utf8)) || text.starts(with: Array("0X".utf8))
        let digits = hasPrefix ? text.dropFirst(2) : text[...]
        return digits.isEmpty ? nil : digits
    }

    private static func isBase64(_ text: [UInt8]) -> Bool {
        let body = text.reversed().drop { $0 == UInt8(ascii: "=") }
        guard text.count - body.count <= 2 else { return false }
        return body.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
