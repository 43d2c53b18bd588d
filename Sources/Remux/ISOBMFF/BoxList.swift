/// The boxes that stand one after the other in a stretch of bytes (ISO/IEC 14496-12 §4.2), without looking into them.
///
/// Ends at the first box whose size contradicts what is there; ``isDamaged`` tells. Pure.
struct BoxList: Sequence, IteratorProtocol {
    struct Entry {
        var type: FourCC
        /// Behind the header.
        var payload: ArraySlice<UInt8>
        /// The header included.
        var whole: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>
    /// A size did not fit.
    private(set) var isDamaged = false

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> Entry? {
        guard !rest.isEmpty else { return nil }
        guard let header = BoxHeader(rest), let size = Int(exactly: header.size ?? UInt64(rest.count)),
            size >= header.byteCount, size <= rest.count
        else {
            // Some writers end a container with four zero bytes.
            isDamaged = !(rest.count == 4 && rest.allSatisfy { $0 == 0 })
            rest = []
            return nil
        }
        let whole = rest.prefix(size)
        rest = rest.dropFirst(size)
        return Entry(type: header.type, payload: whole.dropFirst(header.byteCount), whole: whole)
    }

    /// The first box of this type.
    static func first(_ type: FourCC, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        for entry in BoxList(bytes) where entry.type == type { return entry.payload }
        return nil
    }

    /// The payload of the first box along a path of types.
    static func first(path: FourCC..., in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        path.reduce(bytes as ArraySlice<UInt8>?) { found, type in found.flatMap { first(type, in: $0) } }
    }
}

/// The header of a box (ISO/IEC 14496-12 §4.2.2).
struct BoxHeader: Equatable, Sendable {
    var type: FourCC
    /// Bytes of the whole box; `nil`: it extends to the end of the resource.
    var size: UInt64?
    /// Bytes of the header itself: 8, or 16 with a 64-bit size.
    var byteCount: Int

    /// The longest header.
    static let maximumByteCount = 16

    /// Reads the header at the start of `bytes`; `nil` where there are too few, or the size is smaller than the header.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard let size = reader.read32(), let type = reader.readCode() else { return nil }
        self.type = type
        switch size {
        case 0:
            self.size = nil
            byteCount = 8
        case 1:
            guard let large = reader.read64(), large >= 16 else { return nil }
            self.size = large
            byteCount = 16
        default:
            guard size >= 8 else { return nil }
            self.size = UInt64(size)
            byteCount = 8
        }
    }
}
