import Testing

@testable import Transport

@Suite struct HedgePolicyTests {
    private func experienced() -> HedgePolicy {
        var policy = HedgePolicy(minimumWait: .seconds(2))
        for _ in 0..<10 { policy.learn(firstByte: .milliseconds(100), bytesPerSecond: 1_000_000) }
        return policy
    }

    /// Seconds until a transfer with these bytes a second is requested again; nil: never in a minute.
    private func lag(_ policy: inout HedgePolicy, _ bytes: (Int) -> Int) -> Int? {
        var pace = HedgePolicy.Pace()
        return (1...60).first { policy.lags(&pace, elapsed: .seconds(1), bytes: bytes($0)) }
    }

    @Test func withoutExperienceNothingLags() {
        var policy = HedgePolicy(minimumWait: .seconds(2))
        #expect(lag(&policy) { _ in 0 } == nil)
    }

    @Test func aFirstByteThatDoesNotCome() {
        var policy = experienced()
        #expect(lag(&policy) { _ in 0 } == 2)
        var slow = HedgePolicy(minimumWait: .seconds(2))
        slow.learn(firstByte: .seconds(3), bytesPerSecond: nil)
        #expect(lag(&slow) { _ in 0 } == 12, "four times what is usual")
    }

    @Test func aBodyThatDragsOn() {
        var policy = experienced()
        #expect(lag(&policy) { _ in 200_000 } == nil, "a fifth of the usual rate is slow, but not that slow")
        #expect(lag(&policy) { $0 < 5 ? 1_000_000 : 1000 } == 6)
        var other = experienced()
        #expect(lag(&other) { $0 % 2 == 0 ? 0 : 500_000 } == nil, "it comes in bursts")
    }

    @Test func onceForEachAndSeldomAtAll() {
        var policy = experienced()
        var pace = HedgePolicy.Pace()
        let asked = (1...60).filter { _ in policy.lags(&pace, elapsed: .seconds(1), bytes: 0) }
        #expect(asked.count == 1)
        var count = 1
        for _ in 0..<20 where lag(&policy, { _ in 0 }) != nil { count += 1 }
        #expect(count == 2, "one, and a twentieth of the ten that have come")
    }
}
