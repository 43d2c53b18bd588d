import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// SIGINT and SIGTERM: the first one stops the session, which completes its `.part`; a second one ends the program at once.
final class StopSignals: Sendable {
    private let received = Mutex<Int32?>(nil)

    /// The signal that came first.
    var first: Int32? { received.withLock { $0 } }

    /// Starts to listen, and makes writes to a closed pipe and to a full quota return an error instead of killing.
    ///
    /// - Parameter onFirst: called once, on a queue of its own.
    func listen(_ onFirst: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        return [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { [self] in
                let isFirst = received.withLock { received in
                    defer { received = received ?? number }
                    return received == nil
                }
                if isFirst { onFirst() } else { _exit(128 + number) }
            }
            source.resume()
            return source
        }
    }
}
