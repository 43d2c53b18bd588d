import CCurl
import Threading

/// What tasks ask of the transport thread.
enum Command: Sendable {
    case attempt(Operation, AttemptKind, reply: CheckedContinuation<AttemptOutcome, Never>)
    case cancel(id: UInt64)
    /// The filter of a download is known now.
    case filter(id: UInt64, @Sendable () -> any BodyFilter)
    /// No further attempt follows: ends the download's queue, with what is intact before a failure.
    case retire(id: UInt64, Result<Void, TransportError>)
    case shutdown
}

/// Where a body goes.
enum AttemptKind: Sendable {
    case load
    case stream(StreamingBody.Parts)
}

/// The way from tasks to the transport thread: a list of commands and `curl_multi_wakeup`. Thread-safe.
final class Mailbox: Sendable {
    private struct State {
        var commands: [Command] = []
        /// A wake-up is under way: no second one is needed.
        var isSignalled = false
        /// Nil once the thread has stopped listening.
        var multi: MultiHandle?

        /// Under the lock, so that the handle is alive.
        mutating func wake() {
            guard !isSignalled, let multi else { return }
            isSignalled = true
            curl_multi_wakeup(multi.pointer)
        }
    }

    private let state: Monitor<State>

    init(multi: MultiHandle) {
        state = Monitor(State(multi: multi))
    }

    /// Posts a command. False if nobody listens any more.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            guard state.multi != nil else { return false }
            state.commands.append(command)
            state.wake()
            return true
        }
    }

    /// Makes the thread look at everything that may have changed.
    func wake() {
        state.withLock { $0.wake() }
    }

    /// Takes all commands out. `wasWoken` tells whether anything happened at all.
    func take() -> (commands: [Command], wasWoken: Bool) {
        state.withLock { state in
            defer {
                state.commands = []
                state.isSignalled = false
            }
            return (state.commands, state.isSignalled)
        }
    }

    /// Refuses further commands; returns the last ones.
    func close() -> [Command] {
        state.withLock { state in
            defer { state = State() }
            return state.commands
        }
    }
}

/// A `CURLM*`.
// Sendable, unchecked: made before the thread starts, then used by the transport thread alone, but for
// `curl_multi_wakeup`, which libcurl documents as callable from any thread.
struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
}
