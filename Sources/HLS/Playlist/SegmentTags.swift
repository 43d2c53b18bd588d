/// State of the Media Segment tags (RFC 8216bis §4.4.4): what waits for the next URI line, and what stays in force.
struct SegmentTags {
    // In force from their tag on.
    private var keys: [SegmentKey] = []
    private var initializationSection: MediaInitializationSection?
    private var bitrateKbps: UInt64?
    private var distinctKeys: Set<SegmentKey> = []
    private var ranges = ByteRangeChain()

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
    /// EXT-X-PART.
    private var parts = PartialSegmentTags()
    /// Longest EXTINF and the line it stands on.
    private(set) var longestMicroseconds: Int64 = 0
    /// Line of the longest EXTINF.
    private(set) var longestLine = 0
    /// Positions of segments that had no EXTINF.
    private(set) var segmentsWithoutDuration: [Int] = []
    /// Line of the first EXT-X-MAP.
    private(set) var firstMapLine: Int?
    private var nextMediaSequenceNumber: UInt64 = 0

    /// Partial Segments so far.
    var partialSegments: [PartialSegment] { parts.segments }

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
            try parts.checkParentTag(&context)
            pending.hasDiscontinuity = true
            pending.lastLine = context.line
            discontinuityCount += 1
        case .key:
            try parts.checkParentTag(&context)
            try readKey(value, &context)
        case .map:
            try parts.checkParentTag(&context)
            try readMap(value, &context)
        case .programDateTime:
            try parts.checkParentTag(&context)
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
        case .part: try parts.read(value, &context)
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
        parts.close(mediaSequenceNumber: mediaSequenceNumber)
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
        let hadOpenParts = parts.hasOpenParts
        parts.close(mediaSequenceNumber: nextMediaSequenceNumber)
        if pending.duration != nil {
            context.line = pending.durationLine
            context.tag = .segmentDuration
            try context.tolerate(.missingURI, "the segment's URI line is missing")
        } else if !pending.isEmpty, !hadOpenParts {
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

    /// The range of the segment that a URI line closes; an error names the line of its tag.
    private mutating func resolveByteRange(
        uri: String,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> ByteRange? {
        guard let written = pending.byteRange else {
            ranges.skip()
            return nil
        }
        let uriLine = context.line
        context.line = pending.byteRangeLine
        context.tag = .byteRange
        let range = try ranges.resolve(written, uri: uri, &context)
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
}
