/// The output times of one track: strictly increasing decoding times, and audio on its own sample clock.
struct TrackClock: Sendable {
    private(set) var lastDts: Int64?
    /// Duration of the last sample, output ticks; at least 1.
    private(set) var lastDuration: Int64 = 1
    /// End of the latest sample shown so far, output ticks.
    private(set) var end: Int64?
    /// What ``end`` was when the run of the latest sample began; `nil` in the first run.
    private(set) var endOfRunBefore: Int64?
    /// That of the latest sample.
    private(set) var run: RunKey?

    /// Containers round timestamps to their clock: an audio sample this near to the end of the one before (0.9 ms)
    /// follows it exactly. Measured against the source each time, so nothing adds up.
    static func snapTicks(_ scale: TimeScale) -> Int64 { scale.ticksPerSecond * 9 / 10_000 }

    struct Placement: Equatable, Sendable {
        var pts: Int64
        var dts: Int64
        var wasMoved = false
    }

    /// The track's next sample belongs to this run.
    mutating func enter(run: RunKey) {
        guard self.run != run else { return }
        endOfRunBefore = end
        self.run = run
    }

    /// Why an audio sample brings nothing that was not heard.
    enum Overlap: Equatable, Sendable {
        /// It ends before the end of the run before its own: expected at a seam.
        case runBefore
        /// It lies wholly before the sample placed last.
        case sameRun
    }

    /// Whether an audio sample brings nothing that was not heard.
    func overlap(at ticks: Int64, duration: Int64, scale: TimeScale) -> Overlap? {
        let slack = min(Self.snapTicks(scale), duration / 2)
        if let endOfRunBefore, ticks &+ duration <= endOfRunBefore &+ slack { return .runBefore }
        guard let lastDts, ticks &+ duration <= lastDts else { return nil }
        return .sameRun
    }

    /// Places an audio sample that the source puts at `ticks`.
    func placeAudio(at ticks: Int64, scale: TimeScale) -> Placement {
        guard let lastDts else { return Placement(pts: ticks, dts: ticks) }
        let expected = lastDts &+ lastDuration
        if abs(ticks &- expected) <= Self.snapTicks(scale) { return Placement(pts: expected, dts: expected) }
        guard ticks > lastDts else {
            let isFar = lastDts &+ 1 &- ticks > Self.snapTicks(scale)
            return Placement(pts: lastDts &+ 1, dts: lastDts &+ 1, wasMoved: isFar)
        }
        return Placement(pts: ticks, dts: ticks)
    }

    /// Places a video sample: its presentation time is kept, its decoding time made to increase.
    func placeVideo(pts: Int64, dts: Int64) -> Placement {
        guard let lastDts, dts <= lastDts else {
            return Placement(pts: max(pts, dts), dts: dts, wasMoved: pts < dts)
        }
        let moved = lastDts &+ 1
        return Placement(pts: max(pts, moved), dts: moved, wasMoved: true)
    }

    /// Remembers what was placed.
    mutating func advance(to placement: Placement, duration: Int64) {
        lastDts = placement.dts
        lastDuration = max(1, duration)
        end = max(end ?? Int64.min, placement.pts &+ lastDuration)
    }
}
