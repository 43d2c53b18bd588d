import CFFmpeg
import HLS

/// The blocking half of a session, on the thread `remux`: Demux → Timeline → Mux → Sink.
///
/// Owns every libav object: they are made, used and freed here. Ends when every source has ended, when one has failed, or
/// when the session is stopped; in each case what was written is completed as far as it goes.
final class RemuxLoop {
    /// What the loop is given.
    struct Plan: Sendable {
        /// One for each Media Playlist in use.
        struct Source: Sendable {
            var ring: ByteRing
            var plan: SourcePlan
        }

        var sources: [Source]
        /// Renditions of subtitles, read beside the others.
        var subtitles: [Source] = []
        /// Opens a file for each of them; `nil`: they go into the output.
        var makeSidecars: (@Sendable ([SourcePlan]) throws -> [SidecarFile])?
        var makeSink: @Sendable () throws -> any ByteSink
        /// Fragments to reserve index space for; `nil` where the length is not known.
        var plannedFragments: Int?
        var minimumFragment90k: Int64
        var missingSegments: RemuxConfiguration.MissingSegmentPolicy
    }

    /// What the loop has made.
    struct Outcome: Sendable {
        var tracks: [RemuxSummary.Track] = []
        var outputBytes: UInt64 = 0
        var wasStopped = false
    }

    /// Often enough for a progress bar, seldom enough to cost nothing.
    private static let samplesBetweenReports = 100

    struct Source {
        let plan: SourcePlan
        let cursor: DemuxCursor
        /// The Discontinuity Sequence that it is in; `nil` before its first segment.
        var run: UInt64?
        var samplesInRun = 0
        /// The last Media Segment that has passed.
        var lastSegment: SegmentMark?
        var isFinished = false
    }

    private let plan: Plan
    let status: SessionStatus
    private let sink: any ByteSink
    var sources: [Source]
    var timeline = Timeline<Packet>()
    var tracks: [TrackAddress: OutputTrack] = [:]
    var output: OutputTracks?
    let subtitles: SubtitleStage?
    /// Where audio and video begin, by their playlists.
    private(set) var originMicroseconds: Int64 = 0
    /// Samples that the timeline has placed and the output has not taken; empty between steps.
    private var placed: [PlacedSample<Packet>] = []
    private var samplesUntilReport = 0
    private var failure: RemuxError?
    private var wasStopped = false

    /// A track of a source.
    struct TrackAddress: Hashable {
        var source: Int
        var key: DemuxCursor.TrackKey
    }

    /// A track's number on the timeline, and the format that its sample entry is made of.
    struct OutputTrack {
        var number: Int
        var format: TrackFormat
        /// The clock of the track's samples, and that of the timeline's track: another Media Initialization Section may
        /// bring another scale.
        var clock: MediaClock
        var timelineScale: TimeScale
        /// Parameter sets that go before key frames, since the sample entry holds others.
        var inBand: [UInt8]?
    }

    private init(_ plan: Plan, status: SessionStatus) throws {
        self.plan = plan
        self.status = status
        sink = try plan.makeSink()
        do {
            subtitles =
                plan.subtitles.isEmpty
                ? nil : try SubtitleStage(plan.subtitles, makeFiles: plan.makeSidecars, status: status)
        } catch {
            try? sink.abort()
            throw error
        }
        sources = plan.sources.map { source in
            var kinds: Set<TrackFormat.Kind> = []
            if source.plan.takesVideo { kinds.insert(.video) }
            if source.plan.takesAudio { kinds.insert(.audio) }
            return Source(plan: source.plan, cursor: DemuxCursor(ring: source.ring, kinds: kinds))
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
            while failure == nil, let index = nextSource() { try step(index) }
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
        let cursor = sources[index].cursor
        switch try cursor.next() {
        case .began(let mark): try begin(mark, source: index)
        case .format(let key, let format, let clock):
            try take(format, clock, of: TrackAddress(source: index, key: key))
        case .sample(let key, let sample): try take(sample, of: TrackAddress(source: index, key: key))
        case .passed(let mark, let damage): try judge(mark, damage, source: index)
        case .leftOut(let text): status.warnOnce(.leftOut(text), text)
        case .warning(let text): status.warn(sources[index].plan.label + text)
        case .finished(let end): try finish(end, source: index)
        }
    }

    private func begin(_ mark: SegmentMark, source index: Int) throws {
        var gap90k: Int64 = 0
        if sources[index].run != mark.discontinuitySequence {
            timeline.flush(source: index, to: &placed)
            try writePlaced()
            if let last = sources[index].lastSegment {
                let end = last.startMicroseconds &+ last.durationMicroseconds
                gap90k = TimeScale(1_000_000).convert(max(0, mark.startMicroseconds &- end), to: .mpeg)
            }
        }
        if sources.allSatisfy({ $0.run == nil }) { originMicroseconds = mark.startMicroseconds }
        timeline.enter(run: mark.discontinuitySequence, source: index, gapBefore90k: gap90k)
        sources[index].run = mark.discontinuitySequence
        sources[index].samplesInRun = 0
    }

    private func take(_ sample: DemuxedSample, of address: TrackAddress) throws {
        guard let track = tracks[address] else {
            throw RemuxError(.internalError, "a sample came before the format of its track")
        }
        sources[address.source].samplesInRun += 1
        if sample.isKey, let parameterSets = track.inBand { try sample.packet.insert(parameterSets) }
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
                expected: expectedTracks(of: sources[address.source].run),
                to: &placed
            )
        } catch {
            let seconds = TimeScale.mpeg.convert(error.step90k, to: TimeScale(1))
            throw mediaError(
                "the timestamps jump by \(seconds) s without an EXT-X-DISCONTINUITY, which is not supported yet",
                source: address.source
            )
        }
        if let hole = timeline.takeHole() {
            let milliseconds = TimeScale.mpeg.convert(hole.step90k, to: TimeScale(1000))
            status.warn("\(place(address.source))the \(track.format.codecName) stream leaves out \(milliseconds) ms")
        }
        try writePlaced()
    }

    /// What the packets of a segment looked like: beyond its limit it counts as lost, less is a warning.
    private func judge(_ mark: SegmentMark, _ damage: SegmentDamage, source index: Int) throws {
        sources[index].lastSegment = mark
        guard let finding = damage.finding(in: mark.container) else { return }
        let number = mark.identity.mediaSequenceNumber
        let text = "\(sources[index].plan.label)Media Segment \(number) is damaged: \(finding)"
        guard damage.isBeyondLimit else { return status.warn(text) }
        guard plan.missingSegments == .gap else {
            throw RemuxError(
                .media,
                text + "; --on-missing gap keeps what is intact",
                context: RemuxError.Context(stage: "Demux", mediaSequenceNumber: number)
            )
        }
        status.warn(text)
        status.lost(
            RemuxSummary.Gap(
                mediaSequenceNumber: number,
                startSeconds: Double(mark.startMicroseconds) / 1_000_000,
                durationSeconds: Double(mark.durationMicroseconds) / 1_000_000,
                cause: text,
                isAnnounced: false
            )
        )
    }

    private func finish(_ end: RingEnd, source index: Int) throws {
        timeline.flush(source: index, to: &placed)
        try writePlaced()
        sources[index].isFinished = true
        switch end {
        case .complete: warnOfSilentTracks(index)
        case .failed(let error): failure = error
        case .stopped:
            wasStopped = true
            for other in sources.indices { sources[other].isFinished = true }
        }
    }

    // MARK: - Writing

    private func writePlaced() throws {
        guard !placed.isEmpty else { return }
        if output == nil { output = try open(with: placed) }
        try writeText(before: placed)
        for sample in placed { try output?.write(sample) }
        samplesUntilReport -= placed.count
        placed.removeAll(keepingCapacity: true)
        if samplesUntilReport <= 0 {
            reportPosition()
            samplesUntilReport = Self.samplesBetweenReports
        }
    }

    private func open(with samples: [PlacedSample<Packet>]) throws -> OutputTracks {
        let ordered = tracks.sorted { $0.value.number < $1.value.number }
        return try OutputTracks(
            formats: ordered.map(\.value.format) + (subtitles?.formats ?? []),
            labels: ordered.map { label(of: $0.key) } + (subtitles?.labels ?? []),
            first: samples,
            sink: sink,
            plannedFragments: plan.plannedFragments,
            policy: FragmentPolicy(minimum90k: plan.minimumFragment90k)
        )
    }

    /// Writes an output of text tracks alone.
    func write(alone samples: [PlacedSample<Packet>]) throws {
        let output = try open(with: samples)
        self.output = output
        for sample in samples { try output.write(sample) }
    }

    private func reportPosition() {
        guard let position = sources.indices.compactMap({ timeline.position90k(source: $0) }).min() else { return }
        status.reportPosition(microseconds: TimeScale.mpeg.convert(position, to: TimeScale(1_000_000)))
    }

    /// Completes what can be completed and ends the sink.
    private func complete(isComplete: Bool) throws -> Outcome {
        defer { status.update { $1.outputBytes = output?.byteCount ?? 0 } }
        var outcome = Outcome(wasStopped: wasStopped)
        reportPosition()
        if failure?.code != .output, failure?.code != .readerGone {
            do {
                try finishText(isComplete: isComplete)
                try output?.finish()
            } catch {
                subtitles?.abortFiles()
                try? sink.abort()
                throw error
            }
            outcome.tracks = output?.summaries ?? []
            outcome.outputBytes = output?.byteCount ?? 0
        }
        status.add(timeline.counts)
        for source in sources { status.add(source.cursor.counts) }
        let hasOutput = output != nil || (sources.isEmpty && plan.makeSidecars != nil)
        guard isComplete, hasOutput else {
            subtitles?.abortFiles()
            try sink.abort()
            if failure == nil, !wasStopped, output == nil {
                throw RemuxError(.media, "the segments hold nothing that can be used")
            }
            return outcome
        }
        do {
            try sink.finish()
        } catch {
            subtitles?.abortFiles()
            throw error
        }
        try subtitles?.completeFiles()
        return outcome
    }
}
