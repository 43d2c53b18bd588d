/// A segment's identity in one run: its number alone is not enough, it may start again.
package struct SegmentIdentity: Hashable, Sendable, Comparable {
    /// Counts up each time the server starts its Media Sequence Numbers again.
    package let epoch: Int
    /// Media Sequence Number in that epoch.
    package let mediaSequenceNumber: UInt64

    /// A segment of an epoch.
    package init(epoch: Int, mediaSequenceNumber: UInt64) {
        self.epoch = epoch
        self.mediaSequenceNumber = mediaSequenceNumber
    }

    /// In the order of the plan.
    package static func < (left: Self, right: Self) -> Bool {
        (left.epoch, left.mediaSequenceNumber) < (right.epoch, right.mediaSequenceNumber)
    }
}

/// A Media Initialization Section to fetch before the segments that need it. Equal ones need one fetch.
package struct InitializationSectionOrder: Hashable, Sendable {
    /// Where.
    package let uri: ResourceURI
    /// `nil`: the whole resource.
    package let byteRange: ByteRange?
    /// By the keys in force at its EXT-X-MAP tag.
    package let encryption: SegmentEncryption

    /// The order for what a playlist says.
    init(_ section: MediaInitializationSection) {
        uri = section.resolvedURI
        byteRange = section.byteRange
        encryption = SegmentEncryption(keys: section.keys, mediaSequenceNumber: nil)
    }
}

/// One segment to fetch, with everything its URI line and tags say, made explicit.
package struct SegmentOrder: Sendable {
    /// Which segment.
    package let identity: SegmentIdentity
    /// Position in the plan, from 0.
    package let index: Int
    /// Where, resolved.
    package internal(set) var uri: ResourceURI
    /// `nil`: the whole resource.
    package internal(set) var byteRange: ByteRange?
    /// How it is encrypted.
    package internal(set) var encryption: SegmentEncryption
    /// What must be read before it.
    package internal(set) var initializationSection: InitializationSectionOrder?
    /// EXTINF.
    package let durationMicroseconds: Int64
    /// Sum of the durations before it in the plan.
    package let startMicroseconds: Int64
    /// Discontinuity Sequence Number: aligns Renditions.
    package let discontinuitySequence: UInt64
    /// EXT-X-DISCONTINUITY stands before it, or segments were missed or numbering started again here.
    package let hasDiscontinuity: Bool
    /// Must not be fetched; its duration stays.
    package let isGap: Bool
    /// EXT-X-PROGRAM-DATE-TIME of this very segment.
    package let programDateTime: ProgramDateTime?
    /// When its first sample was, in microseconds since 1970: by that tag, else extrapolated by EXTINF from the last one
    /// before, or backward from the first one after (RFC 8216bis §6.3.3). `nil` where the playlist has none.
    package let dateMicroseconds: Int64?
    /// EXT-X-BITRATE in kbit/s.
    package let bitrateKbps: UInt64?
    /// Title of EXTINF; untrusted text.
    package let title: String?
    /// Line of the URI in its playlist.
    package let line: Int

    /// ``dateMicroseconds`` in whole milliseconds.
    package var date: CalendarDate? { dateMicroseconds.map { CalendarDate(microsecondsSince1970: $0) } }
}
