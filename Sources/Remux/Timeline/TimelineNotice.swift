/// Something that Timeline did with a track and that a person should know; told once each.
struct TimelineNotice: Equatable, Sendable {
    enum Event: Equatable, Sendable {
        /// Timestamps jumped without an EXT-X-DISCONTINUITY, by so much, 90 kHz: handled as if there had been one.
        case jump(step90k: Int64)
        /// The timestamps of this track alone jumped, and the playlist does not show it: the track goes on where it was.
        case jumpOfOneTrack(step90k: Int64)
        /// So many samples had timestamps far from those before and behind them: placed between them.
        case strays(Int)
        /// Media time left out inside a run, from one decoding time to the next, 90 kHz: it is kept.
        case hole(step90k: Int64)
    }

    var event: Event
    var track: Int
    /// Where it happened.
    var mediaSequenceNumber: UInt64?
}

/// Timestamps that have no place on any clock.
struct TimelineError: Error, Equatable {
    var mediaSequenceNumber: UInt64?
    /// The timestamp, in ticks of its track.
    var timestamp: Int64
}

/// What counts as a jump, as a hole and as neither.
enum TimelineTolerance {
    /// Decoding times that go back by less are put in order.
    static let backward90k: Int64 = 22_500
    /// The same where a segment begins and the playlist shows no step back.
    static let seam90k: Int64 = 7200
    /// Steps forward by less than a usual one and this are a matter of the frame rate, or a hole.
    static let forward90k: Int64 = 90_000
    /// Holes below half a second, or of no more than eight usual steps, are not told.
    static let hole90k: Int64 = 45_000
    static let holeSteps: Int64 = 8
    /// What a playlist's durations may be off at one seam, where they are whole seconds.
    static let playlist90k: Int64 = 45_000
    /// The same where they are exact.
    static let exactPlaylist90k: Int64 = 4500
    /// Tracks that jump together are not further apart than this.
    static let together90k: Int64 = 10 * 90_000
    /// A track that goes on for so long where others have jumped does not jump.
    static let goesOn90k: Int64 = 5 * 90_000
    /// So many pictures, or so much media time, on the new clock show that it is one.
    static let certainSamples = 8
    static let certain90k: Int64 = 90_000
    /// Sound of a new run that would be cut off in front of its first picture; more moves the run.
    static let cutSound90k: Int64 = 90_000
    /// Presentation and decoding time of a sample are not further apart.
    static let reordering90k: Int64 = 60 * 90_000
    /// Decoding times are not moved by more.
    static let decodeDelay90k: Int64 = 3 * 90_000
    /// Times above are no times of a stream: 400,000 years.
    static let limit90k: Int64 = 1 << 60
    /// A longer duration of a single sample is not believed.
    static let sampleSeconds: Int64 = 86_400
}
