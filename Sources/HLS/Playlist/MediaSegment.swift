/// One Media Segment: its URI line and the tags that apply to it (RFC 8216bis §4.4.4).
package struct MediaSegment: Sendable {
    /// URI as written, after variable substitution. The parser has made sure that it resolves.
    package let uri: String
    /// EXTINF. The target duration where the tag is missing (a leniency), 0 where it says -1 (unknown).
    package internal(set) var durationMicroseconds: Int64
    /// Title of EXTINF, trimmed; `nil` where empty. Untrusted text.
    package let title: String?
    /// EXT-X-BYTERANGE with its offset made explicit; `nil`: the whole resource.
    package let byteRange: ByteRange?
    /// EXT-X-MEDIA-SEQUENCE plus the segments before this one.
    package let mediaSequenceNumber: UInt64
    /// EXT-X-DISCONTINUITY-SEQUENCE plus the EXT-X-DISCONTINUITY tags above.
    package let discontinuitySequence: UInt64
    /// EXT-X-DISCONTINUITY stands right before this segment.
    package let hasDiscontinuity: Bool
    /// EXT-X-GAP: must not be loaded, keeps its duration.
    package let isGap: Bool
    /// EXT-X-PROGRAM-DATE-TIME of this very segment.
    package let programDateTime: ProgramDateTime?
    /// EXT-X-KEY tags in force, one per KEYFORMAT, in the order of their tags; empty: not encrypted. Storage is shared
    /// between segments.
    package let keys: [SegmentKey]
    /// EXT-X-MAP in force.
    package let initializationSection: MediaInitializationSection?
    /// EXT-X-BITRATE in kbit/s.
    package let bitrateKbps: UInt64?
    /// Line of the URI.
    package let line: Int

    /// The one key to name where only one can be: the one that would be used, else that of the last tag.
    package var key: SegmentKey? { keys.first { $0.isIdentity } ?? keys.last }
}

/// An EXT-X-PROGRAM-DATE-TIME (RFC 8216bis §4.4.4.6).
package struct ProgramDateTime: Hashable, Sendable {
    /// The instant.
    package let date: CalendarDate
    /// As written.
    package let text: String
}

/// An EXT-X-PART (RFC 8216bis §4.4.4.9).
package struct PartialSegment: Sendable {
    /// URI as written, after variable substitution.
    package let uri: String
    /// DURATION.
    package let durationMicroseconds: Int64
    /// BYTERANGE with its offset made explicit; `nil`: the whole resource.
    package let byteRange: ByteRange?
    /// INDEPENDENT=YES.
    package let isIndependent: Bool
    /// GAP=YES.
    package let isGap: Bool
    /// Media Sequence Number of the Parent Segment.
    package internal(set) var mediaSequenceNumber: UInt64
    /// Part Index in the Parent Segment, from 0.
    package let partIndex: Int
}
