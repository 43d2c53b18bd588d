import HLS

extension StreamListing {
    /// A Media Playlist (RFC 8216bis §4.4.3).
    public struct Media: Sendable {
        let playlist: MediaPlaylist

        /// EXT-X-TARGETDURATION in seconds.
        public var targetDurationSeconds: UInt64 { playlist.targetDuration }
        /// EXT-X-MEDIA-SEQUENCE: the first segment's Media Sequence Number.
        public var mediaSequence: UInt64 { playlist.mediaSequence }
        /// EXT-X-DISCONTINUITY-SEQUENCE.
        public var discontinuitySequence: UInt64 { playlist.discontinuitySequence }
        /// EXT-X-PLAYLIST-TYPE: `VOD` or `EVENT`.
        public var playlistType: String? { playlist.playlistType?.rawValue }
        /// EXT-X-ENDLIST.
        public var hasEndList: Bool { playlist.hasEndList }
        /// No reload can bring more; else it is live.
        public var isComplete: Bool { playlist.isComplete }
        /// EXT-X-I-FRAMES-ONLY.
        public var isIFramesOnly: Bool { playlist.isIFramesOnly }
        /// PART-TARGET of EXT-X-PART-INF: low-latency.
        public var partTargetMicroseconds: Int64? { playlist.partTargetMicroseconds }
        /// EXT-X-PART tags.
        public var partialSegmentCount: Int { playlist.partialSegments.count }
        /// Media Segments that EXT-X-SKIP stands for.
        public var skippedSegmentCount: UInt64 { playlist.skip?.count ?? 0 }
        /// Sum of the segments' durations.
        public var durationMicroseconds: Int64 { playlist.durationMicroseconds }
        /// In playlist order.
        public var segments: Segments { Segments(playlist: playlist.segments) }
        /// In order of first appearance.
        public var dateRanges: [DateRange] { playlist.dateRanges.map { DateRange(range: $0) } }

        /// When the presentation begins and ends by EXT-X-PROGRAM-DATE-TIME, in UTC; `nil` where there is none.
        public var dates: (start: String, end: String)? {
            var schedule = SegmentSchedule()
            _ = try? schedule.ingest(playlist)
            var bounds: (start: CalendarDate, end: CalendarDate)?
            while let order = schedule.next() {
                guard let date = order.date else { return nil }
                let end = date.millisecondsSince1970 + order.durationMicroseconds / 1000
                bounds = (bounds?.start ?? date, CalendarDate(millisecondsSince1970: end))
            }
            return bounds.map { ("\($0.start)", "\($0.end)") }
        }
    }

    /// The Media Segments of a playlist, made when they are asked for: there may be a million.
    public struct Segments: RandomAccessCollection, Sendable {
        let playlist: [MediaSegment]

        public var startIndex: Int { 0 }
        public var endIndex: Int { playlist.count }
        public subscript(position: Int) -> Segment { Segment(segment: playlist[position]) }
    }

    /// A Media Segment (RFC 8216bis §4.4.4).
    public struct Segment: Sendable {
        let segment: MediaSegment

        /// As written, after variable substitution.
        public var uri: String { segment.uri }
        /// EXTINF.
        public var durationMicroseconds: Int64 { segment.durationMicroseconds }
        /// The title of EXTINF.
        public var title: String? { segment.title }
        /// EXT-X-BYTERANGE, `length@offset`, the offset always said.
        public var byteRange: String? { segment.byteRange?.listed }
        public var mediaSequenceNumber: UInt64 { segment.mediaSequenceNumber }
        public var discontinuitySequence: UInt64 { segment.discontinuitySequence }
        /// EXT-X-DISCONTINUITY stands before it.
        public var hasDiscontinuity: Bool { segment.hasDiscontinuity }
        /// EXT-X-GAP.
        public var isGap: Bool { segment.isGap }
        /// EXT-X-PROGRAM-DATE-TIME of this segment, as written.
        public var programDateTime: String? { segment.programDateTime?.text }
        /// EXT-X-BITRATE in kbit/s.
        public var bitrateKbps: UInt64? { segment.bitrateKbps }
        /// The key in force that would be used, else the last one; `nil`: not encrypted.
        public var key: Key? { segment.key.map { Key(key: $0) } }
        /// All keys in force, one for each KEYFORMAT.
        public var keys: [Key] { segment.keys.map { Key(key: $0) } }
        /// EXT-X-MAP in force.
        public var map: Map? { segment.initializationSection.map { Map(section: $0) } }
    }

    /// EXT-X-KEY or EXT-X-SESSION-KEY (RFC 8216bis §4.4.4.4).
    public struct Key: Sendable {
        let key: SegmentKey

        /// METHOD as written.
        public var method: String { key.methodName }
        /// As written, after variable substitution. May hold the key (`data:`).
        public var uri: String { key.uri }
        /// IV as written.
        public var iv: String? { key.initializationVectorText }
        /// KEYFORMAT, `identity` where missing.
        public var keyFormat: String { key.keyFormat }
        /// What protects the stream, for people: `AES-128`, or the name of a DRM system. Safe for a terminal.
        public var system: String { key.isIdentity ? key.method?.rawValue ?? key.systemName : key.systemName }
    }

    /// EXT-X-MAP (RFC 8216bis §4.4.4.5).
    public struct Map: Sendable {
        let section: MediaInitializationSection

        /// As written, after variable substitution.
        public var uri: String { section.uri }
        /// `length@offset`; `nil`: the whole resource.
        public var byteRange: String? { section.byteRange?.listed }
    }

    /// EXT-X-DATERANGE (RFC 8216bis §4.4.5.1).
    public struct DateRange: Sendable {
        let range: HLS.DateRange

        public var id: String { range.id }
        public var className: String? { range.className }
        /// As written.
        public var startDate: String? { range.startDate?.text }
        /// As written.
        public var endDate: String? { range.endDate?.text }
        public var durationMicroseconds: Int64? { range.durationMicroseconds }
    }
}

extension HLS.ByteRange {
    /// As EXT-X-BYTERANGE writes it.
    fileprivate var listed: String { "\(length)@\(offset)" }
}
