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
        var makeSink: @Sendable () throws -> any ByteSink
        /// Fragments to reserve index space for; `nil` where the length is not known.
        var plannedFragments: Int?
        var minimumFragment90k: Int64
    }

    /// What the loop has made.
    struct Outcome: Sendable {
        var tracks: [RemuxSummary.Track] = []
        var outputBytes: UInt64 = 0
        var fragmentCount = 0
        var wasStopped = false
    }

    /// Often enough for a progress bar, seldom enough to cost nothing.
    private static let samplesBetweenReports = 100

    private struct Source {
        let plan: SourcePlan
        let cursor: DemuxCursor
        /// The Discontinuity Sequence that it is in; `nil` before its first segment.
        var run: UInt64?
        var samplesInRun = 0
        var isFinished = false
    }

    private let plan: Plan
    private let status: SessionStatus
    private let sink: any ByteSink
    private var sources: [Source]
    private var timeline = Timeline<Packet>()
    private var trackNumbers: [TrackAddress: Int] = [:]
    private var output: OutputTracks?
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

    private init(_ plan: Plan, status: SessionStatus) throws {
        self.plan = plan
        self.status = status
        sink = try plan.makeSink()
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
        case .began(let mark):
            if sources[index].run != mark.discontinuitySequence {
                timeline.flush(source: index, to: &placed)
                try writePlaced()
            }
            timeline.enter(run: mark.discontinuitySequence, source: index)
            sources[index].run = mark.discontinuitySequence
            sources[index].samplesInRun = 0
        case .sample(let key, let sample):
            sources[index].samplesInRun += 1
            let track = try number(of: TrackAddress(source: index, key: key), cursor: cursor)
            timeline.push(
                TimelineSample(
                    track: track,
                    pts: sample.pts,
                    dts: sample.dts,
                    duration: sample.duration,
                    isKey: sample.isKey,
                    byteCount: sample.packet.size,
                    payload: sample.packet
                ),
                expected: expectedTracks(of: sources[index].run),
                to: &placed
            )
            try writePlaced()
        case .ended:
            break
        case .finished(let end):
            timeline.flush(source: index, to: &placed)
            try writePlaced()
            sources[index].isFinished = true
            switch end {
            case .complete: break
            case .failed(let error): failure = error
            case .stopped: wasStopped = true
            }
            if wasStopped { sources.indices.forEach { sources[$0].isFinished = true } }
        }
    }

    /// The number of a track on the timeline; a track that is new after the header was written cannot be kept.
    private func number(of address: TrackAddress, cursor: DemuxCursor) throws -> Int {
        if let number = trackNumbers[address] { return number }
        guard let format = cursor.format(of: address.key) else { return 0 }
        guard output == nil else {
            throw RemuxError(
                .media,
                "Media Segment \(cursor.currentSegment?.identity.mediaSequenceNumber ?? 0): a \(format.codecName) track "
                    + "begins here that was not there at the start; the output cannot take it any more",
                context: RemuxError.Context(
                    stage: "Mux",
                    mediaSequenceNumber: cursor.currentSegment?.identity.mediaSequenceNumber
                )
            )
        }
        let number = timeline.addTrack(
            TimelineTrack(
                kind: format.kind == .video ? .video : .audio,
                source: address.source,
                sourceScale: .mpeg,
                outputScale: format.timeScale
            )
        )
        trackNumbers[address] = number
        return number
    }

    /// The tracks that the containers of all sources promise for a run. A source that has not come so far is expected to
    /// bring what was chosen from it.
    private func expectedTracks(of run: UInt64?) -> [ExpectedTrack] {
        sources.indices.flatMap { index -> [ExpectedTrack] in
            let source = sources[index]
            if source.isFinished { return [] }
            guard source.run == run else {
                let isBehind = source.run.map { $0 < run ?? 0 } ?? true
                return isBehind ? [ExpectedTrack(kind: source.plan.takesVideo ? .video : .audio, number: nil)] : []
            }
            return source.cursor.expectedTracks.map { key in
                ExpectedTrack(
                    kind: key.kind == .video ? .video : .audio,
                    number: trackNumbers[TrackAddress(source: index, key: key)]
                )
            }
        }
    }

    // MARK: - Writing

    private func writePlaced() throws {
        guard !placed.isEmpty else { return }
        if output == nil { output = try open(with: placed) }
        for sample in placed { try output?.write(sample) }
        samplesUntilReport -= placed.count
        placed.removeAll(keepingCapacity: true)
        if samplesUntilReport <= 0 {
            reportPosition()
            samplesUntilReport = Self.samplesBetweenReports
        }
    }

    private func open(with samples: [PlacedSample<Packet>]) throws -> OutputTracks {
        let addresses = trackNumbers.sorted { $0.value < $1.value }.map(\.key)
        let formats = try addresses.map { address in
            guard let format = sources[address.source].cursor.format(of: address.key) else {
                throw RemuxError(.media, "a \(address.key.kind) track shows no parameters that a container needs")
            }
            return format
        }
        return try OutputTracks(
            formats: formats,
            first: samples,
            sink: sink,
            plannedFragments: plan.plannedFragments,
            policy: FragmentPolicy(minimum90k: plan.minimumFragment90k)
        )
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
        if failure?.code != .output, failure?.code != .readerGone, let output {
            do {
                try output.finish()
            } catch {
                try? sink.abort()
                throw error
            }
            outcome.tracks = output.summaries
            outcome.outputBytes = output.byteCount
            outcome.fragmentCount = output.fragmentCount
        }
        status.add(timeline.counts)
        for source in sources { status.add(source.cursor.counts) }
        guard isComplete, output != nil else {
            try sink.abort()
            if failure == nil, !wasStopped, output == nil {
                throw RemuxError(.media, "the segments hold no video or audio that can be used")
            }
            return outcome
        }
        try sink.finish()
        return outcome
    }
}
