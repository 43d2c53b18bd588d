/// The payload of a `data:` URI (RFC 2397) whose body is base64, as playlists use it for keys.
enum DataURI {
    /// `nil` where the text is no such URI or holds what base64 does not know.
    static func decode(_ text: String) -> [UInt8]? {
        guard text.lowercased().hasPrefix("data:"), let comma = text.firstIndex(of: ",") else { return nil }
        guard text[..<comma].lowercased().hasSuffix(";base64") else { return nil }
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bitCount = 0
        for character in PercentEncoding.decode(text[text.index(after: comma)...].utf8)
        where character != UInt8(ascii: "=") {
            guard let value = value(of: character) else { return nil }
            buffer = (buffer << 6) | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8((buffer >> UInt32(bitCount)) & 0xFF))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

/// Percent escapes of a URI (RFC 3986 §2.1).
enum PercentEncoding {
    /// The bytes with escapes decoded; what is no escape stays as it is.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var pending: [UInt8] = []
        for byte in text {
            if pending.isEmpty, byte != UInt8(ascii: "%") {
                result.append(byte)
                continue
            }
            pending.append(byte)
            guard pending.count == 3 else { continue }
            if let value = UInt8(String(decoding: pending[1...], as: UTF8.self), radix: 16) {
                result.append(value)
            } else {
                result += pending
            }
            pending = []
        }
        return result + pending
    }

    static func decode(_ text: String) -> String { String(decoding: decode(text.utf8), as: UTF8.self) }
}
