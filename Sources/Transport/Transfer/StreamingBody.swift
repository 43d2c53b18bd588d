import Synchronization

/// Streams a body through its filter into chunks for its reader. Lives on the transport thread, over all attempts.
final class StreamingBody: BodyReceiver {
    /// What the task side gives.
    struct Parts: Sendable {
        let queue: ChunkQueue
        /// Nil while the filter is not known.
        let makeFilter: (@Sendable () -> any BodyFilter)?
        let makeDigest: (@Sendable () -> any BodyDigest)?
        let countReceived: @Sendable (UInt64) -> Void
    }

    /// Grants chunks, or nil if the body has to wait.
    typealias Grant = (Admission.Demand) -> [Chunk]?

    /// A waiting reader gets a partly filled chunk from this size on: less would be many small ones in a row.
    static let smallestPartialChunk = 16 * 1024
    /// Room beyond the input for what a filter held back or leaves unused at the end of a chunk.
    private static let filterSlack = 64

    private let id: UInt64
    private let request: TransferRequest
    private let pool: ChunkPool
    private let parts: Parts
    private let grant: Grant
    private var makeFilter: (@Sendable () -> any BodyFilter)?
    private var filter: (any BodyFilter)?
    private var progress: BodyProgress
    private var plan = BodyProgress.Plan()
    private var writer: ChunkWriter
    /// Of the bytes accepted, where no validator vouches for them.
    private var digest: (any BodyDigest)?
    /// Of the bytes that came a second time.
    private var comparison: (any BodyDigest)?
    private var awaitsFilter = false
    private var neededChunks = 0
    /// The filter refused bytes while no attempt was under way.
    private var lateRefusal: TransportError?

    init(operation: Operation, parts: Parts, pool: ChunkPool, grant: @escaping Grant) {
        id = operation.id
        request = operation.request
        self.pool = pool
        self.parts = parts
        self.grant = grant
        progress = BodyProgress(range: operation.request.byteRange)
        writer = ChunkWriter(pool: pool)
        makeFilter = parts.makeFilter
        filter = makeFilter?()
    }

    var queue: ChunkQueue { parts.queue }

    var ask: BodyProgress.Ask { progress.ask }

    var received: UInt64 { progress.received }

    var missing: UInt64? { plan.wanted }

    func begin(
        _ head: ResponseHead,
        asked: BodyProgress.Ask,
        url: String
    ) throws(TransportError) -> [TransferEvent] {
        if let lateRefusal { throw lateRefusal }
        var verdict = progress.judge(head, asked: asked)
        if verdict == .changed {
            guard startOver() else { throw TransportError(.bodyChanged) }
            // The whole resource can be taken as it is; of a part, the start is missing.
            verdict = progress.judge(head, asked: asked)
            guard case .take(let plan) = verdict, plan.repeated == 0 else { throw restartable(.bodyChanged) }
        }
        switch verdict {
        case .take(let plan): self.plan = plan
        case .fail(let failure): throw TransportError(verdict: failure)
        case .changed: throw TransportError(.bodyChanged)
        }
        let limit = request.maximumBytes
        let (size, overflows) = progress.received.addingReportingOverflow(plan.wanted ?? 0)
        guard !overflows, size <= limit else {
            throw TransportError(.tooLarge(limit: limit, size: overflows ? nil : size))
        }
        if progress.received == 0 {
            digest = progress.validator == nil ? parts.makeDigest?() : nil
        }
        comparison = plan.comparesRepeated ? parts.makeDigest?() : nil
        if plan.comparesRepeated, digest == nil { try refuseRepeated() }
        return events(url: url)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(TransportError) -> Reception {
        let count = plan.wantedCount(of: bytes.count)
        guard UInt64(count) <= request.maximumBytes - progress.received else {
            throw TransportError(.tooLarge(limit: request.maximumBytes))
        }
        guard makeRoom(for: count) else { return .paused }
        let (repeated, part) = plan.take(bytes)
        if !repeated.isEmpty {
            comparison?.update(repeated)
            if plan.repeated == 0, plan.comparesRepeated, comparison?.value != digest?.value { try refuseRepeated() }
        }
        if !part.isEmpty {
            progress.accept(part.count)
            parts.countReceived(progress.received)
            digest?.update(part)
            try feed(part)
        }
        return plan.rangeWasIgnored && plan.wanted == 0 ? .enough : .taken
    }

    func end() throws(TransportError) -> Bool {
        try plan.checkEnd(received: progress.received)
        if progress.received == 0, request.role.mustHaveBytes { throw TransportError(.emptyBody) }
        guard let filter else {
            awaitsFilter = true
            return false
        }
        do {
            try filter.finish(into: &writer, lengthIsDeclared: progress.hasDeclaredLength)
        } catch {
            throw rejectionAtEnd(error)
        }
        queue.append(writer.takeFilled(partialFrom: 1))
        queue.finish(.success(()))
        writer = ChunkWriter(pool: pool)
        return true
    }

    func loaded(effectiveURL: String, contentType: String?) -> LoadedResource? { nil }

    /// The filter is known now: the raw bytes that waited run through it, chunk by chunk. True if that ends the body.
    func setFilter(_ make: @escaping @Sendable () -> any BodyFilter) throws(TransportError) -> Bool {
        do throws(TransportError) {
            return try drain(make)
        } catch {
            if !error.allowsAnotherAttempt { lateRefusal = error }
            throw error
        }
    }

    private func drain(_ make: @escaping @Sendable () -> any BodyFilter) throws(TransportError) -> Bool {
        makeFilter = make
        filter = make()
        // In reverse, so that each chunk is released as soon as it was read.
        var raw = Array(writer.takeFilled(partialFrom: 1).reversed())
        while let chunk = raw.popLast() { try feed(chunk.bytes) }
        guard awaitsFilter else { return false }
        awaitsFilter = false
        return try end()
    }

    /// Asks again for the memory that ``receive(_:)`` did not get. True if it is here now.
    func retryGrant() -> Bool {
        guard neededChunks > 0 else { return true }
        guard let chunks = grant(demand(neededChunks)) else { return false }
        writer.supply(chunks)
        neededChunks = 0
        return true
    }

    /// Hands over a partly filled chunk if the reader waits for it.
    func servePartialChunk() {
        guard writer.partialCount >= Self.smallestPartialChunk, let filter, !filter.holdsOutput,
            queue.demand.isStarving
        else { return }
        queue.append(writer.takeFilled(partialFrom: Self.smallestPartialChunk))
    }

    /// No further attempt follows: what is intact goes to the reader, then the end.
    func retire(_ end: Result<Void, TransportError>) {
        if let filter, !filter.holdsOutput { queue.append(writer.takeFilled(partialFrom: 1)) }
        queue.finish(end)
        writer = ChunkWriter(pool: pool)
    }

    private func events(url: String) -> [TransferEvent] {
        var events: [TransferEvent] = []
        if plan.rangeWasIgnored { events.append(.rangeIgnored(RedactedURL(url))) }
        if progress.received > 0 {
            events.append(
                plan.repeated > 0 ? .restarted(dropping: plan.repeated) : .resumed(at: progress.received)
            )
        }
        return events
    }

    private func demand(_ chunks: Int) -> Admission.Demand {
        let reader = queue.demand
        return Admission.Demand(
            order: id,
            chunks: chunks,
            isHeadOfLine: reader.isHeadOfLine,
            unread: reader.unread + writer.filledCount,
            holdsOutput: filter?.holdsOutput ?? false
        )
    }

    private func makeRoom(for count: Int) -> Bool {
        let missing = count + (count > 0 ? Self.filterSlack : 0) - writer.room
        guard missing > 0 else { return true }
        neededChunks = (missing + ChunkPool.chunkSize - 1) / ChunkPool.chunkSize
        return retryGrant()
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard let filter else {
            writer.append(bytes)
            return
        }
        do { try filter.consume(bytes, into: &writer) } catch { throw rejection(error) }
        if writer.filledCount > 0, !filter.holdsOutput { queue.append(writer.takeFilled()) }
    }

    private func refuseRepeated() throws(TransportError) {
        guard startOver() else { throw TransportError(.bodyChanged) }
        throw restartable(.bodyChanged)
    }

    private func rejection(_ error: any Error) -> TransportError {
        guard let rejection = error as? BodyRejection else { return TransportError(.filter(error)) }
        return rejection.isRetriable && startOver()
            ? restartable(.filter(rejection.underlying))
            : TransportError(.filter(rejection.underlying))
    }

    /// An end that the filter refuses is that of a body that was cut: where the reader has its start already, another
    /// attempt goes on behind it, under the same rules as behind a broken connection.
    private func rejectionAtEnd(_ error: any Error) -> TransportError {
        var failure = rejection(error)
        if let rejection = error as? BodyRejection, rejection.isRetriable, !progress.hasDeclaredLength {
            failure.allowsAnotherAttempt = true
        }
        return failure
    }

    private func restartable(_ kind: TransportError.Kind) -> TransportError {
        var error = TransportError(kind)
        error.allowsAnotherAttempt = true
        return error
    }

    /// Forgets the body, if the reader has taken nothing of it.
    private func startOver() -> Bool {
        guard queue.resetIfUntouched() else { return false }
        writer = ChunkWriter(pool: pool)
        progress.reset()
        plan = BodyProgress.Plan()
        digest = nil
        comparison = nil
        awaitsFilter = false
        filter = makeFilter?()
        parts.countReceived(0)
        return true
    }
}
