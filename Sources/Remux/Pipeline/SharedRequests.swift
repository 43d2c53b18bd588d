import Synchronization
import Transport

/// One request for each name, with its own retries, however many ask for what it brings. Thread-safe.
///
/// A request belongs to this object, not to who came first: who gives up ends only its own wait, and the request goes on
/// for the others. It is cancelled with the last wait, so that none outlives its session. What a request brought, a value or
/// a failure, answers later calls.
final class SharedRequests<Name: Hashable & Sendable, Value: Sendable>: Sendable {
    typealias OnEvent = @Sendable (TransferEvent) -> Void

    private let state: Mutex<SharedRequestsState<Name, Value>>
    private let load: @Sendable (Name, @escaping OnEvent) async throws -> Value

    /// - Parameters:
    ///   - maximumAnswers: the oldest answers are forgotten beyond this many.
    ///   - load: makes the request.
    init(maximumAnswers: Int, load: @escaping @Sendable (Name, @escaping OnEvent) async throws -> Value) {
        state = Mutex(SharedRequestsState(maximumAnswers: maximumAnswers))
        self.load = load
    }

    /// What the request of this name brings.
    ///
    /// - Parameter onEvent: told what the request meets, if it is this call that starts it; must not wait.
    /// - Throws: what `load` throws; `CancellationError` when the calling task was cancelled.
    func value(of name: Name, onEvent: @escaping OnEvent) async throws -> Value {
        let wait = state.withLock { $0.makeWait() }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let action = state.withLock { state in
                    // Under the lock: a cancellation from here on finds the wait and ends it.
                    Task.isCancelled
                        ? .answer([continuation], .failure(CancellationError()))
                        : state.join(name, wait: wait, continuation)
                }
                perform(action, name, onEvent)
            }
        } onCancel: {
            perform(state.withLock { $0.leave(name, wait: wait) }, name, onEvent)
        }
        return try answer.get()
    }

    private func perform(
        _ action: SharedRequestsState<Name, Value>.Action,
        _ name: Name,
        _ onEvent: @escaping OnEvent
    ) {
        switch action {
        case .none: break
        case .request(let number):
            let task = Task {
                let answer: Result<Value, any Error>
                do {
                    answer = .success(try await load(name, onEvent))
                } catch {
                    answer = .failure(error)
                }
                perform(state.withLock { $0.end(name, request: number, answer) }, name, onEvent)
            }
            if !state.withLock({ $0.started(name, request: number, task) }) { task.cancel() }
        case .cancel(let task, let waiters):
            task?.cancel()
            for waiter in waiters { waiter.resume(returning: .failure(CancellationError())) }
        case .answer(let waiters, let answer):
            for waiter in waiters { waiter.resume(returning: answer) }
        }
    }
}

/// The requests as a value: each change returns what is to be done after the unlock.
struct SharedRequestsState<Name: Hashable & Sendable, Value: Sendable> {
    typealias Answer = Result<Value, any Error>
    typealias Waiter = CheckedContinuation<Answer, Never>

    enum Action {
        case none
        /// Start the request with this number.
        case request(UInt64)
        /// Nobody waits for the request any more.
        case cancel(Task<Void, Never>?, [Waiter])
        case answer([Waiter], Answer)
    }

    private struct Request {
        let number: UInt64
        /// Nil until it is started.
        var task: Task<Void, Never>?
        var waiters: [UInt64: Waiter] = [:]
    }

    private var requests: [Name: Request] = [:]
    private var answers: [Name: Answer] = [:]
    /// Names of the answers, the oldest first.
    private var answered: [Name] = []
    private let maximumAnswers: Int
    private var lastNumber: UInt64 = 0

    init(maximumAnswers: Int) { self.maximumAnswers = maximumAnswers }

    /// Names a wait.
    mutating func makeWait() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func join(_ name: Name, wait: UInt64, _ waiter: Waiter) -> Action {
        if let answer = answers[name] { return .answer([waiter], answer) }
        if requests[name] != nil {
            requests[name]?.waiters[wait] = waiter
            return .none
        }
        requests[name] = Request(number: wait, waiters: [wait: waiter])
        return .request(wait)
    }

    /// False: the request was given up before it was started, or has ended already.
    mutating func started(_ name: Name, request number: UInt64, _ task: Task<Void, Never>) -> Bool {
        guard requests[name]?.number == number else { return false }
        requests[name]?.task = task
        return true
    }

    mutating func leave(_ name: Name, wait: UInt64) -> Action {
        guard var request = requests[name], let waiter = request.waiters.removeValue(forKey: wait) else { return .none }
        guard request.waiters.isEmpty else {
            requests[name] = request
            return .cancel(nil, [waiter])
        }
        // Forgotten, not answered: a segment that asks later starts another one.
        requests[name] = nil
        return .cancel(request.task, [waiter])
    }

    mutating func end(_ name: Name, request number: UInt64, _ answer: Answer) -> Action {
        guard let request = requests[name], request.number == number else { return .none }
        requests[name] = nil
        answers[name] = answer
        answered.append(name)
        if answered.count > maximumAnswers { answers[answered.removeFirst()] = nil }
        return .answer(Array(request.waiters.values), answer)
    }
}
