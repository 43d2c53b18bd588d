/// Makes the samples of a text track of cues: one after the other without a gap, an empty one where nothing is shown, cues
/// that overlap together in one for as long as they do. Pure.
enum CueSampler {
    /// A stretch of the track.
    struct Sample: Equatable, Sendable {
        var start90k: Int64
        /// Above the start.
        var end90k: Int64
        /// What is shown, by start; empty: nothing.
        var cues: [Cue]
    }

    /// An empty sample is no longer than this where it is not known what comes: a cue that comes late loses no more.
    static let emptyPiece90k: Int64 = 5 * 90_000
    /// A sample with text is held back at most this long to learn when it ends; then it is cut, which nobody sees.
    static let longestWait90k: Int64 = 45 * 90_000

    /// Gives out the samples that begin at or before a time, and settles the queue through their end.
    ///
    /// - Parameters:
    ///   - time90k: where the other tracks are.
    ///   - known90k: what is shown before this time is known.
    static func take(
        through time90k: Int64,
        known90k: Int64,
        from queue: inout CueQueue,
        _ give: (Sample) throws -> Void
    ) rethrows {
        while queue.settled90k <= time90k {
            let start = queue.settled90k
            let shown = queue.shown
            var end = min(queue.nextStart90k ?? .max, shown.map(\.end90k).min() ?? .max)
            if end > known90k {
                let piece = shown.isEmpty ? emptyPiece90k : longestWait90k
                guard known90k &- start >= piece else { return }
                end = shown.isEmpty ? start &+ piece : known90k
            }
            try give(Sample(start90k: start, end90k: end, cues: shown))
            queue.settle(through: end)
        }
    }

    /// Fills the track up to the end of the presentation, which cuts off what is shown longer.
    static func finish(at end90k: Int64, from queue: inout CueQueue, _ give: (Sample) throws -> Void) rethrows {
        queue.end(at: end90k)
        while queue.settled90k < end90k {
            let start = queue.settled90k
            let shown = queue.shown
            let end = min(queue.nextStart90k ?? end90k, shown.map(\.end90k).min() ?? end90k, end90k)
            try give(Sample(start90k: start, end90k: end, cues: shown))
            queue.settle(through: end)
        }
    }
}
