/// Output time as a function of (Discontinuity Sequence, track, pts/dts): DESIGN §5, RFC 8216bis §6.3.3.
///
/// The first run maps its earliest presentation time to 0 and keeps the A/V offset of the source. Each later run is moved
/// by one shift, common to all its tracks and sources, that puts its first video presentation time at the end of the
/// video before it (without video: of the audio). Shifts are absolute, so nothing accumulates. Pure: no clock, no I/O.
struct Timeline<Payload> {
    private struct Run {
        var start: RunStart<Payload>? = RunStart()
        var unwrapper = TimestampUnwrapper()
        /// What is taken from a source time to get an output time, in 90 kHz; `nil` while it is not certain.
        var shift90k: Int64?
        /// By track, what is added to its times to put them on the clock of the others, in 90 kHz.
        var offsets90k: [Int: Int64] = [:]
        /// By source, where the playlist puts its part of the run, in 90 kHz.
        var playlistStarts90k: [Int: Int64] = [:]
        /// What is added to times of the playlist, in 90 kHz; `nil` while no track has others.
        var playlistOffset90k: Int64?
        /// Where it begins in the output, in 90 kHz; `nil` while that is not certain.
        var start90k: Int64?
        /// Media time that is missing between the run before and this one, in 90 kHz.
        var gapBefore90k: Int64 = 0
        /// For the first run of a clip.
        var origin = RunOrigin()
    }

    /// A track in a run that has its place.
    private struct Course {
        var run: UInt64?
        /// What is taken from the track's times, in ticks of its source.
        var shift: Int64 = 0
    }

    /// A longer duration of a single sample is not believed.
    private static var longestSampleSeconds: Int64 { 86_400 }

    private var tracks: [TimelineTrack] = []
    private var clocks: [TrackClock] = []
    /// Source ticks between the last two decoding times of a track, and the last one: predicts what is missing.
    private var lastSourceDts: [Int64?] = []
    private var sourceSteps: [Int64] = []
    private var runs: [UInt64: Run] = [:]
    private var runOfSource: [Int: UInt64] = [:]
    /// What does not change while a run goes on, by track: most samples need nothing else.
    private var courses: [Course] = []
    private var hasPlacedRun = false
    private(set) var counts = TimelineCounts()
    private var hole: TimelineHole?

    /// Adds a track; returns its number, counted from 0.
    mutating func addTrack(_ track: TimelineTrack) -> Int {
        tracks.append(track)
        clocks.append(TrackClock())
        lastSourceDts.append(nil)
        sourceSteps.append(0)
        courses.append(Course())
        return tracks.count - 1
    }

    /// No further sample of the track will come: where its source has got to is seen from the others.
    mutating func retire(track: Int) { tracks[track].isRetired = true }

    /// From here on the track's timestamps count from something else.
    mutating func setOrigin(_ origin: TimelineTrack.Origin, of track: Int) {
        tracks[track].origin = origin
        lastSourceDts[track] = nil
        courses[track].run = nil
        for run in runs.keys { runs[run]?.offsets90k[track] = nil }
    }

    /// The source's samples belong to this Discontinuity Sequence from now on.
    ///
    /// - Parameters:
    ///   - gapBefore90k: duration of the Media Segments missing between the run before and this one: it is kept.
    ///   - playlistStart90k: where the playlist puts the source's first sample to come.
    mutating func enter(run: UInt64, source: Int, gapBefore90k: Int64 = 0, playlistStart90k: Int64 = 0) {
        runOfSource[source] = run
        defer {
            if runs[run]?.playlistStarts90k[source] == nil { runs[run]?.playlistStarts90k[source] = playlistStart90k }
        }
        runs[run, default: Run()].gapBefore90k = max(runs[run]?.gapBefore90k ?? 0, gapBefore90k)
        for (index, track) in tracks.enumerated() where track.source == source {
            lastSourceDts[index] = nil
            courses[index].run = nil
        }
        let left = runs.filter { $0.key < run && !runOfSource.values.contains($0.key) && $0.value.start == nil }
        for old in left.keys { runs[old] = nil }
    }

    /// For a clip, while no run is placed: where the playlist puts the segment that the track's first timestamp is in.
    mutating func locate(track: Int, firstPts90k: Int64, segmentStart90k: Int64) {
        guard !hasPlacedRun, let run = runOfSource[tracks[track].source] else { return }
        runs[run]?.origin.locate(track: track, firstPts90k: firstPts90k, segmentStart90k: segmentStart90k)
    }

    /// Whether samples of the source are being held: reading on from it brings nothing out.
    func isHolding(source: Int) -> Bool {
        guard let run = runOfSource[source] else { return false }
        return runs[run]?.start != nil
    }

    /// Where the source has got to in the output, in 90 kHz; `nil` before its first placed sample.
    func position90k(source: Int) -> Int64? {
        tracks.indices.filter { tracks[$0].source == source && !tracks[$0].isRetired }
            .compactMap { index in
                clocks[index].lastDts.map { tracks[index].outputScale.convert($0, to: .mpeg) }
            }.min()
    }

    /// Where a run lies, for what is placed by its timestamps without being one of its tracks (subtitles); `nil` while that
    /// is not certain.
    func placement(of run: UInt64) -> RunPlacement? {
        guard let shift90k = runs[run]?.shift90k, let start90k = runs[run]?.start90k else { return nil }
        return RunPlacement(shift90k: shift90k, start90k: start90k)
    }

    /// Decoding time of a placed sample, 90 kHz.
    func time90k(of sample: PlacedSample<Payload>) -> Int64 {
        tracks[sample.track].outputScale.convert(sample.dts, to: .mpeg)
    }

    /// Presentation end of what has been placed so far, in 90 kHz.
    var end90k: Int64 {
        tracks.indices.compactMap { index in clocks[index].end.map { tracks[index].outputScale.convert($0, to: .mpeg) }
        }
        .max() ?? 0
    }

    /// Takes a sample; appends what can be placed now, in order of arrival, to `placed`.
    ///
    /// - Parameter expected: the tracks that the source's container promises for this run; asked for while it matters.
    /// - Throws: ``TimelineJump`` where the timestamps of a run leave their course.
    mutating func push(
        _ sample: TimelineSample<Payload>,
        expected: @autoclosure () -> [ExpectedTrack],
        to placed: inout [PlacedSample<Payload>]
    ) throws(TimelineJump) {
        guard let number = runOfSource[tracks[sample.track].source] else { return }
        guard let unwrapped = try unwrap(sample, run: number) else {
            counts.timestampsMissing += 1
            return
        }
        if courses[sample.track].run == number || runs[number]?.start == nil {
            place(unwrapped, run: number, to: &placed)
            return
        }
        let track = tracks[sample.track]
        let offset90k = offset90k(sample.track, run: number)
        runs[number]?.start?.hold(
            unwrapped,
            kind: track.kind,
            pts90k: track.sourceScale.convert(unwrapped.pts ?? 0, to: .mpeg) &+ offset90k,
            dts90k: track.sourceScale.convert(unwrapped.dts ?? 0, to: .mpeg) &+ offset90k,
            hasOwnClock: track.origin != .playlist
        )
        guard let start = runs[number]?.start, start.isOverdue || isSettled(start, expected: expected()) else { return }
        begin(run: number, to: &placed)
    }

    /// The hole that the last sample showed, once.
    mutating func takeHole() -> TimelineHole? { hole.take() }

    /// The source's run has ended, or the source has: what is held waits for nothing more.
    mutating func flush(source: Int, to placed: inout [PlacedSample<Payload>]) {
        guard let run = runOfSource[source], runs[run]?.start != nil else { return }
        begin(run: run, to: &placed)
    }

    // MARK: - A run's place

    private func isSettled(_ start: RunStart<Payload>, expected: [ExpectedTrack]) -> Bool {
        let video = expected.filter { $0.kind == .video }
        let needed = hasPlacedRun && !video.isEmpty ? video : expected
        return needed.allSatisfy { expected in
            expected.number.map { start.isSettled($0, kind: expected.kind) } ?? false
        }
    }

    private mutating func begin(run number: UInt64, to placed: inout [PlacedSample<Payload>]) {
        guard var start = runs[number]?.start else { return }
        let isVideo = tracks.map { $0.kind == .video }
        let samples = start.release { isVideo[$0] }
        counts.videoBeforeKeyFrame += start.videoBeforeKeyFrame
        runs[number]?.start = nil
        setPlaylistOffset(of: number, start)
        guard let first = firstPresentation(of: start, samples: samples, run: number) else {
            // Nothing was held: the first sample to come decides.
            runs[number]?.start = RunStart()
            return
        }
        let origin = runs[number]?.origin.shift90k(isVideo: { isVideo[$0] }, near90k: first)
        let end = hasPlacedRun ? endOfRunBefore() &+ (runs[number]?.gapBefore90k ?? 0) : 0
        let shift90k = (hasPlacedRun ? nil : origin) ?? (first &- end)
        runs[number]?.shift90k = shift90k
        runs[number]?.start90k = first &- shift90k
        hasPlacedRun = true
        for sample in samples { place(sample, run: number, to: &placed) }
    }

    /// Puts tracks that know only their place in the playlist beside those that have a clock: the first video, else the first
    /// audio of the run, is due where the playlist begins it.
    private mutating func setPlaylistOffset(of run: UInt64, _ start: RunStart<Payload>) {
        let clocked = start.firstPts90k.filter { tracks[$0.key].origin != .playlist }
        let video = clocked.filter { tracks[$0.key].kind == .video }
        guard let first = (video.isEmpty ? clocked : video).min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
            return
        }
        let start90k = runs[run]?.playlistStarts90k[tracks[first.key].source] ?? 0
        runs[run]?.playlistOffset90k = first.value &- start90k
    }

    /// What is added to the times of a track, in 90 kHz, to put them on the clock of the run.
    private func offset90k(_ track: Int, run: UInt64) -> Int64 {
        guard let run = runs[run] else { return 0 }
        return tracks[track].origin == .playlist ? run.playlistOffset90k ?? 0 : run.offsets90k[track] ?? 0
    }

    /// Where the run begins in source time: the earliest of all tracks in the first run, else of the video, 90 kHz.
    private func firstPresentation(
        of start: RunStart<Payload>,
        samples: [TimelineSample<Payload>],
        run: UInt64
    ) -> Int64? {
        let video = start.firstPts90k.filter { tracks[$0.key].kind == .video }
        let candidates = hasPlacedRun && !video.isEmpty ? video : start.firstPts90k
        let first = candidates.map { number, pts90k in
            // Those of the playlist were held before there was a clock.
            tracks[number].origin == .playlist ? pts90k &+ offset90k(number, run: run) : pts90k
        }
        if let first = first.min() { return first }
        return samples.map { sample in
            tracks[sample.track].sourceScale.convert(sample.pts ?? 0, to: .mpeg) &+ offset90k(sample.track, run: run)
        }.min()
    }

    /// Where the run before ends: its video, without video its audio. A run without video (a break of sound alone) goes before
    /// the video of one that lies further back.
    private func endOfRunBefore() -> Int64 {
        let last = clocks.compactMap(\.run).max()
        func end(_ kind: TimelineTrack.Kind) -> Int64? {
            tracks.indices.filter { tracks[$0].kind == kind && clocks[$0].run == last }
                .compactMap { index in clocks[index].end.map { tracks[index].outputScale.convert($0, to: .mpeg) } }
                .max()
        }
        return end(.video) ?? end(.audio) ?? 0
    }

    // MARK: - Single samples

    /// Fills in missing timestamps and makes 33-bit ones continuous; `nil` where there is nothing to begin with.
    private mutating func unwrap(
        _ sample: TimelineSample<Payload>,
        run: UInt64
    ) throws(TimelineJump) -> TimelineSample<Payload>? {
        var sample = sample
        let (scale, origin) = (tracks[sample.track].sourceScale, tracks[sample.track].origin)
        if !(0...scale.ticksPerSecond * Self.longestSampleSeconds).contains(sample.duration) { sample.duration = 0 }
        if sample.dts == nil, sample.pts == nil {
            guard let last = lastSourceDts[sample.track] else { return nil }
            counts.timestampsPredicted += 1
            sample.dts = last &+ max(1, sourceSteps[sample.track])
            sample.pts = sample.dts
        } else if origin == .systems {
            let anchor = runs[run]?.unwrapper.unwrap(sample.dts ?? sample.pts ?? 0, stream: sample.track) ?? 0
            sample.pts = sample.pts.map { TimestampUnwrapper.nearest(to: anchor, raw: $0) } ?? anchor
            sample.dts = anchor
        } else {
            let dts = sample.dts ?? sample.pts ?? 0
            sample.pts = sample.pts ?? dts
            sample.dts = dts
            if origin == .count { align(sample.track, run: run, dts90k: scale.convert(dts, to: .mpeg)) }
        }
        if let dts = sample.dts {
            if let last = lastSourceDts[sample.track] {
                let step90k = scale.convert(dts &- last, to: .mpeg)
                guard (-TimelineJump.tolerated90k...TimelineJump.longestStep90k).contains(step90k) else {
                    throw TimelineJump(step90k: step90k)
                }
                let usual90k = scale.convert(sourceSteps[sample.track], to: .mpeg)
                if usual90k > 0, step90k > max(TimelineHole.shortest90k, TimelineHole.usualSteps * usual90k) {
                    hole = TimelineHole(track: sample.track, step90k: step90k)
                } else if dts > last {
                    sourceSteps[sample.track] = dts &- last
                }
            }
            lastSourceDts[sample.track] = dts
        }
        return sample
    }

    /// Puts a count that goes on beside timestamps that wrap, and the other way.
    private mutating func align(_ track: Int, run: UInt64, dts90k: Int64) {
        guard let state = runs[run] else { return }
        let offset90k = state.offsets90k[track] ?? state.unwrapper.offset(of: dts90k)
        runs[run]?.offsets90k[track] = offset90k
        runs[run]?.unwrapper.note(dts90k &+ offset90k)
    }

    private mutating func place(
        _ sample: TimelineSample<Payload>,
        run: UInt64,
        to placed: inout [PlacedSample<Payload>]
    ) {
        guard let pts = sample.pts, let dts = sample.dts else { return }
        let track = tracks[sample.track]
        if courses[sample.track].run != run {
            guard let shift90k = runs[run]?.shift90k else { return }
            let offset90k = offset90k(sample.track, run: run)
            courses[sample.track] = Course(
                run: run,
                shift: TimeScale.mpeg.convert(shift90k &- offset90k, to: track.sourceScale)
            )
        }
        let shift = courses[sample.track].shift
        clocks[sample.track].enter(run: run)
        let clock = clocks[sample.track]
        let placement: TrackClock.Placement
        let duration: Int64
        switch track.kind {
        case .audio:
            let known = track.sourceScale.convert(sample.duration, to: track.outputScale)
            duration = known > 0 ? known : clock.lastDuration
            let ticks = track.sourceScale.convert(pts &- shift, to: track.outputScale)
            if let overlap = clock.overlap(at: ticks, duration: duration, scale: track.outputScale) {
                switch overlap {
                case .runBefore: counts.audioOverlapDropped += 1
                case .sameRun: counts.audioRepeatedDropped += 1
                }
                return
            }
            placement = clock.placeAudio(at: ticks, scale: track.outputScale)
        case .video:
            let step = sourceSteps[sample.track] > 0 ? sourceSteps[sample.track] : sample.duration
            duration = max(1, track.sourceScale.convert(step, to: track.outputScale))
            placement = clock.placeVideo(
                pts: track.sourceScale.convert(pts &- shift, to: track.outputScale),
                dts: track.sourceScale.convert(dts &- shift, to: track.outputScale)
            )
        case .subtitles: return
        }
        if placement.wasMoved { counts.decodeTimesMoved += 1 }
        clocks[sample.track].advance(to: placement, duration: duration)
        placed.append(
            PlacedSample(
                track: sample.track,
                pts: placement.pts,
                dts: placement.dts,
                duration: duration,
                isKey: sample.isKey,
                byteCount: sample.byteCount,
                payload: sample.payload
            )
        )
    }
}
