/// What Timeline must know of a track: pure numbers, no libav type.
struct TimelineTrack: Sendable {
    /// Subtitles have tracks in the output, but none here: they are placed by ``Timeline/placement(of:)``.
    enum Kind: Sendable { case video, audio, subtitles }

    var kind: Kind
    /// Index of the source (the Media Playlist in use) that the track comes from.
    var source: Int
    /// Scale of the timestamps that Demux delivers.
    var sourceScale: TimeScale
    /// Scale of the track in the output.
    var outputScale: TimeScale
    var origin = Origin.systems
    /// Another track goes on in its place.
    var isRetired = false

    /// What the timestamps of a track count from.
    enum Origin: Sendable {
        /// MPEG-2 Systems: 33 bits at 90 kHz.
        case systems
        /// A count that goes on (movie fragments).
        case count
        /// The start of the playlist, whatever the clock of the other tracks is: nothing in the media says when it is due.
        case playlist
    }
}

/// A track that a source's container promises for a run; without a number while no sample of it has come.
struct ExpectedTrack: Sendable {
    var kind: TimelineTrack.Kind
    var number: Int?
}

/// Where a run lies in the output.
struct RunPlacement: Equatable, Sendable {
    /// What is taken from a source time to get an output time, in 90 kHz.
    var shift90k: Int64
    /// Where the run begins, in 90 kHz.
    var start90k: Int64
}

/// A sample on its way to the timeline, with the timestamps of its container.
struct TimelineSample<Payload> {
    var track: Int
    /// Ticks of the track's source scale; `nil` where the container says nothing.
    var pts: Int64?
    var dts: Int64?
    /// Ticks of the track's source scale; 0 where nothing is known.
    var duration: Int64
    var isKey: Bool
    var byteCount: Int
    var payload: Payload
}

/// A sample with its place in the output.
struct PlacedSample<Payload> {
    var track: Int
    /// Ticks of the track's output scale; `dts` is strictly increasing in a track, and never above `pts`.
    var pts: Int64
    var dts: Int64
    /// Ticks of the track's output scale, at least 1: what is known before the next sample is.
    var duration: Int64
    var isKey: Bool
    var byteCount: Int
    var payload: Payload
}

/// What Timeline left out or had to bend: counted, reported as warnings.
struct TimelineCounts: Equatable, Sendable {
    /// Video before the first key frame of a run: nothing to decode it from.
    var videoBeforeKeyFrame = 0
    /// Audio that ended before the end of the run before it.
    var audioOverlapDropped = 0
    /// Audio of a run that lies wholly before what was placed already.
    var audioRepeatedDropped = 0
    /// Decoding times moved because they did not increase.
    var decodeTimesMoved = 0
    /// Samples without any timestamp, placed behind the one before.
    var timestampsPredicted = 0
    /// Samples left out because no timestamp had come before them.
    var timestampsMissing = 0
}
