/// Readers of the Media Metadata tags (RFC 8216bis §4.4.5).
struct MediaMetadataTags {
    /// EXT-X-SKIP.
    private(set) var skip: SkippedSegments?
    private var dateRanges: [DateRange] = []
    private var dateRangeIndex: [String: Int] = [:]
    private var dateRangeLines: [Int] = []
    private var dateRangeTagCount = 0
    private var preloadHints: [PreloadHint] = []
    private var renditionReports: [RenditionReport] = []

    /// Reads the tag; `false` where it is none of these.
    mutating func read(
        _ tag: Tag,
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Bool {
        switch tag {
        case .dateRange: try readDateRange(value, &context)
        case .skip: try readSkip(value, &context)
        case .preloadHint: try readPreloadHint(value, &context)
        case .renditionReport: try readRenditionReport(value, &context)
        default: return false
        }
        return true
    }

    /// Checks each merged Date Range (illegal ones count for nothing, §4.4.5.1) and hands everything over.
    func finish(_ playlist: inout MediaPlaylist, _ context: inout ParsingContext) throws(PlaylistError) {
        context.tag = .dateRange
        for (range, line) in zip(dateRanges, dateRangeLines) {
            context.line = line
            if let rule = range.brokenRule {
                try context.tolerate(.invalidDateRange, rule)
            } else {
                playlist.dateRanges.append(range)
            }
        }
        if let line = dateRangeLines.first, skip == nil,
            !playlist.segments.contains(where: { $0.programDateTime != nil })
        {
            context.line = line
            try context.tolerate(.missingRequiredTag, "EXT-X-PROGRAM-DATE-TIME is required with EXT-X-DATERANGE")
        }
        if !preloadHints.isEmpty, playlist.hasEndList {
            context.line = 0
            context.tag = .preloadHint
            try context.tolerate(.misplacedTag, "the tag must not stand beside EXT-X-ENDLIST")
        }
        playlist.skip = skip
        playlist.preloadHints = preloadHints
        playlist.renditionReports = renditionReports
    }

    private mutating func readDateRange(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        dateRangeTagCount += 1
        guard dateRangeTagCount <= context.limits.dateRanges else {
            throw context.error(.limit, "more than \(context.limits.dateRanges) Date Ranges")
        }
        var attributes = try AttributeList(value, &context)
        let written = try attributes.string("ID", &context)
        guard let id = try attributes.require("ID", written, &context) else { return }
        var range = DateRange(id: id)
        range.className = try attributes.string("CLASS", &context)
        range.startDate = try date("START-DATE", in: attributes, &context)
        range.endDate = try date("END-DATE", in: attributes, &context)
        range.durationMicroseconds = try attributes.microseconds("DURATION", &context)
        range.plannedDurationMicroseconds = try attributes.microseconds("PLANNED-DURATION", &context)
        if let cue = try attributes.string("CUE", &context) {
            range.cues = cue.split(separator: ",").map(String.init).filter { ["PRE", "POST", "ONCE"].contains($0) }
        }
        if let text = try attributes.enumeration("END-ON-NEXT", &context) {
            guard text == "YES" else { return }
            range.endsOnNext = true
        }
        for pair in attributes.pairs where pair.name.hasPrefix("X-") || pair.name.hasPrefix("SCTE35-") {
            range.attributes[pair.name] = try context.substituting(pair.value)
        }
        guard !attributes.mustIgnoreTag else { return }
        if let index = dateRangeIndex[id] {
            if dateRanges[index].contradicts(range) {
                try context.tolerate(.invalidDateRange, "an attribute differs from that of the first tag with this ID")
            }
            dateRanges[index].merge(range)
        } else {
            dateRangeIndex[id] = dateRanges.count
            dateRanges.append(range)
            dateRangeLines.append(context.line)
        }
    }

    private func date(
        _ name: StaticString,
        in attributes: AttributeList,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> ProgramDateTime? {
        guard let text = try attributes.string(name, &context) else { return nil }
        guard let date = CalendarDate(text) else {
            try context.tolerate(.invalidAttributeValue, "\(name) is no ISO 8601 date and time")
            return nil
        }
        return ProgramDateTime(date: date, text: text)
    }

    private mutating func readSkip(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        context.require(version: 9, for: "EXT-X-SKIP")
        if skip != nil { try context.tolerate(.repeatedTag) }
        var attributes = try AttributeList(value, &context)
        let written = try attributes.integer("SKIPPED-SEGMENTS", &context)
        let removed = try attributes.string("RECENTLY-REMOVED-DATERANGES", allowsEmpty: true, &context)
        if removed != nil { context.require(version: 10, for: "RECENTLY-REMOVED-DATERANGES") }
        let count = try attributes.require("SKIPPED-SEGMENTS", written, &context)
        guard let count, !attributes.mustIgnoreTag else {
            // Whatever it stands for is missing all the same.
            skip = SkippedSegments(count: 0, removedDateRangeIDs: [])
            return
        }
        guard count <= UInt64(context.limits.segments) else {
            throw context.error(.limit, "more than \(context.limits.segments) segments")
        }
        let ids = (removed ?? "").split(separator: "\t").map(String.init)
        skip = SkippedSegments(count: count, removedDateRangeIDs: ids)
    }

    /// An unknown TYPE makes the tag count for nothing; only the first of a TYPE counts (§6.3.8).
    private mutating func readPreloadHint(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        var attributes = try AttributeList(value, &context)
        let writtenType = try attributes.enumeration("TYPE", as: PreloadHint.ResourceType.self, &context)
        let writtenURI = try attributes.string("URI", &context)
        let offset = try attributes.integer("BYTERANGE-START", &context) ?? 0
        let length = try attributes.integer("BYTERANGE-LENGTH", &context)
        guard let type = try attributes.require("TYPE", writtenType, &context),
            let uri = try attributes.require("URI", writtenURI, &context),
            !attributes.mustIgnoreTag, !preloadHints.contains(where: { $0.type == type })
        else { return }
        preloadHints.append(PreloadHint(type: type, uri: uri, offset: offset, length: length))
    }

    private mutating func readRenditionReport(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        guard renditionReports.count < context.limits.streams else {
            throw context.error(.limit, "more than \(context.limits.streams) Rendition Reports")
        }
        let attributes = try AttributeList(value, &context)
        let report = RenditionReport(
            uri: try attributes.string("URI", &context),
            lastMediaSequenceNumber: try attributes.integer("LAST-MSN", &context),
            lastPartIndex: try attributes.integer("LAST-PART", &context)
        )
        if !attributes.mustIgnoreTag { renditionReports.append(report) }
    }
}
