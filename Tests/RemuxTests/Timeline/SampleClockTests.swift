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

    @Test("another sample rate counts from where it begins")
    func rates() {
        var clock = SampleClock()
        clock.set(0)
        #expect(clock.advance(by: 44_100, scale: TimeScale(44_100)) == 0)
        #expect(clock.advance(by: 48_000, scale: TimeScale(48_000)) == 90_000)
        #expect(clock.advance(by: 1, scale: TimeScale(48_000)) == 180_000)
    }
}
