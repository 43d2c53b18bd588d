import HLS

/// The start of a Media Segment in a source's byte stream.
struct SegmentMark: Sendable, Equatable {
    /// How the bytes behind the mark follow those before it.
    enum Continuity: Sendable, Equatable {
        /// The same byte stream goes on.
        case continues
        /// The same timestamps go on after missing segments (EXT-X-GAP, a lost segment).
        case afterGap
        /// Another Discontinuity Sequence: other timestamps, perhaps other tracks.
        case newRun
    }

    var identity: SegmentIdentity
    var discontinuitySequence: UInt64
    var continuity: Continuity
    /// Sum of the durations before the segment in the playlist.
    var startMicroseconds: Int64
    var durationMicroseconds: Int64
    /// When its first sample was, in microseconds since 1970; `nil` where the playlist has no dates.
    var dateMicroseconds: Int64?
    /// Where it was to be had, for messages.
    var uri: ResourceURI?
    /// Told by the first bytes.
    var container: SegmentContainer
    /// Which streams a transport stream has; `nil`: its first packets do not say.
    var streams: ProgramStreams?
    /// What must be read before the segment (EXT-X-MAP).
    var initialization: InitializationSection?
    /// What opens its samples; `nil`: nothing that is known of.
    var sampleKeys: SampleKeys?

    /// What opens its samples in a container that does not say itself whether they are encrypted.
    var streamKeys: SampleKeys? {
        guard let sampleKeys, sampleKeys.method != nil else { return nil }
        return sampleKeys
    }

    private func hasOtherStreams(than before: SegmentMark) -> Bool {
        guard let streams, let streamsBefore = before.streams else { return false }
        return streams.contradict(streamsBefore)
    }

    /// Whether one demuxer can read on from the segment before into this one.
    func joins(_ before: SegmentMark) -> Bool {
        continuity == .continues && container == before.container && !container.isSelfContained
            && initialization == before.initialization && !hasOtherStreams(than: before)
    }
}

/// A Media Initialization Section (§3.1): the bytes, in clear. Told apart by identity: each is loaded once.
final class InitializationSection: Sendable, Equatable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func == (left: InitializationSection, right: InitializationSection) -> Bool { left === right }
}

/// Why a source's byte stream ended.
enum RingEnd: Sendable {
    /// Every segment was handed over.
    case complete
    /// A segment could not be had; everything before it was handed over.
    case failed(RemuxError)
    /// The session is being stopped: what is in the ring no longer matters.
    case stopped
}
