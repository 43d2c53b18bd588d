import HLS
import Transport

/// The blocking half of a session that copies segments as they are, on the thread `remux`: ByteRing → Sink, without a demuxer.
final class CopyLoop {
    private let plan: RemuxLoop.Plan
    private let status: SessionStatus
    private var sink: (any ByteSink)?
    private var mark: SegmentMark?
    private var firstMicroseconds: Int64?
    private var monitor = TransportStreamMonitor()
    private lazy var writer = CopyWriter { [unowned self] bytes in try write(bytes) }

    private init(_ plan: RemuxLoop.Plan, status: SessionStatus) throws {
        self.plan = plan
        self.status = status
        if plan.makeNamedSink == nil { sink = try plan.makeSink() }
    }

    /// Runs to the end.
    static func run(_ plan: RemuxLoop.Plan, status: SessionStatus) -> Result<RemuxLoop.Outcome, RemuxError> {
        do {
            return try CopyLoop(plan, status: status).run()
        } catch {
            return .failure(RemuxError(wrapping: error))
        }
    }

    private func run() -> Result<RemuxLoop.Outcome, RemuxError> {
        if plan.range != nil {
            status.note(
                "the segments are copied whole: the part begins and ends with those that hold its start and end"
            )
        }
        var outcome = RemuxLoop.Outcome()
        var failure: RemuxError?
        do {
            switch try copy() {
            case .complete: break
            case .failed(let error): failure = error
            case .stopped: outcome.wasStopped = true
            }
        } catch {
            failure = RemuxError(wrapping: error)
        }
        do {
            try complete(isComplete: failure == nil && !outcome.wasStopped)
        } catch {
            failure = failure ?? RemuxError(wrapping: error)
        }
        outcome.outputBytes = writer.byteCount
        status.update { $1.outputBytes = writer.byteCount }
        return failure.map { .failure($0) } ?? .success(outcome)
    }

    private func copy() throws -> RingEnd {
        guard let ring = plan.fetch.rings.first else { return .complete }
        while true {
            switch ring.blockingRead() {
            case .item(.segment(let next)):
                try endSegment()
                try begin(next)
            case .item(.chunk(let chunk)):
                try openSink(chunk.bytes)
                if mark?.container.packetLayout != nil { monitor.watch(chunk.bytes) }
                try writer.accept(chunk.bytes)
            case .item(.missing(let isCut)):
                try endSegment(isCut: isCut)
            case .end(let end):
                if case .complete = end { try endSegment() } else { try endSegment(isCut: true) }
                return end
            }
        }
    }

    private func begin(_ next: SegmentMark) throws {
        if next.container == .webVTT {
            let number = next.identity.mediaSequenceNumber
            throw RemuxError(
                .media,
                "Media Segment \(number) is WebVTT, whose times a copy would break; --sidecar vtt writes a file that is right",
                context: RemuxError.Context(stage: "Mux", mediaSequenceNumber: number)
            )
        }
        if next.continuity == .newRun, firstMicroseconds != nil {
            status.warnOnce(
                .leftOut("timestamps"),
                "the stream has discontinuities, and a copy does not touch timestamps: they jump there, as they do in the "
                    + "segments; another --format makes one timeline"
            )
        }
        if let packetLayout = next.container.packetLayout { monitor.beginSegment(packetLayout) }
        firstMicroseconds = firstMicroseconds ?? next.startMicroseconds
        mark = next
        if sink != nil { try writer.begin(next) }
    }

    private func endSegment(isCut: Bool = false) throws {
        guard let mark else { return }
        try writer.end(isCut: isCut)
        let microseconds = mark.startMicroseconds &+ mark.durationMicroseconds &- (firstMicroseconds ?? 0)
        status.reportPosition(microseconds: microseconds)
        status.update { $1.copiedSeconds = Double(microseconds) / 1_000_000 }
        self.mark = nil
        guard mark.container.packetLayout != nil else { return }
        monitor.endSegment()
        if !isCut {
            try status.judge(
                mark,
                .packets(monitor.damage),
                source: plan.sources.first,
                policy: plan.missingSegments
            )
        }
    }

    /// What the first segment holds gives the file its name.
    private func openSink(_ head: UnsafeRawBufferPointer) throws {
        guard sink == nil, let mark, let makeNamedSink = plan.makeNamedSink else { return }
        let named = try makeNamedSink(CopiedContent.fileExtension(mark.container, head: Array(head)))
        sink = named.sink
        status.update { $1.outputPath = named.path }
        try writer.begin(mark)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws { try sink?.write(bytes) }

    private func complete(isComplete: Bool) throws {
        guard let sink else {
            if isComplete { throw nothing }
            return
        }
        guard isComplete, writer.byteCount > 0 else {
            try sink.abort()
            if isComplete { throw nothing }
            return
        }
        try sink.finish()
    }

    private var nothing: RemuxError {
        let isLost = status.hasLostSegments
        return RemuxError(
            isLost ? .incomplete : .media,
            isLost ? "no segment is left that can be used" : "the segments hold nothing that can be used"
        )
    }
}
