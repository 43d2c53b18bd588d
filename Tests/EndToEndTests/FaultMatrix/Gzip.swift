/// Gzip (RFC 1952) of two simple kinds, made here.
enum Gzip {
    /// The bytes, not compressed: 23 more. At most 65,535 of them.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: bytes.count)
        return head + [1] + little(length) + little(~length) + bytes + little(checksum(bytes))
            + little(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// `text`, then its last byte `258 * repeats` times, at 13 bits for each 258. Without the end: it is not reached.
    static func bomb(_ text: [UInt8], repeats: Int) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: text.count)
        var bytes = head + [0] + little(length) + little(~length) + text
        var (bits, count) = (UInt64(0), 0)
        func put(_ value: UInt64, _ width: Int) {
            bits |= value << UInt64(count)
            count += width
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
            }
        }
        // A last block with fixed codes: length code 285 (258 bytes) is 11000101, the most significant bit first; distance 1
        // is five zeros.
        put(0b011, 3)
        for _ in 0..<repeats { put(0b1010_0011, 13) }
        put(0, 16)
        return bytes
    }

    private static let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
    }

    /// CRC-32.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
