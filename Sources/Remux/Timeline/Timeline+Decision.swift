/// Where a run goes: decided once, when its start is known.
extension Timeline {
    struct Decision {
        /// What is taken from its times, 90 kHz.
        var shift90k: Int64
        /// Its first presentation time on its own clock, 90 kHz.
        var first90k: Int64
        /// Video before the first key frame is decodable: the pictures before it are there.
        var keepsAll = false
        var isAside = false
        var event: TimelineNotice.Event?
    }

    func decide(_ key: RunKey, _ start: RunStart<Payload>) -> Decision {
        guard hasPlacedRun else { return firstRun(key, start) }
        if let jump = runs[key]?.jump { return jumped(jump, key, start) }
        if let shift90k = unmovedShift90k(key, start) {
            return Decision(shift90k: shift90k, first90k: first90k(start, run: key), keepsAll: true)
        }
        return afterRunBefore(key, start)
    }

    /// The first run: its earliest presentation time is 0; in a clip, what the playlist says.
    private func firstRun(_ key: RunKey, _ start: RunStart<Payload>) -> Decision {
        let times = start.firstPts90k.map { clocked90k($0.key, $0.value, run: key) }
        let first90k = times.min() ?? earliestHeld90k(start, run: key)
        let origin = runs[key]?.origin.shift90k(isVideo: { tracks[$0].kind == .video }, near90k: first90k)
        return Decision(shift90k: origin ?? first90k, first90k: first90k)
    }

    /// A run behind others: its first picture is put at the end of the video before it (without video: of the audio).
    private func afterRunBefore(_ key: RunKey, _ start: RunStart<Payload>) -> Decision {
        let first90k = first90k(start, run: key)
        var at = endBefore(key) &+ (runs[key]?.gapBefore90k ?? 0)
        at = later(at, first90k, start, key)
        return Decision(shift90k: first90k &- at, first90k: first90k)
    }

    /// Sound that goes on long behind the last picture of a run, or begins long before the first one, is not cut off for a
    /// picture: where the playlist shows that there is time for it, the run moves.
    private func later(_ at: Int64, _ first90k: Int64, _ start: RunStart<Payload>, _ key: RunKey) -> Int64 {
        guard let runBefore = clocks.compactMap(\.run).filter({ $0 < key }).max() else { return at }
        let overlap = start.firstPts90k.filter { tracks[$0.key].kind == .audio && clocks[$0.key].run == runBefore }
            .compactMap { number, pts90k in
                end90k(of: number).map { $0 &- (at &+ clocked90k(number, pts90k, run: key) &- first90k) }
            }.max()
        guard let overlap, overlap > TimelineTolerance.cutSound90k, let before = lastBegun, let run = runs[key] else {
            return at
        }
        for (source, start90k) in run.playlistStarts90k {
            guard let old = before.playlistStarts90k[source] else { continue }
            let shown = before.start90k &+ (start90k &- old)
            return shown &- at > overlap / 2 ? at &+ overlap : at
        }
        return at
    }

    /// End of what was placed in the run before: of its video, without video of its audio, 90 kHz.
    private func endBefore(_ key: RunKey) -> Int64 {
        guard let last = clocks.compactMap(\.run).filter({ $0 < key }).max() else { return end90k }
        func end(_ kind: TimelineTrack.Kind) -> Int64? {
            tracks.indices.filter { tracks[$0].kind == kind && clocks[$0].run == last }.compactMap(end90k(of:)).max()
        }
        return end(.video) ?? end(.audio) ?? end90k
    }

    /// The shift with which a run goes on exactly where the one before it ended, where its timestamps do: behind a tag that
    /// changes nothing, nothing moves.
    private func unmovedShift90k(_ key: RunKey, _ start: RunStart<Payload>) -> Int64? {
        let known = tracks.indices.filter { index in
            tracks[index].origin != .playlist && start.first(index) != nil && position90k(of: index) != nil
                && courses[index].now?.key == key && courses[index].inRunBefore?.lastDts != nil
        }
        guard let track = known.first(where: { tracks[$0].kind == .video }) ?? known.first,
            let before = courses[track].inRunBefore, let last = before.lastDts, let dts = start.first(track)?.dts,
            let oldShift = shift(track, run: before.key)
        else { return nil }
        let scale = tracks[track].sourceScale
        let last90k = scale.convert(last, to: .mpeg)
        let usual90k = scale.convert(before.step, to: .mpeg)
        var step90k = scale.convert(dts, to: .mpeg) &- last90k
        if tracks[track].origin == .systems { step90k = TimestampUnwrapper.signed(step90k) }
        let playlist = PlaylistStep(
            from: last90k,
            anchor: before.anchor,
            before: before.before,
            to: courses[track].now?.anchor?.place
        )
        let isShown = step90k > 0 && playlist?.shows(step90k, tolerance90k: TimelineTolerance.exactPlaylist90k) == true
        guard abs(step90k &- usual90k) <= usual90k / 2 || isShown else { return nil }
        let step = tracks[track].origin == .systems ? TimeScale.mpeg.convert(step90k, to: scale) : dts &- last
        return continued90k(track, run: key, first: dts, output: last &+ step &- oldShift)
    }

    // MARK: - Jumps

    /// How another track stands to a jump.
    enum Standing {
        case joined
        /// It went on where it was for so long that it does not jump.
        case goesOn
        /// It is on a later clock.
        case elsewhere
        /// Nothing comes of it.
        case silent
        case open
    }

    private func standing(of track: Int, to jump: TimelineJump, run key: RunKey) -> Standing {
        guard let now = courses[track].now, tracks[track].kind != .subtitles, !tracks[track].isRetired else {
            return .silent
        }
        if runs[key]?.start?.first(track) != nil { return .joined }
        if now.key == key { return .silent }
        if finishedSources.contains(tracks[track].source) { return .silent }
        // Behind a tag its first timestamp shows where it is.
        if now.key > key { return now.lastDts == nil && now.key.part == 0 ? .open : .elsewhere }
        guard now.key.sequence == key.sequence else { return .open }
        guard now.lastDts != nil, let other = position90k(of: track) else { return .silent }
        guard let left = position90k(of: jump.track) else { return .open }
        if other >= left &+ TimelineTolerance.goesOn90k { return .goesOn }
        let isSameSource = tracks[track].source == tracks[jump.track].source
        return isSameSource && other < left &- TimelineTolerance.together90k ? .silent : .open
    }

    /// Whether it is certain that the timestamps have jumped, and in which tracks.
    func isSettled(_ jump: TimelineJump, _ start: RunStart<Payload>, run: RunKey) -> Bool {
        let others = tracks.indices.filter { $0 != jump.track }.map { standing(of: $0, to: jump, run: run) }
        let hasPassed = courses[jump.track].now.map { $0.key > run } ?? false
        guard hasPassed || others.contains(.joined) || start.isCertain(jump.track) else { return false }
        return !others.contains(.open)
    }

    /// A run that begins without a tag: as if there were one, or of some tracks only.
    private func jumped(_ jump: TimelineJump, _ key: RunKey, _ start: RunStart<Payload>) -> Decision {
        let standings = tracks.indices.map { $0 == jump.track ? .joined : standing(of: $0, to: jump, run: key) }
        let joined = tracks.indices.filter { standings[$0] == .joined }
        let staying = tracks.indices.filter { standings[$0] == .goesOn || standings[$0] == .elsewhere }
        let hasVideo = joined.contains { tracks[$0].kind == .video }
        let lacksVideo = staying.contains { tracks[$0].kind == .video }
        let isCommon = staying.isEmpty || (joined.count > 1 && (hasVideo || !lacksVideo))
        let first90k = first90k(start, run: key)
        if !isCommon {
            let isShown = jump.isShown || isShownByOthers(jump)
            let step = isShown ? jump.step90k : nil
            let shift90k = courseShift90k(jump.track, key, start, step90k: step)
            return Decision(
                shift90k: shift90k ?? afterRunBefore(key, start).shift90k,
                first90k: first90k,
                keepsAll: true,
                isAside: true,
                event: isShown ? nil : .jumpOfOneTrack(step90k: jump.step90k)
            )
        }
        var decision = afterRunBefore(key, start)
        // Inside of a group of pictures only decoding times say what follows what.
        if let video = joined.first(where: { tracks[$0].kind == .video }), start.first(video)?.isKey == false,
            let shift90k = courseShift90k(video, key, start, step90k: nil)
        {
            decision.shift90k = shift90k &- (runs[key]?.gapBefore90k ?? 0)
        }
        decision.keepsAll = true
        decision.event = .jump(step90k: jump.step90k)
        return decision
    }

    /// The shift with which a track goes on: by its usual step, or by another one.
    private func courseShift90k(_ track: Int, _ key: RunKey, _ start: RunStart<Payload>, step90k: Int64?) -> Int64? {
        guard let left = runs[key]?.lefts[track], let last = left.lastDts, let sample = start.first(track),
            let dts = sample.dts, let oldShift = shift(track, run: left.key)
        else { return nil }
        let scale = tracks[track].sourceScale
        let step = step90k.map { TimeScale.mpeg.convert($0, to: scale) } ?? max(1, left.step, sample.duration)
        return continued90k(track, run: key, first: dts, output: last &+ step &- oldShift)
    }

    /// The shift that puts a track's first decoding time of a run at a time of the output, both in ticks of the source.
    private func continued90k(_ track: Int, run: RunKey, first dts: Int64, output: Int64) -> Int64 {
        tracks[track].sourceScale.convert(dts &- output, to: .mpeg) &+ offset90k(track, run: run)
    }

    /// Other tracks left out the same time at about the same place, and the playlist shows it.
    private func isShownByOthers(_ jump: TimelineJump) -> Bool {
        tracks.indices.contains { index in
            guard index != jump.track, let shown = courses[index].shownStep, let other = position90k(of: index),
                let left = position90k(of: jump.track)
            else { return false }
            return abs(shown.step90k &- jump.step90k) <= TimelineTolerance.hole90k
                && abs(other &- left) <= TimelineTolerance.together90k &+ shown.step90k
        }
    }

    // MARK: - First times

    /// Where a run begins on its own clock: its first picture, without video its first sound, 90 kHz.
    private func first90k(_ start: RunStart<Payload>, run: RunKey) -> Int64 {
        let video = start.firstPicture90k.values.min()
        if let video { return video }
        let times = start.firstPts90k.map { clocked90k($0.key, $0.value, run: run) }
        return times.min() ?? earliestHeld90k(start, run: run)
    }

    private func earliestHeld90k(_ start: RunStart<Payload>, run: RunKey) -> Int64 {
        start.held.map { sample in
            tracks[sample.track].sourceScale.convert(sample.pts ?? 0, to: .mpeg) &+ offset90k(sample.track, run: run)
        }.min() ?? 0
    }

    /// Those of the playlist were held before there was a clock.
    private func clocked90k(_ track: Int, _ pts90k: Int64, run: RunKey) -> Int64 {
        tracks[track].origin == .playlist ? pts90k &+ offset90k(track, run: run) : pts90k
    }
}
