import Threading

/// The chunks between a transfer and its one reader. The transport thread appends, a task reads.
final class ChunkQueue: Sendable {
    private let state = Monitor(ChunkQueueState())
    /// Called, without the lock, when the transport thread has reason to look at this transfer.
    private let wakeTransport: @Sendable () -> Void

    init(wakeTransport: @escaping @Sendable () -> Void) {
        self.wakeTransport = wakeTransport
    }

    /// What admission needs to know.
    var demand: (isHeadOfLine: Bool, unread: Int, isStarving: Bool) {
        state.withLock { ($0.isHeadOfLine, $0.chunks.count, $0.isStarving) }
    }

    /// Hands chunks to the reader.
    func append(_ chunks: [Chunk]) {
        state.withLock { $0.append(chunks) }?.perform()
    }

    /// Notes whether the transfer is paused: then taking a chunk may set it going again.
    func setPaused(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
    }

    /// Ends the queue after what is in it. The first end counts.
    func finish(_ end: Result<Void, TransportError>) {
        state.withLock { $0.finish(end) }?.perform()
    }

    /// Empties the queue if the reader has taken nothing out of it, and says whether that was so.
    func resetIfUntouched() -> Bool {
        let chunks = state.withLock { state -> [Chunk]? in
            guard !state.wasRead else { return nil }
            defer { state.chunks = [] }
            return state.chunks
        }
        return chunks != nil
    }

    func becomeHeadOfLine() {
        let isNews = state.withLock { state in
            defer { state.isHeadOfLine = true }
            return !state.isHeadOfLine
        }
        if isNews { wakeTransport() }
    }

    /// The next chunk; nil at the end.
    func next() async throws(TransportError) -> Chunk? {
        let result: Result<Chunk?, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                let (wakeUp, wakesTransport) = state.withLock { $0.read(reader) }
                wakeUp?.perform()
                if wakesTransport { wakeTransport() }
            }
        } onCancel: {
            state.withLock { $0.cancelReader() }?.perform()
        }
        return try result.get()
    }
}

/// The queue as a value: each change returns what is to be done after the unlock.
private struct ChunkQueueState {
    typealias Reader = CheckedContinuation<Result<Chunk?, TransportError>, Never>

    /// A reader to resume.
    struct WakeUp {
        let reader: Reader
        let result: Result<Chunk?, TransportError>

        func perform() {
            reader.resume(returning: result)
        }
    }

    var chunks: [Chunk] = []
    var isHeadOfLine = false
    var isPaused = false
    private(set) var wasRead = false
    private var reader: Reader?
    private var end: Result<Void, TransportError>?
    private var readerIsCancelled = false

    /// The reader waits.
    var isStarving: Bool { reader != nil }

    mutating func append(_ new: [Chunk]) -> WakeUp? {
        guard end == nil else { return nil }
        chunks += new
        return serve()
    }

    mutating func finish(_ end: Result<Void, TransportError>) -> WakeUp? {
        if self.end == nil { self.end = end }
        return serve()
    }

    /// Also says whether the transport thread should look: at a paused transfer that may go on now, or for bytes that
    /// wait in a partly filled chunk.
    mutating func read(_ reader: Reader) -> (WakeUp?, wakesTransport: Bool) {
        precondition(self.reader == nil, "a download has one reader")
        self.reader = reader
        if readerIsCancelled { return (cancelReader(), false) }
        let wakeUp = serve()
        return (wakeUp, end == nil && (wakeUp == nil || isPaused && isHeadOfLine))
    }

    mutating func cancelReader() -> WakeUp? {
        readerIsCancelled = true
        guard let reader = reader.take() else { return nil }
        return WakeUp(reader: reader, result: .failure(TransportError(.cancelled)))
    }

    private mutating func serve() -> WakeUp? {
        guard reader != nil else { return nil }
        let result: Result<Chunk?, TransportError>
        if !chunks.isEmpty {
            wasRead = true
            result = .success(chunks.removeFirst())
        } else if let end {
            result = end.map { nil }
        } else {
            return nil
        }
        guard let reader = reader.take() else { return nil }
        return WakeUp(reader: reader, result: result)
    }
}
