import Testing

@testable import Transport

@Suite struct RateLimiterTests {
    /// Portions of any size: over time, no more than the rate and one portion comes through.
    @Test(arguments: [(1000, 10), (1000, 5000), (1_000_000, 16_384), (1, 100)])
    func average(bytesPerSecond: Int, portion: Int) {
        var limiter = RateLimiter(bytesPerSecond: bytesPerSecond)
        var (now, taken) = (Duration.zero, 0)
        for _ in 0..<1000 {
            while limiter.allows(at: now) {
                limiter.spend(portion)
                taken += portion
            }
            let wait = limiter.wait(at: now)
            #expect(wait > .zero)
            now += wait
        }
        let allowed = Double(bytesPerSecond) * (now / .seconds(1))
        #expect(Double(taken) <= allowed + Double(bytesPerSecond) / 4 + Double(portion))
        #expect(Double(taken) >= allowed - Double(portion) - 1000, "each wait is up to a byte too long")
    }

    @Test func aPauseIsNotMadeUpFor() {
        var limiter = RateLimiter(bytesPerSecond: 1000)
        let allowsAtFirst = limiter.allows(at: .seconds(3600))
        #expect(allowsAtFirst)
        var taken = 0
        while limiter.allows(at: .seconds(3600)) {
            limiter.spend(10)
            taken += 10
        }
        #expect(taken <= 260)
    }
}
