/// The 128-bit Initialization Vector of AES (RFC 8216bis §5.2).
package struct InitializationVector: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// A Media Segment's implicit IV: its Media Sequence Number, big-endian, padded on the left with zeros.
    package init(mediaSequenceNumber: UInt64) {
        high = 0
        low = mediaSequenceNumber
    }

    /// A hexadecimal-sequence of 1 to 32 digits, with or without `0x`/`0X`: a number, so short ones are padded on the
    /// left. `nil` for anything else; leading zeros beyond 32 digits are accepted.
    package init?(hex: String) {
        var digits = Substring(hex).utf8
        if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) { digits = digits.dropFirst(2) }
        guard !digits.isEmpty else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in digits {
            guard let value = ASCII.hexValue(byte), high >> 60 == 0 else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(value)
        }
        self.high = high
        self.low = low
    }

    /// The 16 octets, most significant first.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) } }
    }
}
