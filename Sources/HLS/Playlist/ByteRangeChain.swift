/// Makes the offsets of byte ranges explicit (RFC 8216bis §4.4.4.2): a range without one continues the previous
/// segment's range of the same resource.
struct ByteRangeChain {
    /// End of the last range of each resource that has one.
    private var ends: [String: UInt64] = [:]
    private var lastURI: String?

    /// A segment without a range stands between.
    mutating func skip() { lastURI = nil }

    /// The range as `offset ..< end`. That an earlier segment, not the previous one, is continued is a leniency.
    mutating func resolve(
        _ written: WrittenByteRange,
        uri: String,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> ByteRange {
        let offset: UInt64
        if let explicit = written.offset {
            offset = explicit
        } else {
            guard let end = ends[uri] else {
                throw context.error("without an offset, a segment before it must be a range of the same resource")
            }
            if lastURI != uri { try context.tolerate(.byteRangeOfOtherResource) }
            offset = end
        }
        guard let range = ByteRange(offset: offset, length: written.length) else {
            throw context.error("the byte range is empty or ends beyond 2^63")
        }
        ends[uri] = range.end
        lastURI = uri
        return range
    }
}
