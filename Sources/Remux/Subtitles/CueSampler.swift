/// Makes the samples of a text track of cues: one after the other without a gap, an empty one where nothing is shown, cues
/// that overlap together in one for as long as they do. Pure.
struct CueSampler {
    /// A stretch of the track.
    struct Sample: Equatable, Sendable {
        var start90k: Int64
        var end90k: Int64
        /// What is shown, by start; empty: nothing.
        var cues: [Cue]
    }

    /// An empty sample is no longer than this where nothing is known of what comes: a cue that comes late loses no more.
    static let emptyPiece90k: Int64 = 5 * 90_000
    /// A sample with text is held back at most this long to learn when it ends; then it is cut, which nobody sees.
    static let longestWait90k: Int64 = 45 * 90_000

    /// The track is complete up to here.
    private(set) var position90k: Int64 = 0
    /// What is shown now, by start.
    private var active: [Cue] = []
    /// Cues, or parts of them, that came behind the time at which they are shown.
    private(set) var lateCount = 0

    /// Gives out the samples that begin at or before a time.
    ///
    /// - Parameters:
    ///   - time90k: where the other tracks are.
    ///   - known90k: no further cue starts before this time; `.max`: none comes at all.
    ///   - queue: gives up the cues that have begun.
    mutating func take(
        through time90k: Int64,
        known90k: Int64,
        from queue: inout CueQueue,
        _ give: (Sample) throws -> Void
    ) rethrows {
        while position90k <= time90k {
            beginCues(&queue)
            let next = queue.first?.start90k ?? .max
            let ends = active.map(\.end90k).min() ?? .max
            var end = min(next, ends)
            if end > known90k || end == .max {
                let piece = active.isEmpty ? Self.emptyPiece90k : Self.longestWait90k
                guard known90k != .max else { return }
                guard known90k >= position90k &+ piece else { return }
                end = active.isEmpty ? position90k &+ piece : known90k
            }
            try give(Sample(start90k: position90k, end90k: end, cues: active))
            position90k = end
            active.removeAll { $0.end90k <= end }
        }
    }

    /// Fills the track up to the end of the presentation.
    mutating func finish(at end90k: Int64, from queue: inout CueQueue, _ give: (Sample) throws -> Void) rethrows {
        queue.end(at: end90k)
        active = active.map { cue in
            var cue = cue
            cue.end90k = min(cue.end90k, end90k)
            return cue
        }.filter { $0.end90k > position90k }
        try take(through: end90k &- 1, known90k: .max, from: &queue, give)
        if position90k < end90k {
            try give(Sample(start90k: position90k, end90k: end90k, cues: []))
            position90k = end90k
        }
    }

    private mutating func beginCues(_ queue: inout CueQueue) {
        while let cue = queue.first, cue.start90k <= position90k {
            queue.removeFirst()
            if cue.start90k < position90k { lateCount += 1 }
            if cue.end90k > position90k { active.append(cue) }
        }
    }
}
