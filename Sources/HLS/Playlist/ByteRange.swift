/// A sub-range of a resource, `offset ..< end` in bytes (RFC 8216bis §4.4.4.2).
package struct ByteRange: Hashable, Sendable {
    /// First byte.
    package let offset: UInt64
    /// Number of bytes, at least 1.
    package let length: UInt64

    /// The byte after the last one. Cannot overflow: `init` has checked it.
    package var end: UInt64 { offset + length }

    /// `nil` where the range is empty or its end does not fit 63 bits, the range of file offsets.
    package init?(offset: UInt64, length: UInt64) {
        let (end, overflow) = offset.addingReportingOverflow(length)
        guard length > 0, !overflow, end <= UInt64(Int64.max) else { return nil }
        self.offset = offset
        self.length = length
    }
}

/// `<n>[@<o>]` as written: the offset may be missing.
struct WrittenByteRange: Equatable {
    /// `<n>`.
    var length: UInt64
    /// `<o>`.
    var offset: UInt64?

    /// `nil` where it is not of that form.
    init?(_ bytes: ArraySlice<UInt8>) {
        let at = bytes.firstIndex(of: ASCII.at)
        guard let length = Numbers.integer(bytes[..<(at ?? bytes.endIndex)].trimmingBlanks) else { return nil }
        self.length = length
        guard let at else { return }
        guard let offset = Numbers.integer(bytes[(at + 1)...].trimmingBlanks) else { return nil }
        self.offset = offset
    }
}
