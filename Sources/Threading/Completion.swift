/// A value that is set once, by one thread, and waited for by threads and tasks.
final class Completion<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [CheckedContinuation<Value, Never>] = []
    }

    private let state = Monitor(State())

    /// Sets the value and wakes everybody who waits for it.
    func complete(_ value: Value) {
        let waiters = state.update { state in
            state.value = value
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// Blocks the calling thread until the value is set.
    func blockingValue() -> Value {
        state.blockingWait { $0.value }
    }

    /// The value, once it is set.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Value? in
                    if state.value == nil { state.waiters.append(continuation) }
                    return state.value
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }
}
