import Testing

@testable import Transport

@Suite struct RetryPolicyTests {
    @Test(arguments: [
        (400, false), (401, false), (403, false), (404, true), (405, false), (407, false), (408, true), (410, false),
        (414, false), (416, false), (425, true), (429, true), (500, true), (501, false), (502, true), (503, true),
        (504, true), (505, false), (206, false),
    ])
    func statuses(status: Int, isRetriable: Bool) {
        #expect(TransportError(.status(status)).isRetriable == isRetriable)
    }

    private static let failures: [(TransportError.Kind, Bool)] = [
        (.couldNotResolve, true), (.couldNotConnect, true), (.timeout(.connect), true), (.timeout(.firstByte), true),
        (.stalled, true), (.connectionLost, true), (.truncated(received: 1, expected: 2), true), (.emptyBody, true),
        (.wrongContentRange("x"), true), (.tls("expired"), false), (.tooLarge(limit: 1), false), (.bodyChanged, false),
        (.tooManyRedirects(10), false), (.refusedByPolicy("x"), false), (.cancelled, false), (.file("x"), false),
        (.filter(TransportError(.cancelled)), false),
    ]

    @Test(arguments: failures.indices)
    func kinds(index: Int) {
        let (kind, isRetriable) = Self.failures[index]
        #expect(TransportError(kind).isRetriable == isRetriable)
    }

    /// The waits of a resource that fails the same way again and again, until the policy gives up.
    private func waits(
        _ policy: RetryPolicy,
        _ error: TransportError,
        received: UInt64 = 0,
        random: Double = 0.5,
        attemptTime: Duration = .zero
    ) -> [Duration] {
        var history = RetryPolicy.History()
        var elapsed = Duration.zero
        var waits: [Duration] = []
        while waits.count < 1_000 {
            elapsed += attemptTime
            guard
                case .retry(let after) = policy.decide(
                    &history,
                    failure: error,
                    received: received,
                    elapsed: elapsed,
                    random: random
                )
            else { break }
            waits.append(after)
            elapsed += after
        }
        return waits
    }

    @Test func waitsDoubleUpToTheCap() {
        let seconds = waits(.segment, TransportError(.status(503))).map { $0 / .seconds(1) }
        #expect(seconds == [0.5, 1, 2, 4, 8, 15, 15])
        #expect(waits(.playlist, TransportError(.status(503))).count == 4)
        #expect(waits(.key, TransportError(.couldNotConnect)).count == 7)
        #expect(waits(.never, TransportError(.couldNotConnect)).isEmpty)
    }

    @Test(arguments: [(0.0, 0.375), (0.5, 0.5), (1.0, 0.625)])
    func jitterIsAQuarterUpAndDown(random: Double, first: Double) throws {
        let wait = try #require(waits(.segment, TransportError(.stalled), random: random).first)
        #expect(abs(wait / .seconds(1) - first) < 1e-9)
    }

    @Test func fewAttemptsForWhatIsNotThereOrEmpty() {
        #expect(waits(.segment, TransportError(.status(404))).count == 3)
        #expect(waits(.segment, TransportError(.emptyBody)).count == 2)
        #expect(waits(.segment, TransportError(.status(403))).isEmpty)
    }

    @Test func theBudgetEndsSlowFailures() {
        // 40 s each: the fifth failure is beyond 180 s.
        let waits = waits(.segment, TransportError(.timeout(.firstByte)), attemptTime: .seconds(40))
        #expect(waits.count == 4)
    }

    @Test(arguments: [
        (Duration.seconds(3), 3.0...3.6), (.seconds(86_400), 120.0...132.1), (.zero, 0.375...0.625),
    ])
    func retryAfterIsHonouredUpToItsCap(asked: Duration, range: ClosedRange<Double>) throws {
        var error = TransportError(.status(429))
        error.retryAfter = asked
        for random in [0, 0.5, 1] {
            let wait = try #require(waits(.segment, error, random: random).first)
            #expect(range.contains(wait / .seconds(1)))
        }
        // Two waits of 120 s are more than the budget.
        if asked > .seconds(120) { #expect(waits(.segment, error).count == 1) }
    }

    @Test func progressResetsTheCountButNotForEver() {
        let cut = TransportError(.connectionLost)
        let withProgress = waits(.segment, cut, received: 1 << 20, attemptTime: .seconds(30))
        #expect(withProgress.count == 63)
        #expect(withProgress.allSatisfy { $0 == .milliseconds(500) })
        #expect(waits(.segment, cut, received: 100).count == 7, "a few bytes are no progress")
    }
}
