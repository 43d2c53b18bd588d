/// State of the Media Segment tags (RFC 8216bis §4.4.4): what waits for the next URI line, and what stays in force.
struct SegmentTags {
    // In force from their tag on.
    private var keys: [SegmentKey] = []
    private var initializationSection: MediaInitializationSection?
    private var bitrateKbps: UInt64?
    private var distinctKeys: Set<SegmentKey> = []
    /// End of the last byte range of each resource that has one.
    private var rangeEnds: [String: UInt64] = [:]
    private var lastRangeURI: String?

    /// For the next URI line only.
    private struct Pending {
        /// Line of the last of them.
        var lastLine = 0
        var duration: Int64?
        var durationLine = 0
        var title: String?
        var byteRange: WrittenByteRange?
        var byteRangeLine = 0
        var hasDiscontinuity = false
        var isGap = false
        var programDateTime: ProgramDateTime?
        var partCount = 0
        var partRangeEnd: (uri: String, end: UInt64)?
        var isEmpty: Bool {
            duration == nil && byteRange == nil && !hasDiscontinuity && !isGap && programDateTime == nil
        }
    }
    private var pending = Pending()
    private var segmentCount = 0

    /// EXT-X-DISCONTINUITY-SEQUENCE.
    var discontinuitySequence: UInt64 = 0
    /// EXT-X-DISCONTINUITY tags so far.
    private(set) var discontinuityCount: UInt64 = 0
    /// Partial Segments so far; their Media Sequence Numbers are filled in when the parent's is known.
    private(set) var partialSegments: [PartialSegment] = []
    private var firstOpenPart = 0
    /// Longest EXTINF and the line it stands on.
    private(set) var longestMicroseconds: Int64 = 0
    private(set) var longestLine = 0
    /// Positions of segments that had no EXTINF.
    private(set) var segmentsWithoutDuration: [Int] = []
    /// Line of the first EXT-X-MAP.
    private(set) var firstMapLine: Int?
    private var nextMediaSequenceNumber: UInt64 = 0

    /// Reads the tag; `false` where it is none of these.
    mutating func read(
        _ tag: Tag,
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Bool {
        switch tag {
        case .segmentDuration: try readDuration(value, &context)
        case .byteRange: try readByteRange(value, &context)
        case .discontinuity:
            try checkBeforeParts(&context)
            pending.hasDiscontinuity = true
            pending.lastLine = context.line
            discontinuityCount += 1
        case .key:
            try checkBeforeParts(&context)
            try readKey(value, &context)
        case .map:
            try checkBeforeParts(&context)
            try readMap(value, &context)
        case .programDateTime:
            try checkBeforeParts(&context)
            try readDate(value, &context)
        case .gap:
            // A version is not required: clients that do not know the tag just fail to load the segment.
            pending.isGap = true
            pending.lastLine = context.line
        case .bitrate:
            bitrateKbps = Numbers.integer(value)
            if bitrateKbps == nil {
                try context.tolerate(.invalidTagValue, "\(DisplayText.excerpt(value)) is no number of kbit/s")
            }
        case .part: try readPart(value, &context)
        default: return false
        }
        return true
    }

    /// Closes a segment at its URI line.
    mutating func finishSegment(
        uri bytes: ArraySlice<UInt8>,
        mediaSequenceNumber: UInt64,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> MediaSegment {
        let uri = try context.substituting(bytes)
        try context.checkResolves(uri)
        if pending.duration == nil {
            guard !pending.isGap else {
                throw context.error(section: "4.4.4.1", "a gap needs its duration: EXTINF is required")
            }
            try context.tolerate(.missingSegmentDuration, section: "4.4.4.1")
            segmentsWithoutDuration.append(segmentCount)
        }
        let range = try resolveByteRange(uri: uri, &context)
        let (sequence, overflow) = discontinuitySequence.addingReportingOverflow(discontinuityCount)
        guard !overflow else { throw context.error(section: "4.4.3.3", "the Discontinuity Sequence exceeds 2^64") }
        closeParts(mediaSequenceNumber: mediaSequenceNumber)
        let segment = MediaSegment(
            uri: uri,
            durationMicroseconds: pending.duration ?? 0,
            title: pending.title,
            byteRange: range,
            mediaSequenceNumber: mediaSequenceNumber,
            discontinuitySequence: sequence,
            hasDiscontinuity: pending.hasDiscontinuity,
            isGap: pending.isGap,
            programDateTime: pending.programDateTime,
            keys: keys,
            initializationSection: initializationSection,
            bitrateKbps: range == nil ? bitrateKbps : nil,
            line: context.line
        )
        segmentCount += 1
        nextMediaSequenceNumber = mediaSequenceNumber.addingReportingOverflow(1).partialValue
        pending = Pending()
        return segment
    }

    /// What is left at the end of the playlist belongs to no segment.
    mutating func finish(_ context: inout ParsingContext) throws(PlaylistError) {
        closeParts(mediaSequenceNumber: nextMediaSequenceNumber)
        if pending.duration != nil {
            context.line = pending.durationLine
            context.tag = .segmentDuration
            try context.tolerate(.missingURI, "the segment's URI line is missing")
        } else if !pending.isEmpty, pending.partCount == 0 {
            // With Partial Segments they belong to the Parent Segment that is still being made.
            context.line = pending.lastLine
            context.tag = nil
            try context.tolerate(.segmentTagsWithoutSegment, section: "4.4.4")
        }
    }

    // MARK: - Tags of one segment

    /// `#EXTINF:<duration>,[<title>]`
    private mutating func readDuration(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        if pending.duration != nil { try context.tolerate(.missingURI, "the segment before has no URI line") }
        let comma = value.firstIndex(of: ASCII.comma)
        var number = value[..<(comma ?? value.endIndex)].trimmingBlanks
        if let end = number.firstIndex(where: { !ASCII.isDigit($0) && $0 != ASCII.period && $0 != ASCII.minus }) {
            try context.tolerate(.invalidTagValue, "text between the duration and the comma")
            number = number[..<end]
        }
        if comma == nil { try context.tolerate(.missingComma) }
        pending.durationLine = context.line
        pending.title = nil
        if let comma {
            let title = value[(comma + 1)...].trimmingBlanks
            if !title.isEmpty { pending.title = title.text }
        }
        if number.equals("-1") {
            // M3U's way to say that the length is not known.
            try context.tolerate(.unknownSegmentDuration)
            pending.duration = 0
            return
        }
        guard let duration = Numbers.microseconds(number) else {
            throw context.error("\(DisplayText.excerpt(value)) does not start with a duration in seconds, 0 or more")
        }
        guard duration <= context.limits.segmentSeconds * 1_000_000 else {
            throw context.error(.limit, "a segment longer than \(context.limits.segmentSeconds) s")
        }
        if number.contains(ASCII.period) { context.require(version: 3, for: "a decimal EXTINF") }
        pending.duration = duration
        if duration > longestMicroseconds {
            longestMicroseconds = duration
            longestLine = context.line
        }
    }

    private mutating func readByteRange(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        context.require(version: 4, for: "EXT-X-BYTERANGE")
        guard let range = WrittenByteRange(value) else {
            throw context.error("\(DisplayText.excerpt(value)), expected LENGTH or LENGTH@OFFSET in bytes")
        }
        pending.byteRange = range
        pending.byteRangeLine = context.line
        pending.lastLine = context.line
    }

    /// Makes the offset explicit (§4.4.4.2): it continues the previous segment's range of the same resource.
    private mutating func resolveByteRange(
        uri: String,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> ByteRange? {
        guard let written = pending.byteRange else {
            lastRangeURI = nil
            return nil
        }
        let uriLine = context.line
        context.line = pending.byteRangeLine
        context.tag = .byteRange
        let offset: UInt64
        if let explicit = written.offset {
            offset = explicit
        } else {
            guard let end = rangeEnds[uri] else {
                throw context.error("without an offset, a segment before it must be a range of the same resource")
            }
            if lastRangeURI != uri { try context.tolerate(.byteRangeOfOtherResource) }
            offset = end
        }
        guard let range = ByteRange(offset: offset, length: written.length) else {
            throw context.error("the byte range is empty or ends beyond 2^63")
        }
        rangeEnds[uri] = range.end
        lastRangeURI = uri
        context.line = uriLine
        context.tag = nil
        return range
    }

    private mutating func readDate(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        let text = value.prefix(64).text
        guard let date = CalendarDate(text) else {
            try context.tolerate(
                .invalidTagValue,
                "\(DisplayText.excerpt(value)) is no ISO 8601 date and time"
            )
            return
        }
        pending.lastLine = context.line
        pending.programDateTime = ProgramDateTime(date: date, text: text)
    }

    // MARK: - Tags that stay in force

    /// The tag takes the place of the one with the same KEYFORMAT; METHOD=NONE ends all (§4.4.4.4).
    private mutating func readKey(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        let attributes = try AttributeList(value, &context)
        guard !attributes.mustIgnoreTag else { return }
        guard let key = try SegmentKey(attributes, &context) else {
            if attributes.count > 1 {
                try context.tolerate(.conflictingAttributes, "METHOD=NONE must stand alone")
            }
            keys = []
            return
        }
        if distinctKeys.insert(key).inserted, distinctKeys.count > context.limits.keys {
            throw context.error(.limit, "more than \(context.limits.keys) different keys")
        }
        keys.removeAll { $0.keyFormat == key.keyFormat }
        guard keys.count < context.limits.keyFormats else {
            throw context.error(.limit, "more than \(context.limits.keyFormats) KEYFORMATs at a time")
        }
        keys.append(key)
    }

    private mutating func readMap(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        firstMapLine = firstMapLine ?? context.line
        var attributes = try AttributeList(value, &context)
        let written = try attributes.string("URI", &context)
        guard let uri = try attributes.require("URI", written, &context), !attributes.mustIgnoreTag else {
            // What it replaces is no longer in force either.
            initializationSection = nil
            return
        }
        var range: ByteRange?
        if let text = try attributes.string("BYTERANGE", &context) {
            guard let written = WrittenByteRange(Array(text.utf8)[...]) else {
                throw context.error("BYTERANGE must be LENGTH@OFFSET in bytes")
            }
            if written.offset == nil {
                try context.tolerate(.invalidAttributeValue, "BYTERANGE without offset is taken from the start")
            }
            range = ByteRange(offset: written.offset ?? 0, length: written.length)
            guard range != nil else { throw context.error("the byte range is empty or ends beyond 2^63") }
        }
        let identityKey = keys.first { $0.isIdentity }
        if let identityKey, identityKey.method == .aes128, identityKey.initializationVector == nil {
            try context.tolerate(.initializationSectionWithoutIV)
        }
        initializationSection = MediaInitializationSection(
            uri: uri,
            resolvedURI: try context.resolving(uri),
            byteRange: range,
            keys: keys,
            line: context.line
        )
    }

    // MARK: - Partial Segments

    /// §4.4.4.9: what applies to the Parent Segment stands before its first EXT-X-PART.
    private func checkBeforeParts(_ context: inout ParsingContext) throws(PlaylistError) {
        if pending.partCount > 0 {
            try context.tolerate(
                .lowLatencyRule,
                section: Tag.part.section,
                "the tag must stand before the segment's first EXT-X-PART"
            )
        }
    }

    private mutating func readPart(
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
        guard partialSegments.count < context.limits.segments else {
            throw context.error(.limit, "more than \(context.limits.segments) Partial Segments")
        }
        try context.checkResolves(uri)
        var range: ByteRange?
        if let rangeText {
            guard let written = WrittenByteRange(Array(rangeText.utf8)[...]) else {
                throw context.error("BYTERANGE must be LENGTH or LENGTH@OFFSET in bytes")
            }
            let implicit = pending.partRangeEnd.flatMap { $0.uri == uri ? $0.end : nil }
            guard let offset = written.offset ?? implicit else {
                throw context.error("without an offset, a part before it must be a range of the same resource")
            }
            range = ByteRange(offset: offset, length: written.length)
            guard let range else { throw context.error("the byte range is empty or ends beyond 2^63") }
            pending.partRangeEnd = (uri, range.end)
        }
        partialSegments.append(
            PartialSegment(
                uri: uri,
                durationMicroseconds: duration,
                byteRange: range,
                isIndependent: isIndependent,
                isGap: isGap,
                mediaSequenceNumber: 0,
                partIndex: pending.partCount
            )
        )
        pending.partCount += 1
    }

    private mutating func closeParts(mediaSequenceNumber: UInt64) {
        for index in firstOpenPart..<partialSegments.count {
            partialSegments[index].mediaSequenceNumber = mediaSequenceNumber
        }
        firstOpenPart = partialSegments.count
    }
}
