/// A run's place in the output, and that of its samples.
extension Timeline {
    /// Places a sample, or holds it while the place of its run is not certain.
    mutating func deliver(_ sample: TimelineSample<Payload>, to placed: inout [PlacedSample<Payload>]) {
        guard let key = courses[sample.track].now?.key else { return }
        if courses[sample.track].shift?.key == key || runs[key]?.start == nil {
            return place(sample, run: key, to: &placed)
        }
        let track = tracks[sample.track]
        let offset90k = offset90k(sample.track, run: key)
        runs[key]?.start?.hold(
            sample,
            track: track,
            pts90k: track.sourceScale.convert(sample.pts ?? 0, to: .mpeg) &+ offset90k,
            dts90k: track.sourceScale.convert(sample.dts ?? 0, to: .mpeg) &+ offset90k
        )
    }

    /// Begins the runs whose place has become certain, in order.
    mutating func settle(expected: (UInt64) -> [ExpectedTrack], to placed: inout [PlacedSample<Payload>]) {
        while let key = pending.first(where: { runs[$0]?.start?.held.isEmpty == false }), let run = runs[key],
            let start = run.start
        {
            let isOverdue = pending.contains { $0 >= key && runs[$0]?.start?.isOverdue == true }
            let isCertain =
                run.jump.map { isSettled($0, start, run: key) }
                ?? isSettled(start, run: key, expected: expected(key.sequence))
            guard isOverdue || isCertain else { return }
            begin(key, to: &placed)
        }
    }

    private func isSettled(_ start: RunStart<Payload>, run: RunKey, expected: [ExpectedTrack]) -> Bool {
        let video = expected.filter { $0.kind == .video }
        var needed = expected
        if hasPlacedRun, !video.isEmpty {
            // Sound of the same source comes with the picture, if it is there at all.
            let sources = Set(video.compactMap { $0.number.map { tracks[$0].source } })
            let ends = video.compactMap { $0.number.flatMap(end90k(of:)) }
            needed = video
            needed += expected.filter { track in
                guard track.kind == .audio, let number = track.number, sources.contains(tracks[number].source),
                    let end = end90k(of: number)
                else { return false }
                return ends.allSatisfy { abs($0 &- end) < TimelineTolerance.together90k }
            }
        }
        return needed.allSatisfy { expected in
            guard let number = expected.number else { return false }
            return start.isSettled(number, kind: expected.kind) || courses[number].now.map { $0.key > run } ?? false
        }
    }

    /// Places what a run holds.
    mutating func begin(_ key: RunKey, to placed: inout [PlacedSample<Payload>]) {
        guard var run = runs[key], var start = run.start else { return }
        setPlaylistOffset(of: &run, start)
        runs[key] = run
        let decision = decide(key, start)
        let samples = start.release(keepsAll: decision.keepsAll) { tracks[$0].kind == .video }
        counts.videoBeforeKeyFrame += start.videoBeforeKeyFrame
        learnDecodeDelay(samples)
        run.start = nil
        run.shift90k = decision.shift90k
        run.start90k = decision.first90k &- decision.shift90k
        run.isAside = decision.isAside
        runs[key] = run
        pending.removeAll { $0 == key }
        if !decision.isAside { lastBegun = (decision.first90k &- decision.shift90k, run.playlistStarts90k) }
        if let jump = run.jump, let event = decision.event {
            note(event, track: jump.track, in: jump.mediaSequenceNumber)
        }
        for sample in samples { place(sample, run: key, to: &placed) }
    }

    /// Puts tracks that know only their place in the playlist beside those that have a clock: the first video, else the first
    /// audio of the run, is due where the playlist begins it.
    private func setPlaylistOffset(of run: inout TimelineRun<Payload>, _ start: RunStart<Payload>) {
        let clocked = start.firstPts90k.filter { tracks[$0.key].origin != .playlist }
        let video = clocked.filter { tracks[$0.key].kind == .video }
        guard let first = (video.isEmpty ? clocked : video).min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
            return
        }
        run.playlistOffset90k = first.value &- (run.playlistStarts90k[tracks[first.key].source] ?? 0)
    }

    /// What is added to the times of a track, in 90 kHz, to put them on the clock of the run.
    func offset90k(_ track: Int, run: RunKey) -> Int64 {
        guard let run = runs[run] else { return 0 }
        return tracks[track].origin == .playlist ? run.playlistOffset90k ?? 0 : run.offsets90k[track] ?? 0
    }

    /// Decoding times of fragmented MP4 may be later than presentation times: they are moved, by what the samples at the
    /// start of a run need, so that none is shown before it is decoded.
    private mutating func learnDecodeDelay(_ samples: [TimelineSample<Payload>]) {
        for sample in samples { raiseDecodeDelay(sample) }
    }

    private mutating func raiseDecodeDelay(_ sample: TimelineSample<Payload>) {
        guard let pts = sample.pts, let dts = sample.dts, dts &- pts > courses[sample.track].decodeDelay else { return }
        let most = tracks[sample.track].sourceScale.ticksPerSecond * TimelineTolerance.decodeDelay90k / 90_000
        if dts &- pts <= most { courses[sample.track].decodeDelay = dts &- pts }
    }

    /// What is taken from the times of a track in a run, in ticks of its source; `nil` while that is not certain.
    func shift(_ track: Int, run: RunKey) -> Int64? {
        if let known = courses[track].shift, known.key == run { return known.ticks }
        guard let shift90k = runs[run]?.shift90k else { return nil }
        return TimeScale.mpeg.convert(shift90k &- offset90k(track, run: run), to: tracks[track].sourceScale)
    }

    private mutating func place(
        _ sample: TimelineSample<Payload>,
        run: RunKey,
        to placed: inout [PlacedSample<Payload>]
    ) {
        guard let pts = sample.pts, let dts = sample.dts else { return }
        let track = tracks[sample.track]
        if courses[sample.track].shift?.key != run {
            guard let ticks = shift(sample.track, run: run) else { return }
            courses[sample.track].shift = (run, ticks)
            // Aside, a track goes on where it was.
            if runs[run]?.isAside == false { clocks[sample.track].enter(run: run) }
        }
        let shift = courses[sample.track].shift?.ticks ?? 0
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
            raiseDecodeDelay(sample)
            let usual = courses[sample.track].now?.step ?? 0
            duration = max(1, track.sourceScale.convert(usual > 0 ? usual : sample.duration, to: track.outputScale))
            placement = clock.placeVideo(
                pts: track.sourceScale.convert(pts &- shift, to: track.outputScale),
                dts: track.sourceScale.convert(
                    dts &- courses[sample.track].decodeDelay &- shift,
                    to: track.outputScale
                )
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
