import CFFmpeg
import HLS

/// The blocking half of a session, on the thread `remux`: Demux → Timeline → Mux → Sink.
///
/// Owns every libav object: they are made, used and freed here. Ends when every source has ended, when one has failed, or
/// when the session is stopped; in each case what was written is completed as far as it goes.
final class RemuxLoop {
    /// What the loop is given.
    struct Plan: Sendable {
        /// The Media Playlists in use.
        var sources: [SourcePlan]
        /// Fills the rings, one for each source.
        var fetch: FetchSupervisor
        /// The part of the presentation to take; `nil`: all.
        var range: PresentationRange?
        /// Opens a file for each Rendition of subtitles; `nil`: they go into the output.
        var makeSidecars: (@Sendable ([SourcePlan]) throws -> [SidecarFile])?
        var makeSink: @Sendable () throws -> any ByteSink
        /// Opens the files behind the first one where the output is split; `nil`: there is one.
        var makeNextSink: OutputFiles.Make?
        /// The path of the first file; `nil` where it has none.
        var path: String?
        var formatChange: RemuxConfiguration.FormatChangePolicy
        /// Opens a sink whose name ends in what is given; `nil`: the name is known.
        var makeNamedSink: (@Sendable (_ fileExtension: String) throws -> (sink: any ByteSink, path: String))?
        var output: OutputPlan
        /// `nil`: no chapters are wanted.
        var chapters: ChapterPlan?
        var missingSegments: RemuxConfiguration.MissingSegmentPolicy
    }

    /// What the loop has made.
    struct Outcome: Sendable {
        var tracks: [RemuxSummary.Track] = []
        var files: [RemuxSummary.File] = []
        var outputBytes: UInt64 = 0
        var wasStopped = false
    }

    struct Source {
        let plan: SourcePlan
        let cursor: DemuxCursor
        /// The Discontinuity Sequence that it is in; `nil` before its first segment.
        var run: UInt64?
        var samplesInRun = 0
        /// Where the playlist puts the start of the bytes that the cursor reads without a break.
        var stretchStartMicroseconds: Int64 = 0
        /// Looks for the key frame that a clip starts with; `nil` where none is needed.
        var probe: StartProbe?
        /// The last Media Segment that samples came from.
        var lastWithMedia: SegmentMark?
        var isFinished = false
    }

    let plan: Plan
    let status: SessionStatus
    let files: OutputFiles
    var sources: [Source] = []
    var clip: Clip<Packet>?
    var timeline = Timeline<Packet>()
    var tracks: [TrackAddress: OutputTrack] = [:]
    /// All tracks of the timeline, by their numbers.
    var listedTracks: [ListedTrack] = []
    var output: OutputTracks?
    /// The output's number of each track, by the timeline's; a track of which a clip has nothing has none.
    var outputNumbers: [Int?] = []
    /// The output's number of the first text track.
    var textTrack = 0
    private(set) var subtitles: SubtitleStage?
    /// Where audio and video begin, by their playlists.
    private(set) var originMicroseconds: Int64 = 0
    /// Time of the latest samples placed, 90 kHz.
    var latest90k = Int64.min
    /// Samples that the timeline has placed and the output has not taken; empty between steps.
    var placed: [PlacedSample<Packet>] = []
    /// Timed data that waits, and the kinds that the sources announced before the output was opened.
    var data = DataQueue<TimedData>()
    var dataKinds: [TimedData.Kind] = []
    /// For the chapters.
    private var runStarts = ChapterPlan.RunStarts()
    var samplesUntilReport = 0
    var failure: RemuxError?
    var wasStopped = false

    /// A track of a source.
    struct TrackAddress: Hashable {
        var source: Int
        var key: DemuxCursor.TrackKey
    }

    private init(_ plan: Plan, status: SessionStatus) throws {
        self.plan = plan
        self.status = status
        files = OutputFiles(first: try plan.makeSink(), path: plan.path, makeNext: plan.makeNextSink)
        let plans = plan.sources.filter(\.takesSubtitles)
        do {
            if !plans.isEmpty {
                subtitles = try SubtitleStage(
                    plans,
                    textForm: ContainerRules.textForm(in: plan.output.container) ?? .timedText,
                    makeFiles: plan.makeSidecars,
                    status: status
                )
            }
        } catch {
            try? files.abort()
            throw error
        }
        begin()
    }

    /// Begins to read, from the start of what is being fetched.
    private func begin() {
        timeline = Timeline()
        tracks = [:]
        listedTracks = []
        placed = []
        latest90k = .min
        runStarts = ChapterPlan.RunStarts()
        data = DataQueue()
        let scale = TimeScale(1_000_000)
        clip = plan.range.map { range in
            Clip(
                start90k: scale.convert(range.startMicroseconds, to: .mpeg),
                end90k: range.endMicroseconds.map { scale.convert($0, to: .mpeg) }
            )
        }
        // Those of subtitles are the last.
        let rings = plan.fetch.rings
        subtitles?.begin(zip(plan.sources, rings).filter(\.0.takesSubtitles).map(\.1))
        sources = zip(plan.sources, rings).filter { !$0.0.takesSubtitles }.map { source, ring in
            var kinds: Set<TrackFormat.Kind> = []
            if source.takesVideo { kinds.insert(.video) }
            if source.takesAudio { kinds.insert(.audio) }
            let probe = source.takesVideo ? clip.map { StartProbe(start90k: $0.start90k) } : nil
            return Source(
                plan: source,
                cursor: DemuxCursor(ring: ring, kinds: kinds, takesData: takesData),
                probe: probe
            )
        }
    }

    /// Runs to the end.
    static func run(_ plan: Plan, status: SessionStatus) -> Result<Outcome, RemuxError> {
        do {
            return try RemuxLoop(plan, status: status).run()
        } catch {
            return .failure(RemuxError(wrapping: error))
        }
    }

    private func run() -> Result<Outcome, RemuxError> {
        do {
            while failure == nil, let index = nextSource() {
                do {
                    try step(index)
                    endPastSources()
                } catch let needed as EarlierStartNeeded {
                    status.beginAnew()
                    status.replan(segmentCount: plan.fetch.beginEarlier(needed.source))
                    begin()
                }
            }
        } catch {
            failure = RemuxError(wrapping: error)
        }
        var outcome = Outcome()
        do {
            outcome = try complete(isComplete: failure == nil && !wasStopped)
        } catch {
            failure = failure ?? RemuxError(wrapping: error)
        }
        if let failure { return .failure(failure) }
        return .success(outcome)
    }

    // MARK: - Reading

    /// The source to read from: the one that is furthest behind, among those whose samples are not being held; where all
    /// are, the one that has given least to end that.
    private func nextSource() -> Int? {
        let open = sources.indices.filter { !sources[$0].isFinished }
        let free = open.filter { !timeline.isHolding(source: $0) }
        guard open.count > 1 else { return open.first }
        if free.isEmpty { return open.min { sources[$0].samplesInRun < sources[$1].samplesInRun } }
        return free.min {
            (timeline.position90k(source: $0) ?? .min) < (timeline.position90k(source: $1) ?? .min)
        }
    }

    private func step(_ index: Int) throws {
        switch try nextEvent(index) {
        case .began(let mark): try begin(mark, source: index)
        case .format(let key, let format, let clock):
            try take(format, clock, of: TrackAddress(source: index, key: key))
        case .sample(let key, let sample): try take(sample, of: TrackAddress(source: index, key: key))
        case .passed(let mark, let damage): try judge(mark, damage, source: index)
        case .withoutMedia(let mark):
            try status.lostMedia(of: mark, source: sources[index].plan, policy: plan.missingSegments)
        case .data(let data): take(data, source: index)
        case .leftOut(let text): status.warnOnce(.leftOut(text), text)
        case .warning(let text): status.warn(sources[index].plan.label + text)
        case .finished(let end): try finish(end, source: index)
        }
    }

    private func nextEvent(_ index: Int) throws -> DemuxCursor.Event {
        do {
            return try sources[index].cursor.next()
        } catch {
            // Without a key frame there may have been nothing to read at all.
            if lacksKeyFrame(index) { throw EarlierStartNeeded(source: index) }
            throw error
        }
    }

    private func begin(_ mark: SegmentMark, source index: Int) throws {
        var gap90k: Int64 = 0
        if sources[index].run != mark.discontinuitySequence {
            timeline.flush(source: index, to: &placed)
            tellNotices()
            try writePlaced()
        }
        if let last = sources[index].lastWithMedia {
            let end = last.startMicroseconds &+ last.durationMicroseconds
            gap90k = TimeScale(1_000_000).convert(max(0, mark.startMicroseconds &- end), to: .mpeg)
        }
        noteRunStarts()
        runStarts.enter(
            mark.discontinuitySequence,
            playlistStart90k: TimeScale(1_000_000).convert(mark.startMicroseconds, to: .mpeg)
        )
        if sources.allSatisfy({ $0.run == nil }) { originMicroseconds = mark.startMicroseconds }
        timeline.enter(
            run: mark.discontinuitySequence,
            source: index,
            gapBefore90k: gap90k,
            playlistStart90k: TimeScale(1_000_000).convert(mark.startMicroseconds, to: .mpeg)
        )
        sources[index].run = mark.discontinuitySequence
        sources[index].stretchStartMicroseconds = mark.startMicroseconds
        sources[index].samplesInRun = 0
    }

    /// The timeline forgets runs that all sources have left.
    private func noteRunStarts() {
        for run in runStarts.open {
            if let placement = timeline.placement(of: run) { runStarts.place(run, start90k: placement.start90k) }
        }
    }

    /// The chapters, with the times that the timeline gave them; `nil`: none are wanted.
    func exactChapters() -> [Chapter]? {
        noteRunStarts()
        return plan.chapters?.chapters(runStarts)
    }

    private func take(_ sample: DemuxedSample, of address: TrackAddress) throws {
        guard let track = tracks[address] else {
            throw RemuxError(.internalError, "a sample came before the format of its track")
        }
        sources[address.source].samplesInRun += 1
        try track.adapt(sample, place: { self.place(address.source) })
        try locate(sample, track: track.number, of: address)
        enterSegment(address.source)
        do {
            try timeline.push(
                TimelineSample(
                    track: track.number,
                    pts: sample.pts.map(track.timelineTicks),
                    dts: sample.dts.map(track.timelineTicks),
                    duration: track.timelineTicks(sample.duration),
                    isKey: sample.isKey,
                    byteCount: sample.packet.size,
                    payload: sample.packet
                ),
                expected: expectedTracks,
                to: &placed
            )
        } catch {
            throw mediaError(
                "the timestamp \(error.timestamp) of the \(track.format.codecName) stream is beyond all times",
                source: address.source
            )
        }
        tellNotices()
        try writePlaced()
    }

    private func judge(_ mark: SegmentMark, _ damage: SegmentDamage, source index: Int) throws {
        try checkStart(behind: mark, source: index)
        try status.judge(mark, damage, source: sources[index].plan, policy: plan.missingSegments)
    }

    private func finish(_ end: RingEnd, source index: Int) throws {
        timeline.finish(source: index, to: &placed)
        tellNotices()
        try writePlaced()
        clip?.finish(tracks: tracks.filter { $0.key.source == index }.map(\.value.number))
        try writeClipped()
        sources[index].isFinished = true
        switch end {
        case .complete: warnOfSilentTracks(index)
        case .failed(let error): failure = error
        case .stopped:
            wasStopped = true
            for other in sources.indices { sources[other].isFinished = true }
        }
    }
}
