import Synchronization

/// What loads and downloads share: the way to the thread, the clock, and the loop over attempts.
final class TransportCore: Sendable {
    let mailbox: Mailbox
    private let clock: any Clock<Duration>
    private let jitter: @Sendable () -> Double
    /// The most renewals of a URL without progress between them.
    private static let maximumRenewals = 3
    private let nextID = Atomic<UInt64>(1)

    init(mailbox: Mailbox, clock: any Clock<Duration>, jitter: @escaping @Sendable () -> Double) {
        self.mailbox = mailbox
        self.clock = clock
        self.jitter = jitter
    }

    func makeOperation(
        _ request: TransferRequest,
        renew: URLRenewal?,
        _ onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) -> Operation {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        return Operation(id: id, request: request, renew: renew, onEvent: onEvent)
    }

    /// Makes attempts until one succeeds, the policy gives up, or the task is cancelled.
    func run(
        _ operation: Operation,
        _ kind: AttemptKind,
        _ policy: RetryPolicy
    ) async -> Result<LoadedResource?, TransportError> {
        await withTaskCancellationHandler {
            await attempts(operation, kind, policy)
        } onCancel: {
            operation.isCancelled = true
            _ = mailbox.post(.cancel(id: operation.id))
        }
    }

    private func attempts(
        _ operation: Operation,
        _ kind: AttemptKind,
        _ policy: RetryPolicy
    ) async -> Result<LoadedResource?, TransportError> {
        var history = RetryPolicy.History()
        let elapsed = stopwatch(clock)
        var renewals = 0
        while true {
            switch await attempt(operation, kind) {
            case .completed(let resource):
                return .success(resource)
            case .cancelled:
                return .failure(cancellation(of: operation))
            case .failed(var error, let received):
                if received >= policy.progressBytes { renewals = 0 }
                if error.mayHaveExpired, renewals < Self.maximumRenewals, await operation.renewURL(after: error) {
                    renewals += 1
                    continue
                }
                let decision = policy.decide(
                    &history,
                    failure: error,
                    received: received,
                    elapsed: elapsed(),
                    random: jitter()
                )
                error.attempts = history.failures
                guard case .retry(let delay) = decision else { return .failure(error) }
                operation.onEvent(.retry(attempt: history.failures, after: delay, error))
                do { try await clock.sleep(for: delay) } catch { return .failure(cancellation(of: operation)) }
            }
        }
    }

    private func attempt(_ operation: Operation, _ kind: AttemptKind) async -> AttemptOutcome {
        await withCheckedContinuation { reply in
            if !mailbox.post(.attempt(operation, kind, reply: reply)) { reply.resume(returning: .cancelled) }
        }
    }

    private func cancellation(of operation: Operation) -> TransportError {
        TransportError(.cancelled, url: RedactedURL(operation.request.url))
    }
}

/// Starts measuring on `clock`.
private func stopwatch<C: Clock>(_ clock: C) -> () -> Duration where C.Duration == Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
}
