/// Reads big-endian numbers one after the other; past the end every read gives `nil` and nothing moves. Pure.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// Bytes not read yet.
    var remaining: Int { bytes.endIndex - index }

    /// What is left, without reading it.
    var rest: ArraySlice<UInt8> { bytes[index...] }

    mutating func read8() -> UInt8? { read(1).map { UInt8(truncatingIfNeeded: $0) } }
    mutating func read16() -> UInt16? { read(2).map { UInt16(truncatingIfNeeded: $0) } }
    mutating func read24() -> UInt32? { read(3).map { UInt32(truncatingIfNeeded: $0) } }
    mutating func read32() -> UInt32? { read(4).map { UInt32(truncatingIfNeeded: $0) } }
    mutating func read64() -> UInt64? { read(8) }
    mutating func readCode() -> FourCC? { read32().map(FourCC.init) }

    /// `count` bytes as they are.
    mutating func read(bytes count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remaining else { return nil }
        defer { index += count }
        return bytes[index..<index + count]
    }

    /// Passes over `count` bytes; `false` where there are fewer.
    @discardableResult
    mutating func skip(_ count: Int) -> Bool { read(bytes: count) != nil }

    private mutating func read(_ count: Int) -> UInt64? {
        guard let field = read(bytes: count) else { return nil }
        return field.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
