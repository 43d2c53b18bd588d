import Testing

@testable import Remux

@Suite struct TimestampUnwrapperTests {
    @Test("33-bit timestamps of several streams stay continuous over three wraps (ISO/IEC 13818-1 §2.4.3.7)")
    func wraps() {
        var generator = SeededGenerator(seed: 11)
        var unwrapper = TimestampUnwrapper()
        let start = TimestampUnwrapper.period - 500_000
        var truth: [Int64] = [start, start - 7000]
        var first: Int64?
        for step in 0..<60_000 {
            let stream = step % 2
            let raw = truth[stream] & (TimestampUnwrapper.period - 1)
            let value = unwrapper.unwrap(raw, stream: stream)
            if first == nil { first = value - truth[stream] }
            #expect(value - truth[stream] == first)
            truth[stream] += Int64.random(in: -9000...1_900_000, using: &generator)
        }
    }

    @Test("a decoding time before 0 beside a presentation time of 0 comes out negative")
    func beforeZero() {
        var unwrapper = TimestampUnwrapper()
        #expect(unwrapper.unwrap(0, stream: 0) == 0)
        #expect(unwrapper.unwrap(TimestampUnwrapper.period - 3600, stream: 1) == -3600)
    }

    @Test("any 64-bit value is taken modulo 2^33", arguments: [Int64.min, -1, .max])
    func anyValue(_ value: Int64) {
        var unwrapper = TimestampUnwrapper()
        #expect((0..<TimestampUnwrapper.period).contains(unwrapper.unwrap(value, stream: 0)))
    }
}
