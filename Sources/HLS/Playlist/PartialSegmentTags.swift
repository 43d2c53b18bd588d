/// State of EXT-X-PART (RFC 8216bis §4.4.4.9).
struct PartialSegmentTags {
    /// Partial Segments so far; their Media Sequence Numbers are filled in when the parent's is known.
    private(set) var segments: [PartialSegment] = []
    private var firstOpen = 0
    private var partCount = 0
    private var rangeEnd: (uri: String, end: UInt64)?

    /// Parts whose Parent Segment is still to come.
    var hasOpenParts: Bool { partCount > 0 }

    /// What applies to the Parent Segment stands before its first EXT-X-PART.
    func checkParentTag(_ context: inout ParsingContext) throws(PlaylistError) {
        if partCount > 0 {
            try context.tolerate(
                .lowLatencyRule,
                section: Tag.part.section,
                "the tag must stand before the segment's first EXT-X-PART"
            )
        }
    }

    /// Reads EXT-X-PART.
    mutating func read(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        var attributes = try AttributeList(value, &context)
        let writtenURI = try attributes.string("URI", &context)
        let writtenDuration = try attributes.microseconds("DURATION", &context)
        let isIndependent = try attributes.flag("INDEPENDENT", &context) ?? false
        let isGap = try attributes.flag("GAP", &context) ?? false
        let rangeText = try attributes.string("BYTERANGE", &context)
        guard let uri = try attributes.require("URI", writtenURI, &context),
            let duration = try attributes.require("DURATION", writtenDuration, &context),
            !attributes.mustIgnoreTag
        else { return }
        guard segments.count < context.limits.segments else {
            throw context.error(.limit, "more than \(context.limits.segments) Partial Segments")
        }
        try context.checkResolves(uri)
        var range: ByteRange?
        if let rangeText {
            guard let written = WrittenByteRange(Array(rangeText.utf8)[...]) else {
                throw context.error("BYTERANGE must be LENGTH or LENGTH@OFFSET in bytes")
            }
            let implicit = rangeEnd.flatMap { $0.uri == uri ? $0.end : nil }
            guard let offset = written.offset ?? implicit else {
                throw context.error("without an offset, a part before it must be a range of the same resource")
            }
            range = ByteRange(offset: offset, length: written.length)
            guard let range else { throw context.error("the byte range is empty or ends beyond 2^63") }
            rangeEnd = (uri, range.end)
        }
        segments.append(
            PartialSegment(
                uri: uri,
                durationMicroseconds: duration,
                byteRange: range,
                isIndependent: isIndependent,
                isGap: isGap,
                mediaSequenceNumber: 0,
                partIndex: partCount
            )
        )
        partCount += 1
    }

    /// The Parent Segment is there: its parts get its number.
    mutating func close(mediaSequenceNumber: UInt64) {
        for index in firstOpen..<segments.count {
            segments[index].mediaSequenceNumber = mediaSequenceNumber
        }
        firstOpen = segments.count
        partCount = 0
        rangeEnd = nil
    }
}
