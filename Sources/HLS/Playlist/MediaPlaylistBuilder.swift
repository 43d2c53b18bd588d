/// Builds a ``MediaPlaylist`` line by line: the tags of §4.4.3 here, those of segments and metadata in their own
/// readers.
struct MediaPlaylistBuilder {
    private var playlist: MediaPlaylist
    private var common = CommonTags()
    private var segmentTags = SegmentTags()
    private var metadata = MediaMetadataTags()
    private var seen: Set<Tag> = []
    private var declaredTargetDuration: UInt64?
    private var segmentCount = 0

    /// Begins a playlist at this URI.
    init(uri: ResourceURI) { playlist = MediaPlaylist(uri: uri) }

    /// Takes one line.
    mutating func read(
        _ line: PlaylistLineReader.Content,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        switch line {
        case .uri(let bytes):
            try appendSegment(bytes, &context)
        case .tag(let tag, let value):
            guard tag.scope != .multivariant else {
                try context.tolerate(.mixedPlaylistKinds, section: "4.4.6")
                return
            }
            if try segmentTags.read(tag, value, &context) { return }
            if try metadata.read(tag, value, &context) { return }
            if try common.read(tag, value, &context) { return }
            try readPlaylistTag(tag, value, &context)
        }
    }

    private mutating func appendSegment(
        _ bytes: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        segmentCount += 1
        guard UInt64(segmentCount) + (metadata.skip?.count ?? 0) <= UInt64(context.limits.segments) else {
            throw context.error(.limit, "more than \(context.limits.segments) segments")
        }
        let segment = try segmentTags.finishSegment(
            uri: bytes,
            mediaSequenceNumber: try nextMediaSequenceNumber(context),
            &context
        )
        playlist.segments.append(segment)
    }

    /// EXT-X-MEDIA-SEQUENCE, plus what EXT-X-SKIP stands for, plus the segments so far.
    private func nextMediaSequenceNumber(_ context: ParsingContext) throws(PlaylistError) -> UInt64 {
        let before = UInt64(playlist.segments.count) + (metadata.skip?.count ?? 0)
        let (number, overflow) = playlist.mediaSequence.addingReportingOverflow(before)
        guard !overflow else { throw context.error(section: "4.4.3.2", "the Media Sequence Number exceeds 2^64") }
        return number
    }

    private mutating func readPlaylistTag(
        _ tag: Tag,
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        if !seen.insert(tag).inserted { try context.tolerate(.repeatedTag, section: "4.4.3") }
        switch tag {
        case .targetDuration: try readTargetDuration(value, &context)
        case .mediaSequence: try readMediaSequence(value, &context)
        case .discontinuitySequence: try readDiscontinuitySequence(value, &context)
        case .endList: playlist.hasEndList = true
        case .playlistType:
            // An enumerated value in spirit: an unknown one counts for nothing (§6.3.1).
            playlist.playlistType = MediaPlaylist.PlaylistType(rawValue: value.text)
            if playlist.playlistType == nil {
                try context.tolerate(.invalidTagValue, "\(DisplayText.excerpt(value)) is neither VOD nor EVENT")
            }
        case .iFramesOnly:
            context.require(version: 4, for: "EXT-X-I-FRAMES-ONLY")
            playlist.isIFramesOnly = true
        case .partInformation:
            var attributes = try AttributeList(value, &context)
            let written = try attributes.microseconds("PART-TARGET", &context)
            let target = try attributes.require("PART-TARGET", written, &context)
            if !attributes.mustIgnoreTag { playlist.partTargetMicroseconds = target }
        case .serverControl:
            playlist.serverControl = try ServerControl(value, &context)
        default: break
        }
    }

    private mutating func readTargetDuration(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        if let seconds = Numbers.integer(value), seconds >= 1, seconds <= UInt64(context.limits.segmentSeconds) {
            declaredTargetDuration = seconds
            return
        }
        let excerpt = DisplayText.excerpt(value)
        try context.tolerate(.invalidTagValue, "\(excerpt), expected a whole number of seconds, at least 1")
        // A decimal number is clear in meaning: an upper bound, so the next whole second.
        if let microseconds = Numbers.microseconds(value), microseconds > 0,
            microseconds / 1_000_000 < context.limits.segmentSeconds
        {
            declaredTargetDuration = UInt64((microseconds - 1) / 1_000_000 + 1)
        }
    }

    private mutating func readMediaSequence(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        guard let number = Numbers.integer(value) else {
            // It decides implicit IVs: guessing would decrypt to garbage.
            throw context.error("\(DisplayText.excerpt(value)) is no decimal integer below 2^64")
        }
        guard playlist.segments.isEmpty else {
            try context.tolerate(.tagAfterFirstSegment, "the tag must stand before the first segment")
            return
        }
        playlist.mediaSequence = number
    }

    private mutating func readDiscontinuitySequence(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        guard let number = Numbers.integer(value) else {
            try context.tolerate(.invalidTagValue, "\(DisplayText.excerpt(value)) is no decimal integer below 2^64")
            return
        }
        guard playlist.segments.isEmpty else {
            try context.tolerate(.tagAfterFirstSegment, "the tag must stand before the first segment")
            return
        }
        if segmentTags.discontinuityCount > 0 {
            try context.tolerate(.tagAfterFirstSegment, "the tag must stand before any EXT-X-DISCONTINUITY")
        }
        segmentTags.discontinuitySequence = number
        playlist.discontinuitySequence = number
    }

    /// Checks what only the whole shows, and hands the snapshot over.
    mutating func finish(_ context: inout ParsingContext) throws(PlaylistError) -> MediaPlaylist {
        try segmentTags.finish(&context)
        try finishTargetDuration(&context)
        try metadata.finish(&playlist, &context)
        try checkLowLatencyRules(&context)
        playlist.partialSegments = segmentTags.partialSegments
        if let line = segmentTags.firstMapLine {
            context.line = line
            context.require(version: playlist.isIFramesOnly ? 5 : 6, for: "EXT-X-MAP")
        }
        try common.finish(&playlist, &context)
        return playlist
    }

    private mutating func finishTargetDuration(_ context: inout ParsingContext) throws(PlaylistError) {
        let longest = segmentTags.longestMicroseconds
        context.tag = .targetDuration
        if let declaredTargetDuration {
            playlist.targetDuration = declaredTargetDuration
            if UInt64((longest + 500_000) / 1_000_000) > declaredTargetDuration {
                context.line = segmentTags.longestLine
                try context.tolerate(
                    .segmentLongerThanTargetDuration,
                    "a segment lasts more than \(declaredTargetDuration) s"
                )
            }
        } else {
            context.line = 0
            playlist.targetDuration = max(1, UInt64((longest + 500_000) / 1_000_000))
            try context.tolerate(.missingRequiredTag, "the tag is required; taken as \(playlist.targetDuration) s")
        }
        for index in segmentTags.segmentsWithoutDuration {
            playlist.segments[index].durationMicroseconds = Int64(playlist.targetDuration) * 1_000_000
        }
    }

    /// Rules that tie several tags together (§4.4.3.8, §4.4.4.9). They matter to live streams only.
    private func checkLowLatencyRules(_ context: inout ParsingContext) throws(PlaylistError) {
        context.line = 0
        context.tag = .serverControl
        let target = Int64(playlist.targetDuration) * 1_000_000
        let control = playlist.serverControl
        if let boundary = control?.canSkipUntilMicroseconds, boundary / 6 < target {
            try context.tolerate(.lowLatencyRule, "CAN-SKIP-UNTIL must be at least six target durations")
        }
        if control?.canSkipDateRanges == true, control?.canSkipUntilMicroseconds == nil {
            try context.tolerate(.lowLatencyRule, "CAN-SKIP-DATERANGES needs CAN-SKIP-UNTIL")
        }
        if let holdBack = control?.holdBackMicroseconds, holdBack / 3 < target {
            try context.tolerate(.lowLatencyRule, "HOLD-BACK must be at least three target durations")
        }
        guard let partTarget = playlist.partTargetMicroseconds else {
            if !segmentTags.partialSegments.isEmpty {
                context.tag = .partInformation
                try context.tolerate(.missingRequiredTag, "the tag is required with EXT-X-PART")
            }
            return
        }
        if let holdBack = control?.partHoldBackMicroseconds {
            if holdBack / 2 < partTarget {
                try context.tolerate(.lowLatencyRule, "PART-HOLD-BACK must be at least twice PART-TARGET")
            }
        } else {
            try context.tolerate(.lowLatencyRule, "PART-HOLD-BACK is required with EXT-X-PART-INF")
        }
        context.tag = .part
        for part in segmentTags.partialSegments where part.durationMicroseconds > partTarget {
            try context.tolerate(.lowLatencyRule, "a Partial Segment is longer than PART-TARGET")
        }
    }
}

extension ServerControl {
    /// Reads EXT-X-SERVER-CONTROL; `nil` where the tag counts for nothing.
    init?(_ value: ArraySlice<UInt8>, _ context: inout ParsingContext) throws(PlaylistError) {
        var attributes = try AttributeList(value, &context)
        canSkipUntilMicroseconds = try attributes.microseconds("CAN-SKIP-UNTIL", &context)
        canSkipDateRanges = try attributes.flag("CAN-SKIP-DATERANGES", &context) ?? false
        holdBackMicroseconds = try attributes.microseconds("HOLD-BACK", &context)
        partHoldBackMicroseconds = try attributes.microseconds("PART-HOLD-BACK", &context)
        canBlockReload = try attributes.flag("CAN-BLOCK-RELOAD", &context) ?? false
        if attributes.mustIgnoreTag { return nil }
    }
}
