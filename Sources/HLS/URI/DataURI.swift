/// The bytes of a `data:` URI (RFC 2397), for keys and playlists.
package enum DataURI {
    /// Why a `data:` URI cannot be read. Holds nothing of its content, which may be a key.
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// Another scheme.
        case notData
        /// No comma between media type and data.
        case missingComma
        /// The data is not the Base64 it says it is.
        case invalidBase64
        /// More bytes than the caller takes.
        case tooLarge(maximum: Int)

        package var description: String {
            switch self {
            case .notData: "this is no data: URI"
            case .missingComma: "the data: URI has no comma before its data"
            case .invalidBase64: "the data: URI does not hold valid Base64"
            case .tooLarge(let maximum): "the data: URI holds more than \(maximum) bytes"
            }
        }
    }

    /// Decodes percent escapes, then Base64 where the media type ends in `;base64`.
    ///
    /// Base64 of either alphabet (RFC 4648 §4 and §5) is read, with or without padding and with blanks inside.
    package static func decode(_ uri: ResourceURI, maximumBytes: Int) throws(Failure) -> [UInt8] {
        guard uri.scheme == "data" else { throw .notData }
        let content = uri.text.utf8.dropFirst("data:".utf8.count)
        guard let comma = content.firstIndex(of: ASCII.comma) else { throw .missingComma }
        let escaped = content[content.index(after: comma)...]
        guard escaped.count / 4 <= maximumBytes else { throw .tooLarge(maximum: maximumBytes) }
        let data = ResourceURI.percentDecodedBytes(escaped)
        let mediaType = String(Substring(content[..<comma])).lowercased()
        let bytes = mediaType.hasSuffix(";base64") ? try base64(data) : data
        guard bytes.count <= maximumBytes else { throw .tooLarge(maximum: maximumBytes) }
        return bytes
    }

    private static func base64(_ text: [UInt8]) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var bitCount = 0
        var padding = 0
        for byte in text where byte > 0x20 {
            if byte == ASCII.equals {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(byte) else { throw .invalidBase64 }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
                bits &= (1 << UInt32(bitCount)) - 1
            }
        }
        // Six bits left over are half a character; other bits left over must be zero.
        guard bitCount < 6, bits == 0, padding <= 2 else { throw .invalidBase64 }
        return output
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte - 0x41)
        case 0x61...0x7A: UInt32(byte - 0x61 + 26)
        case 0x30...0x39: UInt32(byte - 0x30 + 52)
        case ASCII.plus, ASCII.minus: 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
