import Synchronization

/// Tells a sink that waits for somebody else, a reader of a pipe, that the session is being stopped. Thread-safe.
final class SinkStop: Sendable {
    private let flag = Atomic(false)

    var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// From any thread; for good.
    func request() { flag.store(true, ordering: .relaxed) }
}
