/// Big-endian numbers in byte arrays, as ISO/IEC 14496-12 boxes hold them. Reading past the end gives `nil`.
extension Array where Element == UInt8 {
    mutating func append16(_ value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(value & 0xFF))
    }

    mutating func append32(_ value: UInt32) {
        append16(UInt16(value >> 16))
        append16(UInt16(value & 0xFFFF))
    }

    mutating func append64(_ value: UInt64) {
        append32(UInt32(value >> 32))
        append32(UInt32(value & 0xFFFF_FFFF))
    }

    /// Four-character code, for example `moov`.
    mutating func append(code: FourCC) { append32(code.value) }
}

extension Collection where Element == UInt8, Index == Int {
    func read32(at offset: Int) -> UInt32? {
        guard offset >= 0, offset <= count - 4 else { return nil }
        let start = startIndex + offset
        return (0..<4).reduce(UInt32(0)) { ($0 << 8) | UInt32(self[start + $1]) }
    }

    func read64(at offset: Int) -> UInt64? {
        guard let high = read32(at: offset), let low = read32(at: offset + 4) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }
}

/// A four-character code.
struct FourCC: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let value: UInt32

    init(_ value: UInt32) { self.value = value }

    /// Four ASCII characters; others are a mistake of ours.
    init(stringLiteral text: String) {
        let bytes = Array(text.utf8)
        precondition(bytes.count == 4)
        value = bytes.reduce(UInt32(0)) { ($0 << 8) | UInt32($1) }
    }

    /// Made of printable ASCII characters, as all registered codes of boxes are but those of QuickTime that begin with ©.
    var isPrintable: Bool {
        (0..<4).allSatisfy { (0x20..<0x7F).contains(UInt8(truncatingIfNeeded: value >> (8 * $0))) }
    }

    var description: String {
        let scalars = (0..<4).map { Unicode.Scalar(UInt8((value >> UInt32(24 - 8 * $0)) & 0xFF)) }
        return String(String.UnicodeScalarView(scalars.map { $0.isASCII && $0.value >= 32 ? $0 : "?" }))
    }
}
