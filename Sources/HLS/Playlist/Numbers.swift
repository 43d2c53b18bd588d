/// Readers for the number forms of RFC 8216bis §4.2. All answer `nil` for anything else, overflow included.
enum Numbers {
    /// decimal-integer: 1 to 20 digits, 0 to 2^64-1.
    static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        guard !bytes.isEmpty, bytes.count <= 20 else { return nil }
        var value: UInt64 = 0
        for byte in bytes {
            guard let digit = ASCII.digitValue(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// decimal-floating-point or decimal-integer as microseconds, rounded to the nearest.
    static func microseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        scaled(bytes, decimals: 6)
    }

    /// signed-decimal-floating-point as microseconds.
    static func signedMicroseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        if bytes.first == ASCII.minus { return scaled(bytes.dropFirst(), decimals: 6).map { 0 - $0 } }
        return scaled(bytes, decimals: 6)
    }

    /// A non-negative decimal number times 10^`decimals`, rounded half up. Digits beyond are read and dropped.
    static func scaled(_ bytes: ArraySlice<UInt8>, decimals: Int) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        var fraction: Int?
        var roundsUp = false
        for byte in bytes {
            if byte == ASCII.period {
                guard fraction == nil else { return nil }
                fraction = 0
                continue
            }
            guard let digit = ASCII.digitValue(byte) else { return nil }
            digits += 1
            if let places = fraction {
                if places >= decimals {
                    if places == decimals { roundsUp = digit >= 5 }
                    fraction = decimals + 1
                    continue
                }
                fraction = places + 1
            }
            guard let next = appending(digit, to: value) else { return nil }
            value = next
        }
        guard digits > 0 else { return nil }
        for _ in min(fraction ?? 0, decimals)..<decimals {
            guard let next = appending(0, to: value) else { return nil }
            value = next
        }
        guard roundsUp else { return value }
        let (sum, overflow) = value.addingReportingOverflow(1)
        return overflow ? nil : sum
    }

    /// decimal-resolution: `WIDTHxHEIGHT`.
    static func resolution(_ bytes: ArraySlice<UInt8>) -> Resolution? {
        guard let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "X") }),
            let width = integer(bytes[..<mark]).flatMap({ Int32(exactly: $0) }),
            let height = integer(bytes[(mark + 1)...]).flatMap({ Int32(exactly: $0) })
        else { return nil }
        return Resolution(width: Int(width), height: Int(height))
    }

    private static func appending(_ digit: UInt8, to value: Int64) -> Int64? {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(Int64(digit))
        return overflow || carry ? nil : sum
    }
}

/// Size of a picture in pixels.
package struct Resolution: Hashable, Sendable, CustomStringConvertible {
    /// Horizontal size.
    package let width: Int
    /// Vertical size.
    package let height: Int

    /// Pixels in the picture. Both factors are below 2^31.
    package var area: Int { width * height }

    package var description: String { "\(width)x\(height)" }
}
