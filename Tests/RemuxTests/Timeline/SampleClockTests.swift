import Testing

@testable import Remux

@Suite struct SampleClockTests {
    @Test("times follow from samples, exact to the rounding of each", arguments: [44_100, 48_000, 22_050])
    func counts(_ rate: Int) {
        var clock = SampleClock()
        #expect(clock.advance(by: 1024, scale: TimeScale(Int64(rate))) == nil)
        clock.set(900_000)
        for index in 0..<10_000 {
            let exact = 900_000 + Double(index) * 1024 * 90_000 / Double(rate)
            let time = clock.advance(by: 1024, scale: TimeScale(Int64(rate)))
            #expect(abs(Double(time ?? 0) - exact) <= 0.5)
        }
    }

    @Test("a damaged header that tells another rate moves no other frame")
    func damagedRate() {
        var clock = SampleClock()
        clock.set(9000)
        _ = clock.advance(by: 1024, scale: TimeScale(88_200))
        #expect(clock.advance(by: 1024, scale: TimeScale(48_000)) == 10_920)
        #expect(clock.advance(by: 1024, scale: TimeScale(48_000)) == 12_840)
    }
}
