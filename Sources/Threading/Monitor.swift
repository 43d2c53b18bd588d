#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A state behind a lock on which a thread can wait: a `pthread_mutex_t` and a `pthread_cond_t` around `State`.
///
/// Also the lock of state that crosses threads often: ThreadSanitizer sees a `pthread_mutex_t`, and on Linux not a
/// `Synchronization.Mutex`. Only dedicated threads may call ``blockingWait(until:)``; a task never does.
// Sendable, unchecked: `state` is touched only between lock and unlock of `mutex`, and values cross as `sending`.
package final class Monitor<State: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    /// A monitor that guards `state`.
    package init(_ state: consuming sending State) {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        self.state = state
        precondition(pthread_mutex_init(mutex, nil) == 0, "pthread_mutex_init failed")
        precondition(pthread_cond_init(condition, nil) == 0, "pthread_cond_init failed")
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the state, under the lock. Does not signal: the caller does, after this returns.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Changes the state under the lock and wakes all waiters after the unlock.
    package func update<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        let result = try withLock(body)
        broadcast()
        return result
    }

    /// Blocks the calling thread until `body` returns a value; `body` runs under the lock, again after every signal.
    package func blockingWait<Result: ~Copyable, Failure: Error>(
        until body: (inout sending State) throws(Failure) -> sending Result?
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = try body(&state) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// Wakes one waiting thread. Called without the lock.
    package func signal() {
        pthread_cond_signal(condition)
    }

    /// Wakes all waiting threads. Called without the lock.
    package func broadcast() {
        pthread_cond_broadcast(condition)
    }
}
