import Testing

@testable import Transport

/// F06: half as many after an overload, and one more at a time while that brings more.
@Suite struct ParallelismTests {
    /// A server that serves `best` requests at full speed and no more bytes beyond: the limit settles there.
    private func settle(_ policy: inout ParallelismPolicy, best: Int, from start: Int, seconds: Int) -> [Int] {
        var limits: [Int] = []
        for second in start..<(start + seconds) {
            _ = policy.advance(to: .seconds(second), bytes: UInt64(min(policy.limit, best)) * 1_000_000)
            limits.append(policy.limit)
        }
        return limits
    }

    @Test func aServerThatIsNotOverloadedGetsAll() {
        var policy = ParallelismPolicy(maximum: 10)
        #expect(policy.limit == 10)
        #expect(settle(&policy, best: 3, from: 0, seconds: 100).allSatisfy { $0 == 10 })
        #expect(!policy.isCareful(at: .seconds(100)))
    }

    @Test func aRefusalHalves() {
        var policy = ParallelismPolicy(maximum: 10)
        policy.refused(operation: 1, isPlain: true, at: .seconds(5))
        #expect(policy.limit == 5)
        policy.refused(operation: 2, isPlain: true, at: .milliseconds(5500))
        #expect(policy.limit == 5, "of one burst")
        policy.refused(operation: 3, isPlain: true, at: .seconds(7))
        policy.refused(operation: 3, isPlain: true, at: .seconds(9))
        policy.refused(operation: 3, isPlain: true, at: .seconds(11))
        #expect(policy.limit == 1)
        #expect(policy.isCareful(at: .seconds(40)))
        #expect(!policy.isCareful(at: .seconds(42)))
    }

    @Test func oneBadResourceIsNoOverload() {
        var policy = ParallelismPolicy(maximum: 10)
        for second in 0..<8 { policy.refused(operation: 1, isPlain: false, at: .seconds(second)) }
        #expect(policy.limit == 10)
        policy.refused(operation: 2, isPlain: false, at: .seconds(8))
        #expect(policy.limit == 5)
        var later = ParallelismPolicy(maximum: 10)
        later.refused(operation: 1, isPlain: false, at: .seconds(0))
        later.refused(operation: 2, isPlain: false, at: .seconds(20))
        #expect(later.limit == 10)
    }

    @Test func itGrowsWhileTheRateDoes() {
        var policy = ParallelismPolicy(maximum: 10)
        policy.refused(operation: 1, isPlain: true, at: .zero)
        policy.refused(operation: 2, isPlain: true, at: .seconds(2))
        #expect(policy.limit == 2)
        let limits = settle(&policy, best: 100, from: 3, seconds: 60)
        #expect(limits.last == 10)
        #expect(zip(limits, limits.dropFirst()).allSatisfy { $1 - $0 <= 1 }, "one at a time")
    }

    @Test func itStaysWhereMoreBringsNothing() {
        var policy = ParallelismPolicy(maximum: 10)
        policy.refused(operation: 1, isPlain: true, at: .zero)
        policy.refused(operation: 2, isPlain: true, at: .seconds(2))
        let limits = settle(&policy, best: 4, from: 3, seconds: 300)
        #expect(limits.max() == 5, "one step beyond is tried")
        #expect(limits.suffix(250).filter { $0 == 5 }.count < 60, "and not all the time")
        #expect(limits.contains(4))
    }
}
