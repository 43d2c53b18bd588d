import Testing

@testable import Remux

@Suite struct TimeScaleTests {
    @Test("conversion rounds to the nearest tick and equals wide arithmetic")
    func conversion() {
        var generator = SeededGenerator(seed: 3)
        let rates: [Int64] = [1, 1000, 24_000, 44_100, 48_000, 90_000, 10_000_000]
        for _ in 0..<5000 {
            let from = rates.randomElement(using: &generator) ?? 1
            let to = rates.randomElement(using: &generator) ?? 1
            let ticks = Int64.random(in: -(1 << 36)...(1 << 36), using: &generator)
            let exact = Double(ticks) * Double(to) / Double(from)
            let result = TimeScale(from).convert(ticks, to: TimeScale(to))
            #expect(abs(Double(result) - exact) <= 0.5 + abs(exact) * 1e-15)
        }
        #expect(TimeScale(2).convert(1, to: TimeScale(1)) == 1)
        #expect(TimeScale(2).convert(-1, to: TimeScale(1)) == -1)
    }

    @Test("extreme values saturate instead of trapping", arguments: [Int64.max, .min, .max - 1, .min + 1])
    func extremes(_ ticks: Int64) {
        #expect(abs(TimeScale(1).convert(ticks, to: TimeScale(90_000))) == TimeScale.saturated)
        _ = TimeScale(90_000).convert(ticks, to: TimeScale(1))
    }
}
