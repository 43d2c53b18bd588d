import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// SIGINT and SIGTERM: the first one stops the session, which completes its `.part`; a second one ends the program at once.
///
/// Listens from the beginning of its life. A signal that the program was started with as ignored stays ignored: `nohup`
/// and the shells' background jobs rely on it.
final class StopSignals {
    /// What the handlers and the program share.
    private final class Received: Sendable {
        struct State {
            var first: Int32?
            var action: (@Sendable () -> Void)?
        }

        let state = Mutex(State())

        func take(_ number: Int32) {
            let (isFirst, action) = state.withLock { state in
                defer { state.first = state.first ?? number }
                return (state.first == nil, state.action)
            }
            if isFirst { action?() } else { _exit(128 + number) }
        }
    }

    private let received = Received()
    private let sources: [any DispatchSourceSignal]

    /// The signal that came first.
    var first: Int32? { received.state.withLock { $0.first } }

    /// Starts to listen, and makes writes to a closed pipe and to a full quota return an error instead of killing.
    init() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let numbers = [SIGINT, SIGTERM].filter { number in
            let inherited = signal(number, SIG_IGN)
            return unsafeBitCast(inherited, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
        }
        sources = numbers.map { [received] number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { received.take(number) }
            source.resume()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Says what the first signal does; at once where it has come already.
    ///
    /// - Parameter action: called once, on any thread.
    func onFirst(_ action: @escaping @Sendable () -> Void) {
        let hasCome = received.state.withLock { state in
            state.action = action
            return state.first != nil
        }
        if hasCome { action() }
    }
}
