import HLS
import Synchronization

/// Runs the fetchers of a session; starts them anew, with more segments in front, where a clip turns out to need it.
/// Thread-safe.
final class FetchSupervisor: Sendable {
    /// One set of fetchers, with the rings they fill.
    private struct Attempt: Sendable {
        var fetchers: [(SegmentFetcher, SegmentSchedule)]
        var ended: AsyncStream<Never>
        var end: AsyncStream<Never>.Continuation

        init(_ fetchers: [(SegmentFetcher, SegmentSchedule)]) {
            self.fetchers = fetchers
            (ended, end) = AsyncStream.makeStream(of: Never.self)
        }

        func stop() {
            for (fetcher, _) in fetchers { fetcher.ring.finish(.stopped) }
            end.finish()
        }
    }

    private struct State {
        var clip: ClipPlan?
        var attempt: Attempt
        /// Nobody fetches any more.
        var isStopped = false
    }

    private let state: Mutex<State>
    private let attempts: AsyncStream<Attempt>
    private let continuation: AsyncStream<Attempt>.Continuation
    private let makeFetchers: @Sendable () -> [SegmentFetcher]

    /// - Parameter makeFetchers: makes a fetcher with a fresh ring for each source.
    init(clip: ClipPlan?, schedules: [SegmentSchedule], makeFetchers: @escaping @Sendable () -> [SegmentFetcher]) {
        self.makeFetchers = makeFetchers
        let first = Attempt(Array(zip(makeFetchers(), schedules)))
        state = Mutex(State(clip: clip, attempt: first))
        (attempts, continuation) = AsyncStream.makeStream(of: Attempt.self)
        continuation.yield(first)
    }

    /// Those at work, one for each source.
    var fetchers: [(SegmentFetcher, SegmentSchedule)] { state.withLock { $0.attempt.fetchers } }

    /// The rings being filled, one for each source.
    var rings: [ByteRing] { state.withLock { $0.attempt.fetchers.map(\.0.ring) } }

    /// Fetches until the task is cancelled.
    func run() async {
        await withTaskCancellationHandler {
            for await attempt in attempts {
                await withTaskGroup(of: Void.self) { group in
                    for (fetcher, schedule) in attempt.fetchers {
                        group.addTask { await fetcher.run(schedule) }
                    }
                    for await _ in attempt.ended {}
                    group.cancelAll()
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Whether a clip could be fetched from an earlier segment of a source on.
    func canBeginEarlier(_ source: Int) -> Bool { state.withLock { $0.clip?.canBeginEarlier(source) ?? false } }

    /// How many segments in front of a source were asked for.
    func lead(of source: Int) -> Int { state.withLock { $0.clip?.lead(of: source) ?? 0 } }

    /// Starts anew with earlier segments of a source; returns how many are planned now. ``rings`` are others from here on.
    func beginEarlier(_ source: Int) -> Int {
        let (old, next, isStopped) = state.withLock { state in
            let old = state.attempt
            state.clip?.beginEarlier(source)
            let schedules = state.clip?.schedules ?? old.fetchers.map(\.1)
            state.attempt = Attempt(Array(zip(makeFetchers(), schedules)))
            return (old, state.attempt, state.isStopped)
        }
        old.stop()
        if isStopped { next.stop() } else { continuation.yield(next) }
        return next.fetchers.reduce(0) { $0 + $1.1.plannedSegmentCount }
    }

    /// Ends every wait on a ring, now and later.
    func stop() {
        let attempt = state.withLock { state in
            state.isStopped = true
            return state.attempt
        }
        attempt.stop()
    }
}
