/// Timestamps of one run that leave their course without an EXT-X-DISCONTINUITY: what follows has no certain place.
struct TimelineJump: Error, Equatable {
    /// From one decoding time of a track to the next, 90 kHz.
    var step90k: Int64

    /// Decoding times that go back by less than this are put in order.
    static let tolerated90k: Int64 = 22_500
    /// One hour: longer steps forward are no gap of a stream.
    static let longestStep90k: Int64 = 3600 * 90_000
}

/// Media time that a track leaves out inside a run: nothing says why.
struct TimelineHole: Equatable, Sendable {
    var track: Int
    /// From one decoding time to the next, 90 kHz.
    var step90k: Int64

    /// Steps below half a second, or of no more than eight usual ones, are a matter of the frame rate.
    static let shortest90k: Int64 = 45_000
    static let usualSteps: Int64 = 8
}
