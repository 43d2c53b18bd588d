/// The way of a single sample: its timestamps made whole, the clock it is on.
extension Timeline {
    /// Fills in missing timestamps and mends impossible ones; `nil` where there is nothing to begin with.
    ///
    /// - Throws: ``TimelineError`` where a timestamp is beyond all times.
    func checked(_ sample: TimelineSample<Payload>) throws(TimelineError) -> CheckedSample<Payload>? {
        let (track, course) = (tracks[sample.track], courses[sample.track])
        var sample = sample
        let longest = track.sourceScale.ticksPerSecond * TimelineTolerance.sampleSeconds
        if !(0...longest).contains(sample.duration) { sample.duration = 0 }
        guard let dts = sample.dts ?? sample.pts else {
            guard let now = course.now, let last = now.lastDts else { return nil }
            let dts = last &+ max(1, now.step)
            return CheckedSample(sample: sample, dts: dts, reordering: course.reordering, isMended: true)
        }
        let pts = sample.pts ?? dts
        let reordering: Int64
        switch track.origin {
        case .systems:
            reordering = TimestampUnwrapper.signed(pts &- dts)
        case .count, .playlist:
            for time in [pts, dts] {
                let time90k = track.sourceScale.convert(time, to: .mpeg)
                guard (-TimelineTolerance.limit90k...TimelineTolerance.limit90k).contains(time90k) else {
                    throw TimelineError(
                        mediaSequenceNumber: places[track.source]?.mediaSequenceNumber,
                        timestamp: time
                    )
                }
            }
            reordering = pts &- dts
        }
        let range = -TimelineTolerance.reordering90k...TimelineTolerance.reordering90k
        guard range.contains(track.sourceScale.convert(reordering, to: .mpeg)) else {
            return CheckedSample(sample: sample, dts: dts, reordering: course.reordering, isMended: true)
        }
        return CheckedSample(sample: sample, dts: dts, reordering: reordering, isMended: false)
    }

    /// Puts the track on the clock that a sample is on: the one it was on, or that of a run that begins here.
    mutating func follow(
        _ checked: CheckedSample<Payload>,
        place: SegmentPlace?,
        to placed: inout [PlacedSample<Payload>]
    ) {
        let track = checked.sample.track
        guard let now = courses[track].now, tracks[track].origin != .playlist else { return }
        guard let last = now.lastDts else { return begin(track, at: checked.dts, from: now) }
        if runs[now.key]?.start == nil { courses[track].left = [] }
        let step90k = distance90k(track, from: last, to: checked.dts)
        if (0...TimelineTolerance.hole90k).contains(step90k) { return }
        let usual90k = tracks[track].sourceScale.convert(max(now.step, checked.sample.duration), to: .mpeg)
        let last90k = tracks[track].sourceScale.convert(last, to: .mpeg)
        let playlist = PlaylistStep(from: last90k, anchor: now.anchor, before: now.before, to: place)
        let tolerance90k = max(TimelineTolerance.playlist90k, abs(step90k) / 8)
        var isShown = playlist?.shows(step90k, tolerance90k: tolerance90k) ?? false
        let isSmall = !isJump(step90k, usual90k: usual90k)
        guard !isSmall || goesBackAtSeam(step90k, usual90k: usual90k, playlist) else {
            // At a low frame rate a jump may look like a step.
            guard step90k > TimelineTolerance.hole90k, let run = similarJump(track, at: checked.dts, step90k) else {
                return noteHole(track, step90k, usual90k: usual90k, place)
            }
            return change(track, to: run, from: now)
        }
        // Sound alone that goes back a little repeats what was heard.
        if isSmall, tracks[track].kind == .audio { isShown = true }
        if let index = courses[track].left.lastIndex(where: { comesBack(track, at: checked.dts, to: $0) }) {
            return takeBack(track, to: index, at: checked.dts, placed: &placed)
        }
        if let run = nearestRun(behind: now.key, track: track, dts: checked.dts) {
            return change(track, to: run, from: now)
        }
        if step90k > 0, isShown {
            courses[track].shownStep = (step90k, last90k)
            return noteHole(track, step90k, usual90k: usual90k, place)
        }
        let part = runs.keys.filter { $0.sequence == now.key.sequence }.map(\.part).max() ?? now.key.part
        let run = RunKey(sequence: now.key.sequence, part: max(part, now.key.part) + 1)
        open(run)
        let source = tracks[track].source
        runs[run]?.gapBefore90k = gaps90k[source] ?? 0
        if let place { runs[run]?.playlistStarts90k[source] = place.start90k }
        runs[run]?.jump = TimelineJump(
            track: track,
            step90k: step90k,
            isShown: isShown,
            mediaSequenceNumber: place?.mediaSequenceNumber
        )
        change(track, to: run, from: now)
        forgetRuns(before: run)
    }

    /// Makes the timestamps of a sample continuous on its clock, and notes them.
    mutating func advance(_ checked: CheckedSample<Payload>) -> TimelineSample<Payload>? {
        var sample = checked.sample
        let track = sample.track
        guard let now = courses[track].now else { return nil }
        let scale = tracks[track].sourceScale
        if checked.isMended {
            counts.timestampsPredicted += 1
        } else {
            courses[track].reordering = checked.reordering
        }
        var dts = checked.dts
        switch tracks[track].origin {
        case .systems:
            let time90k = runs[now.key]?.unwrap(scale.convert(dts, to: .mpeg), track: track) ?? 0
            dts = TimeScale.mpeg.convert(time90k, to: scale)
        case .count: runs[now.key]?.align(track, dts90k: scale.convert(dts, to: .mpeg))
        case .playlist: break
        }
        if let last = now.lastDts, dts > last {
            let step90k = scale.convert(dts &- last, to: .mpeg)
            let usual90k = scale.convert(now.step, to: .mpeg)
            if !Self.isHole(step90k, usual90k: usual90k) { courses[track].now?.step = dts &- last }
        }
        let place = places[tracks[track].source]
        courses[track].advance(to: dts, dts90k: scale.convert(dts, to: .mpeg), place: place)
        gaps90k[tracks[track].source] = nil
        sample.dts = dts
        sample.pts = dts &+ checked.reordering
        return sample
    }

    // MARK: - Jumps

    /// From the last decoding time of a track to a timestamp, 90 kHz; never beyond ±2^62.
    func distance90k(_ track: Int, from last: Int64, to dts: Int64) -> Int64 {
        let scale = tracks[track].sourceScale
        if tracks[track].origin == .systems {
            let (dts90k, last90k) = (scale.convert(dts, to: .mpeg), scale.convert(last, to: .mpeg))
            return TimestampUnwrapper.signed(dts90k &- last90k)
        }
        // Both are below the limit.
        return scale.convert(dts, to: .mpeg) &- scale.convert(last, to: .mpeg)
    }

    func isJump(_ step90k: Int64, usual90k: Int64) -> Bool {
        step90k < -TimelineTolerance.backward90k || step90k > TimelineTolerance.forward90k &+ usual90k
    }

    /// Goes back by less than a jump must, but to where no frame order explains it, where a segment begins.
    private func goesBackAtSeam(_ step90k: Int64, usual90k: Int64, _ playlist: PlaylistStep?) -> Bool {
        guard let playlist, playlist.isExact, step90k < -max(TimelineTolerance.seam90k, 2 * usual90k) else {
            return false
        }
        return !playlist.shows(step90k, tolerance90k: TimelineTolerance.seam90k)
    }

    static func isHole(_ step90k: Int64, usual90k: Int64) -> Bool {
        usual90k > 0 && step90k > max(TimelineTolerance.hole90k, TimelineTolerance.holeSteps &* usual90k)
    }

    private mutating func noteHole(_ track: Int, _ step90k: Int64, usual90k: Int64, _ place: SegmentPlace?) {
        guard Self.isHole(step90k, usual90k: usual90k), gaps90k[tracks[track].source] == nil else { return }
        note(.hole(step90k: step90k), track: track, in: place?.mediaSequenceNumber)
    }

    /// The first sample of a track in a Discontinuity Sequence: of several parts it is in the one that it is nearest to. Where
    /// others have jumped, and their playlist has no tag for it, it is with them.
    private mutating func begin(_ track: Int, at dts: Int64, from now: TrackCourse.Position) {
        let dts90k = tracks[track].sourceScale.convert(dts, to: .mpeg)
        let origin = tracks[track].origin
        if let before = courses[track].inRunBefore?.key, runs[now.key]?.range90k == nil,
            let run = nearestRun(behind: before, track: track, dts: dts), run < now.key, runs[run]?.start != nil
        {
            courses[track].now?.key = run
            return
        }
        let parts = runs.filter { $0.key.sequence == now.key.sequence && $0.key >= now.key }
        guard parts.count > 1 else { return }
        let near = parts.min { left, right in
            let distances = [left, right].map { $0.value.distance90k(of: dts90k, origin: origin) ?? .max }
            return (distances[0], left.key) < (distances[1], right.key)
        }
        if let near { courses[track].now?.key = near.key }
    }

    /// A later run whose clock a timestamp fits: others have jumped there before, or are told so by a tag. Of several that
    /// fit well it is the first one, since clocks may start again each time.
    private func nearestRun(behind key: RunKey, track: Int, dts: Int64) -> RunKey? {
        let dts90k = tracks[track].sourceScale.convert(dts, to: .mpeg)
        let near = runs.filter { $0.key > key }
            .compactMap { run in
                run.value.distance90k(of: dts90k, origin: tracks[track].origin).map { (distance: $0, key: run.key) }
            }
            .filter { $0.distance <= TimelineTolerance.together90k }
        let fitting = near.filter { $0.distance <= TimelineTolerance.forward90k }
        return fitting.map(\.key).min() ?? near.min { ($0.distance, $0.key) < ($1.distance, $1.key) }?.key
    }

    /// A jump of others, not yet certain, that a step of this size belongs to.
    private func similarJump(_ track: Int, at dts: Int64, _ step90k: Int64) -> RunKey? {
        guard !pending.isEmpty, let now = courses[track].now,
            let run = nearestRun(behind: now.key, track: track, dts: dts), runs[run]?.start != nil,
            let jump = runs[run]?.jump, abs(jump.step90k &- step90k) <= TimelineTolerance.hole90k
        else { return nil }
        return run
    }

    private mutating func change(_ track: Int, to run: RunKey, from now: TrackCourse.Position) {
        courses[track].left.append(now)
        runs[run]?.lefts[track] = now
        courses[track].now = TrackCourse.Position(key: run, step: now.step)
    }
}

/// A sample that has a decoding time.
struct CheckedSample<Payload> {
    var sample: TimelineSample<Payload>
    /// As it came, ticks of the source.
    var dts: Int64
    /// From there to its presentation time.
    var reordering: Int64
    /// Something of it was not to be used.
    var isMended: Bool
}
