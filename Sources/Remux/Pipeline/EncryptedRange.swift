import HLS

/// Byte ranges of encrypted resources where the playlist counts clear bytes. Pure.
enum EncryptedRange {
    private static let blockBytes: UInt64 = 16

    /// The range and what is missing to whole blocks behind it.
    static func widened(_ range: HLS.ByteRange) -> HLS.ByteRange {
        let rest = range.length % blockBytes
        guard rest > 0 else { return range }
        return HLS.ByteRange(offset: range.offset, length: range.length + (blockBytes - rest)) ?? range
    }

    /// The whole blocks that hold the range, and the one before them; `nil` where there is none before.
    ///
    /// - Returns: the range, and the clear bytes in front of those that are wanted.
    static func chained(_ range: HLS.ByteRange) -> (range: HLS.ByteRange, skippedBytes: Int)? {
        guard range.offset >= blockBytes else { return nil }
        let skipped = range.offset % blockBytes
        let start = range.offset - skipped - blockBytes
        let (length, overflows) = range.length.addingReportingOverflow(skipped + blockBytes)
        guard !overflows, let inner = HLS.ByteRange(offset: start, length: length) else { return nil }
        return (widened(inner), Int(skipped))
    }
}
