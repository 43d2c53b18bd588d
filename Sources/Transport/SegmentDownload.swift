import Synchronization

/// One streamed body: ``run()`` fetches it in one task, ``nextChunk()`` reads it in another. Thread-safe.
package final class SegmentDownload: Sendable {
    private let core: TransportCore
    private let operation: Operation
    private let retry: RetryPolicy
    private let filter: FilterSource
    private let makeDigest: (@Sendable () -> any BodyDigest)?
    private let queue: ChunkQueue
    private let received = Atomic<UInt64>(0)

    init(
        core: TransportCore,
        request: TransferRequest,
        retry: RetryPolicy,
        filter: FilterSource,
        makeDigest: (@Sendable () -> any BodyDigest)?,
        renew: URLRenewal?,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) {
        self.core = core
        self.retry = retry
        self.filter = filter
        self.makeDigest = makeDigest
        operation = core.makeOperation(request, renew: renew, onEvent)
        let mailbox = core.mailbox
        queue = ChunkQueue { mailbox.wake() }
    }

    /// The bytes of the body received so far, before the filter. Falls when the body has to start over.
    package var receivedBytes: UInt64 { received.load(ordering: .relaxed) }

    /// Fetches the body: all attempts, up to the last byte received and filtered, or failure, or cancellation of the
    /// task. Never throws: the reader sees how it went. Called once.
    package func run() async { _ = await ending() }

    /// Like ``run()``, in its place: also returns how it went.
    package func ending() async -> Result<Void, TransportError> {
        let result: Result<LoadedResource?, TransportError>
        switch filter {
        case .ready(let make): result = await attempts(makeFilter: make)
        case .whenKnown(let provide): result = await attempts(filterFrom: provide)
        }
        let end = result.map { _ in () }
        // The thread hands on what is intact before a failure.
        if !core.mailbox.post(.retire(id: operation.id, end)) { queue.finish(end) }
        return end
    }

    /// The next chunk of the filtered body, in order; nil when the body is complete (committed). One reader.
    ///
    /// - Throws: ``TransportError`` after the chunks that are intact; ``TransportError/Kind/cancelled`` if the download
    ///   or the calling task was cancelled.
    package func nextChunk() async throws(TransportError) -> Chunk? {
        try await queue.next()
    }

    /// From now on this download is always admitted: it starts even if all places are taken, and it gets memory beyond
    /// the limit while fewer than two of its chunks are unread.
    package func becomeHeadOfLine() {
        queue.becomeHeadOfLine()
    }

    private func attempts(
        makeFilter: (@Sendable () -> any BodyFilter)?
    ) async -> Result<LoadedResource?, TransportError> {
        let parts = StreamingBody.Parts(
            queue: queue,
            makeFilter: makeFilter,
            makeDigest: makeDigest,
            countReceived: { [self] in received.store($0, ordering: .relaxed) }
        )
        return await core.run(operation, .stream(parts), retry)
    }

    /// Fetches while the filter is being provided.
    private func attempts(
        filterFrom provide: @escaping @Sendable () async throws -> @Sendable () -> any BodyFilter
    ) async -> Result<LoadedResource?, TransportError> {
        enum Event {
            case ended(Result<LoadedResource?, TransportError>)
            case filterIsKnown
            case noFilter(any Error)
        }
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { .ended(await self.attempts(makeFilter: nil)) }
            group.addTask {
                do {
                    let make = try await provide()
                    _ = self.core.mailbox.post(.filter(id: self.operation.id, make))
                    return .filterIsKnown
                } catch {
                    return .noFilter(error)
                }
            }
            var refusal: TransportError?
            for await event in group {
                switch event {
                case .ended(let result):
                    group.cancelAll()
                    return refusal.map { .failure($0) } ?? result
                case .noFilter(let error) where !Task.isCancelled:
                    refusal = TransportError(.filter(error), url: RedactedURL(self.operation.request.url))
                    group.cancelAll()
                case .noFilter, .filterIsKnown:
                    break
                }
            }
            return .failure(TransportError(.cancelled))
        }
    }
}
