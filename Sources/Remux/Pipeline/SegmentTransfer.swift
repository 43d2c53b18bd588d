import HLS
import Synchronization
import Transport

/// One Media Segment on its way: the downloads that bring it, one after the other where it is in redundant Media Playlists
/// too. Fetched by one task, read by another. Thread-safe.
final class SegmentTransfer: Sendable {
    /// What the reader is told.
    enum Step: Sendable {
        /// Read this, from the segment's start. Where its end is a failure, another step follows.
        case download(SegmentDownload, SegmentOrder)
        /// The segment cannot be had.
        case failed(RemuxError)
    }

    /// How one download ended.
    enum Ending: Sendable {
        case complete
        case failed(TransportError)
        /// The reader can do nothing with it.
        case refused(RemuxError)
        /// Given up for another source before it brought a byte.
        case abandoned
        /// The session is being stopped.
        case cancelled
    }

    private struct State {
        var isHeadOfLine = false
        var source = 0
        var download: SegmentDownload?
        var task: Task<Result<Void, TransportError>, Never>?
        var isAbandoned = false
        var refusal: RemuxError?
    }

    /// As its own playlist says.
    let order: SegmentOrder
    /// For the one reader; ends with the transfer.
    let steps: AsyncStream<Step>
    private let continuation: AsyncStream<Step>.Continuation
    private let state = Mutex(State())

    init(order: SegmentOrder) {
        self.order = order
        (steps, continuation) = AsyncStream.makeStream()
    }

    /// Runs a download and tells the reader of it.
    ///
    /// - Parameter place: where the download gets it from.
    func run(_ download: SegmentDownload, at place: SourceFailover.Place) async -> Ending {
        let isHeadOfLine = state.withLock { state in
            (state.download, state.source, state.isAbandoned, state.refusal) = (download, place.source, false, nil)
            return state.isHeadOfLine
        }
        if isHeadOfLine { download.becomeHeadOfLine() }
        continuation.yield(.download(download, place.order))
        // A task of its own: it may be cancelled while the transfer goes on.
        let task = Task { await download.ending() }
        let isOver = state.withLock { state in
            state.task = task
            return state.isAbandoned || state.refusal != nil
        }
        if isOver { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        return state.withLock { state in
            state.task = nil
            if let refusal = state.refusal { return .refused(refusal) }
            guard case .failure(let error) = result else { return .complete }
            if error.isCancellation { return state.isAbandoned && !Task.isCancelled ? .abandoned : .cancelled }
            return .failed(error)
        }
    }

    /// The segment cannot be had.
    func fail(_ error: RemuxError) { continuation.yield(.failed(error)) }

    /// No further step.
    func finish() { continuation.finish() }

    /// Its bytes are the next that the demuxer needs.
    func becomeHeadOfLine() {
        let download = state.withLock { state in
            state.isHeadOfLine = true
            return state.download
        }
        download?.becomeHeadOfLine()
    }

    /// Gives the download up if it is from this source and has brought nothing so far.
    func abandon(source: Int) {
        let task = state.withLock { state -> Task<Result<Void, TransportError>, Never>? in
            guard state.source == source, let download = state.download, download.receivedBytes == 0 else { return nil }
            state.isAbandoned = true
            return state.task
        }
        task?.cancel()
    }

    /// The reader can do nothing with this download; where another one is under way already, nothing happens.
    func refuse(_ download: SegmentDownload, _ error: RemuxError) {
        let task = state.withLock { state -> Task<Result<Void, TransportError>, Never>? in
            guard state.download === download else { return nil }
            state.refusal = error
            return state.task
        }
        task?.cancel()
    }
}
