/// Output time as a function of (Discontinuity Sequence, track, pts/dts): DESIGN §5, RFC 8216bis §6.3.3.
///
/// The first run maps its earliest presentation time to 0 and keeps the A/V offset of the source. Each later run is moved
/// by one shift, common to all its tracks and sources, that puts its first video presentation time at the end of the
/// video before it (without video: of the audio). A jump without a tag begins a run like a tag does, once it is certain;
/// a tag without a jump moves nothing. Shifts are absolute, so nothing accumulates. Pure: no clock, no I/O.
struct Timeline<Payload> {
    var tracks: [TimelineTrack] = []
    var clocks: [TrackClock] = []
    var courses: [TrackCourse] = []
    var runs: [RunKey: TimelineRun<Payload>] = [:]
    /// Those whose place is not certain, in order.
    var pending: [RunKey] = []
    /// The Discontinuity Sequence that each source is in.
    var runOfSource: [Int: UInt64] = [:]
    var places: [Int: SegmentPlace] = [:]
    var finishedSources: Set<Int> = []
    /// Media time missing in front of a source's next sample; taken by the first track that uses it.
    var gaps90k: [Int: Int64] = [:]
    /// The run that was placed last.
    var lastBegun: (start90k: Int64, playlistStarts90k: [Int: Int64])?
    var counts = TimelineCounts()
    private var notices: [TimelineNotice] = []

    var hasPlacedRun: Bool { lastBegun != nil }

    /// Adds a track; returns its number, counted from 0.
    mutating func addTrack(_ track: TimelineTrack) -> Int {
        tracks.append(track)
        clocks.append(TrackClock())
        courses.append(TrackCourse())
        return tracks.count - 1
    }

    /// The stream of one track goes on in another: where the one has come, the other goes on.
    mutating func replace(_ old: Int, by new: Int) {
        tracks[old].isRetired = true
        let (from, to) = (tracks[old].sourceScale, tracks[new].sourceScale)
        func converted(_ position: TrackCourse.Position?) -> TrackCourse.Position? {
            guard var position else { return nil }
            position.lastDts = position.lastDts.map { from.convert($0, to: to) }
            position.step = from.convert(position.step, to: to)
            return position
        }
        courses[new].now = converted(courses[old].now)
        courses[new].inRunBefore = converted(courses[old].inRunBefore)
        for run in runs.keys {
            let offset90k = runs[run]?.offsets90k[old]
            runs[run]?.offsets90k[new] = offset90k
        }
    }

    /// From here on the track's timestamps count from something else.
    mutating func setOrigin(_ origin: TimelineTrack.Origin, of track: Int) {
        tracks[track].origin = origin
        courses[track].now?.lastDts = nil
        courses[track].left = []
        courses[track].shift = nil
        for run in runs.keys { runs[run]?.offsets90k[track] = nil }
    }

    /// The source's samples belong to this Discontinuity Sequence from now on.
    ///
    /// - Parameters:
    ///   - gapBefore90k: duration of the Media Segments missing in front of its next sample: it is kept.
    ///   - playlistStart90k: where the playlist puts that sample.
    mutating func enter(run sequence: UInt64, source: Int, gapBefore90k: Int64 = 0, playlistStart90k: Int64 = 0) {
        gaps90k[source] = gapBefore90k > 0 ? gapBefore90k : nil
        defer {
            let run = RunKey(sequence: sequence)
            if runs[run]?.playlistStarts90k[source] == nil { runs[run]?.playlistStarts90k[source] = playlistStart90k }
        }
        guard runOfSource[source] != sequence else { return }
        runOfSource[source] = sequence
        let run = RunKey(sequence: sequence)
        if runs[run] == nil { open(run) }
        let gap90k = max(runs[run]?.gapBefore90k ?? 0, gapBefore90k)
        runs[run]?.gapBefore90k = gap90k
        for index in tracks.indices where tracks[index].source == source && !tracks[index].isRetired {
            // Timestamps may have brought it here in front of the tag.
            if let now = courses[index].now, now.key >= run { continue }
            courses[index].inRunBefore = courses[index].now
            courses[index].now = TrackCourse.Position(key: run)
            courses[index].left = []
        }
        forgetRuns(before: run)
    }

    /// The source's samples are in this Media Segment from now on.
    mutating func enter(segment place: SegmentPlace, source: Int) { places[source] = place }

    mutating func open(_ run: RunKey) {
        runs[run] = TimelineRun()
        pending.append(run)
        pending.sort()
    }

    /// Forgets what no track is in any more.
    mutating func forgetRuns(before run: RunKey) {
        var used = Set(runOfSource.values.map { RunKey(sequence: $0) })
        for (course, track) in zip(courses, tracks) where !track.isRetired {
            if let now = course.now { used.insert(now.key) }
            for left in course.left { used.insert(left.key) }
        }
        for left in pending.compactMap({ runs[$0]?.lefts.values }).joined() { used.insert(left.key) }
        let old = runs.filter { $0.key < run && !used.contains($0.key) && ($0.value.start?.held.isEmpty ?? true) }
        for key in old.keys {
            runs[key] = nil
            pending.removeAll { $0 == key }
        }
    }

    /// For a clip, while no run is placed: where the playlist puts the segment that the track's first timestamp is in.
    mutating func locate(track: Int, firstPts90k: Int64, segmentStart90k: Int64) {
        guard !hasPlacedRun, let sequence = runOfSource[tracks[track].source] else { return }
        runs[RunKey(sequence: sequence)]?.origin.locate(
            track: track,
            firstPts90k: firstPts90k,
            segmentStart90k: segmentStart90k
        )
    }

    /// Whether samples of the source are being held, and others decide on them: reading on from it brings nothing out.
    func isHolding(source: Int) -> Bool {
        guard let sequence = runOfSource[source] else { return false }
        guard !pending.isEmpty else { return false }
        let positions = tracks.indices.filter {
            tracks[$0].source == source && !tracks[$0].isRetired && courses[$0].now?.lastDts != nil
        }
        guard !positions.isEmpty else { return runs[RunKey(sequence: sequence)]?.start != nil }
        return positions.allSatisfy { index in
            guard let key = courses[index].now?.key, let run = runs[key], let start = run.start else { return false }
            return run.jump == nil || start.isCertain(index)
        }
    }

    /// Where the source has got to in the output, in 90 kHz; `nil` before its first placed sample.
    func position90k(source: Int) -> Int64? {
        tracks.indices.filter { tracks[$0].source == source && !tracks[$0].isRetired }
            .compactMap(position90k(of:)).min()
    }

    /// Decoding time of the last placed sample of a track, 90 kHz.
    func position90k(of track: Int) -> Int64? {
        clocks[track].lastDts.map { tracks[track].outputScale.convert($0, to: .mpeg) }
    }

    /// Where a run lies, for what is placed by its timestamps without being one of its tracks (subtitles); `nil` while that
    /// is not certain. Where timestamps jump in a Discontinuity Sequence: the last part so far.
    func placement(of sequence: UInt64) -> RunPlacement? {
        let parts = runs.filter { $0.key.sequence == sequence && !$0.value.isAside && $0.value.start90k != nil }
        guard let run = parts.max(by: { $0.key < $1.key })?.value, let shift90k = run.shift90k,
            let start90k = run.start90k
        else { return nil }
        return RunPlacement(shift90k: shift90k, start90k: start90k)
    }

    /// Decoding time of a placed sample, 90 kHz.
    func time90k(of sample: PlacedSample<Payload>) -> Int64 {
        tracks[sample.track].outputScale.convert(sample.dts, to: .mpeg)
    }

    /// Presentation end of what has been placed so far, in 90 kHz.
    var end90k: Int64 { tracks.indices.compactMap(end90k(of:)).max() ?? 0 }

    /// Presentation end of what has been placed of a track, in 90 kHz.
    func end90k(of track: Int) -> Int64? {
        clocks[track].end.map { tracks[track].outputScale.convert($0, to: .mpeg) }
    }

    /// Takes a sample; appends what can be placed now, in order of arrival, to `placed`.
    ///
    /// - Parameter expected: the tracks that the sources promise for a Discontinuity Sequence; asked for while it matters.
    /// - Throws: ``TimelineError`` for a timestamp that has no place.
    mutating func push(
        _ sample: TimelineSample<Payload>,
        expected: (UInt64) -> [ExpectedTrack],
        to placed: inout [PlacedSample<Payload>]
    ) throws(TimelineError) {
        let source = tracks[sample.track].source
        guard let sequence = runOfSource[source] else { return }
        if courses[sample.track].now == nil {
            courses[sample.track].now = TrackCourse.Position(key: RunKey(sequence: sequence))
        }
        guard let sample = try checked(sample) else {
            counts.timestampsMissing += 1
            return
        }
        follow(sample, place: places[source], to: &placed)
        guard let unwrapped = advance(sample) else { return }
        deliver(unwrapped, to: &placed)
        if !pending.isEmpty { settle(expected: expected, to: &placed) }
    }

    /// What happened since the last call.
    mutating func takeNotices() -> [TimelineNotice] {
        guard !notices.isEmpty else { return [] }
        defer { notices = [] }
        return notices
    }

    mutating func note(_ event: TimelineNotice.Event, track: Int, in mediaSequenceNumber: UInt64?) {
        notices.append(TimelineNotice(event: event, track: track, mediaSequenceNumber: mediaSequenceNumber))
    }

    /// The source's run has ended: what is held waits for nothing more.
    mutating func flush(source: Int, to placed: inout [PlacedSample<Payload>]) {
        guard !pending.isEmpty else { return }
        let keys = tracks.indices.filter { tracks[$0].source == source }.compactMap { courses[$0].now?.key }
        guard let last = keys.max() else { return }
        while let run = pending.first(where: { runs[$0]?.start?.held.isEmpty == false }), run <= last {
            begin(run, to: &placed)
        }
    }

    /// The source has ended.
    mutating func finish(source: Int, to placed: inout [PlacedSample<Payload>]) {
        finishedSources.insert(source)
        flush(source: source, to: &placed)
    }
}
