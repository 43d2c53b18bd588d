/// One loaded state of a Media Playlist. A reload yields another one; nothing in it changes.
package struct MediaPlaylist: Sendable {
    /// EXT-X-PLAYLIST-TYPE.
    package enum PlaylistType: String, Sendable {
        /// Never changes.
        case vod = "VOD"
        /// Only grows at its end.
        case event = "EVENT"
    }

    /// URI after redirects; everything in the playlist is relative to it.
    package let uri: ResourceURI
    /// EXT-X-VERSION, 1 where missing.
    package internal(set) var version: UInt64 = 1
    /// Leniencies that were needed.
    package internal(set) var warnings: [PlaylistWarning] = []

    /// EXT-X-TARGETDURATION in seconds, at least 1; derived from the longest segment where missing.
    package internal(set) var targetDuration: UInt64 = 1
    /// EXT-X-MEDIA-SEQUENCE, 0 where missing.
    package internal(set) var mediaSequence: UInt64 = 0
    /// EXT-X-DISCONTINUITY-SEQUENCE, 0 where missing.
    package internal(set) var discontinuitySequence: UInt64 = 0
    /// EXT-X-PLAYLIST-TYPE.
    package internal(set) var playlistType: PlaylistType?
    /// EXT-X-ENDLIST: no more segments will come.
    package internal(set) var hasEndList = false
    /// EXT-X-I-FRAMES-ONLY.
    package internal(set) var isIFramesOnly = false
    /// EXT-X-INDEPENDENT-SEGMENTS: a hint, to be verified.
    package internal(set) var hasIndependentSegments = false
    /// EXT-X-START: a hint for players; never cuts a VOD.
    package internal(set) var start: StartPoint?
    /// EXT-X-SERVER-CONTROL.
    package internal(set) var serverControl: ServerControl?
    /// PART-TARGET of EXT-X-PART-INF.
    package internal(set) var partTargetMicroseconds: Int64?
    /// Segments in playlist order.
    package internal(set) var segments: [MediaSegment] = []
    /// Partial Segments in playlist order.
    package internal(set) var partialSegments: [PartialSegment] = []
    /// EXT-X-SKIP: this is a Playlist Delta Update (§6.2.5.1).
    package internal(set) var skip: SkippedSegments?
    /// Date Ranges, merged by ID, in order of first appearance.
    package internal(set) var dateRanges: [DateRange] = []
    /// The first EXT-X-PRELOAD-HINT of each TYPE.
    package internal(set) var preloadHints: [PreloadHint] = []
    /// EXT-X-RENDITION-REPORT tags.
    package internal(set) var renditionReports: [RenditionReport] = []
    /// Variables defined by EXT-X-DEFINE.
    package internal(set) var variables: [String: String] = [:]

    /// An empty playlist, to be filled by its builder.
    init(uri: ResourceURI) { self.uri = uri }

    /// Whether no reload can bring more: EXT-X-ENDLIST or type VOD.
    package var isComplete: Bool { hasEndList || playlistType == .vod }

    /// Sum of all segment durations, saturating.
    package var durationMicroseconds: Int64 {
        segments.reduce(into: 0) { sum, segment in
            let (next, overflow) = sum.addingReportingOverflow(segment.durationMicroseconds)
            sum = overflow ? .max : next
        }
    }
}

/// EXT-X-START (RFC 8216bis §4.4.2.2).
package struct StartPoint: Sendable, Equatable {
    /// TIME-OFFSET; negative: from the end.
    package let timeOffsetMicroseconds: Int64
    /// PRECISE=YES.
    package let isPrecise: Bool
}

/// EXT-X-SERVER-CONTROL (RFC 8216bis §4.4.3.8).
package struct ServerControl: Sendable, Equatable {
    /// CAN-SKIP-UNTIL, the Skip Boundary.
    package let canSkipUntilMicroseconds: Int64?
    /// CAN-SKIP-DATERANGES=YES.
    package let canSkipDateRanges: Bool
    /// HOLD-BACK; three target durations where missing.
    package let holdBackMicroseconds: Int64?
    /// PART-HOLD-BACK.
    package let partHoldBackMicroseconds: Int64?
    /// CAN-BLOCK-RELOAD=YES.
    package let canBlockReload: Bool
}

/// EXT-X-SKIP (RFC 8216bis §4.4.5.2).
package struct SkippedSegments: Sendable, Equatable {
    /// SKIPPED-SEGMENTS.
    package let count: UInt64
    /// RECENTLY-REMOVED-DATERANGES.
    package let removedDateRangeIDs: [String]
}

/// EXT-X-PRELOAD-HINT (RFC 8216bis §4.4.5.3).
package struct PreloadHint: Sendable, Equatable {
    /// TYPE.
    package enum ResourceType: String, Sendable {
        case part = "PART"
        case map = "MAP"
    }
    /// TYPE.
    package let type: ResourceType
    /// URI as written, after variable substitution.
    package let uri: String
    /// BYTERANGE-START, 0 where missing.
    package let offset: UInt64
    /// BYTERANGE-LENGTH; `nil`: to the end of the resource.
    package let length: UInt64?
}

/// EXT-X-RENDITION-REPORT (RFC 8216bis §4.4.5.4). Every attribute may be left out by the server.
package struct RenditionReport: Sendable, Equatable {
    /// URI as written, after variable substitution.
    package let uri: String?
    /// LAST-MSN.
    package let lastMediaSequenceNumber: UInt64?
    /// LAST-PART.
    package let lastPartIndex: UInt64?
}
