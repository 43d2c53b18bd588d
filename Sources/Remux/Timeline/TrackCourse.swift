/// How far a track has come on the clock of its run.
struct TrackCourse: Sendable {
    /// A place on one clock, and what predicts the next sample from it.
    struct Position: Sendable {
        var key: RunKey
        /// Unwrapped, ticks of the source; `nil` before the first sample.
        var lastDts: Int64?
        /// Ticks between the last two decoding times.
        var step: Int64 = 0
        var anchor: SegmentAnchor?
        /// Of the segment before.
        var before: SegmentAnchor?
    }

    /// `nil` before the track's source has begun.
    var now: Position?
    /// Where it was before timestamps jumped, while it is not certain that they have; several where they jumped again.
    var left: [Position] = []
    /// Where it was in the run before.
    var inRunBefore: Position?
    /// A long step forward that the playlist shows too: the last one, 90 kHz, and where it began.
    var shownStep: (step90k: Int64, last90k: Int64)?
    /// `pts - dts` of the last sample that made sense, ticks of the source.
    var reordering: Int64 = 0
    /// By how much decoding times are moved, ticks of the source, so that no picture is shown before it is decoded.
    var decodeDelay: Int64 = 0
    /// The run whose shift is known, and what is taken from the track's times, in ticks of the source.
    var shift: (key: RunKey, ticks: Int64)?

    /// Notes a sample on the present clock.
    mutating func advance(to dts: Int64, dts90k: Int64, place: SegmentPlace?) {
        guard var position = now else { return }
        position.lastDts = dts
        if let place {
            if position.anchor?.place.mediaSequenceNumber == place.mediaSequenceNumber {
                position.anchor?.count += 1
            } else {
                position.before = position.anchor
                position.anchor = SegmentAnchor(place: place, first90k: dts90k)
            }
        }
        now = position
    }
}
