/// Which failures are worth another attempt, and when. Pure.
package struct RetryPolicy: Sendable {
    /// The most attempts without progress between them.
    package var attempts: Int
    /// The most attempts that end in 404: a segment may not be on every edge yet.
    package var notFoundAttempts: Int
    /// The most attempts that end without a byte.
    package var emptyAttempts = 3
    /// The most failures of one resource, progress or not.
    package var maximumFailures = 64
    /// How long a resource may take without progress, waits included.
    package var budget: Duration = .seconds(180)
    /// The first wait; doubled each time.
    package var firstDelay: Duration = .milliseconds(500)
    package var maximumDelay: Duration = .seconds(15)
    /// The share of a wait that is random, up and down.
    package var jitter = 0.25
    /// The most that a Retry-After is honoured.
    package var maximumRetryAfter: Duration = .seconds(120)
    /// The bytes of one attempt that count as progress.
    package var progressBytes: UInt64 = 64 * 1024

    package init(attempts: Int, notFoundAttempts: Int) {
        self.attempts = attempts
        self.notFoundAttempts = notFoundAttempts
    }

    package static let segment = RetryPolicy(attempts: 8, notFoundAttempts: 4)
    package static let key = RetryPolicy(attempts: 8, notFoundAttempts: 2)
    package static let playlist = RetryPolicy(attempts: 5, notFoundAttempts: 2)
    /// One attempt only.
    package static let never = RetryPolicy(attempts: 1, notFoundAttempts: 1)

    /// What to do after a failure.
    package enum Decision: Equatable, Sendable {
        case retry(after: Duration)
        case giveUp
    }

    /// What happened to a resource so far.
    package struct History: Sendable {
        /// All failures.
        package private(set) var failures = 0
        private(set) var failuresWithoutProgress = 0
        private(set) var notFound = 0
        private(set) var empty = 0
        private(set) var lastProgress: Duration = .zero

        package init() {}
    }

    /// Notes a failure in the history and decides.
    ///
    /// - Parameters:
    ///   - received: the bytes of the body that this attempt added.
    ///   - elapsed: the time since the first attempt began.
    ///   - random: 0 to 1.
    package func decide(
        _ history: inout History,
        failure: TransportError,
        received: UInt64,
        elapsed: Duration,
        random: Double
    ) -> Decision {
        history.note(failure, madeProgress: received >= progressBytes, elapsed: elapsed)
        guard failure.isRetriable,
            history.failures < maximumFailures,
            history.failuresWithoutProgress < attempts,
            history.notFound < notFoundAttempts,
            history.empty < emptyAttempts
        else { return .giveUp }

        var delay = firstDelay * Double(1 << min(history.failuresWithoutProgress - 1, 10))
        delay = min(delay, maximumDelay) * (1 + jitter * (2 * random - 1))
        if let asked = failure.retryAfter {
            // Never before the time asked for; the crowd is spread after it.
            delay = max(delay, min(asked, maximumRetryAfter) * (1 + 0.1 * random))
        }
        return elapsed - history.lastProgress + delay <= budget ? .retry(after: delay) : .giveUp
    }
}

extension RetryPolicy.History {
    fileprivate mutating func note(_ failure: TransportError, madeProgress: Bool, elapsed: Duration) {
        failures += 1
        if madeProgress {
            failuresWithoutProgress = 0
            lastProgress = elapsed
        }
        failuresWithoutProgress += 1
        switch failure.kind {
        case .status(404): notFound += 1
        case .emptyBody: empty += 1
        default: break
        }
    }
}

extension TransportError {
    /// Whether the URL may have been good once: a new one from the same playlist may be.
    package var mayHaveExpired: Bool {
        if case .status(let status) = kind { [401, 403, 410].contains(status) } else { false }
    }

    /// Whether the same request may succeed later.
    package var isRetriable: Bool {
        switch kind {
        case .status(let status):
            // 404: not on this edge yet. Other 4xx will not change by asking again.
            [404, 408, 425, 429].contains(status) || (500...599).contains(status) && ![501, 505].contains(status)
        case .proxy(let status): status.map { $0 >= 500 } ?? true
        case .couldNotResolve, .couldNotConnect, .timeout, .stalled, .connectionLost, .truncated, .emptyBody,
            .wrongContentRange:
            true
        case .filter, .bodyChanged:
            allowsAnotherAttempt
        case .tls, .tooLarge, .tooManyRedirects, .invalidRedirect, .refusedByPolicy, .invalidURL,
            .invalidHeader, .file, .cancelled, .internalFailure:
            false
        }
    }
}
