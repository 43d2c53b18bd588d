import Testing

@testable import Remux

@Suite struct InterleaverTests {
    private func sample(_ track: Int, _ dts: Int64, bytes: Int = 10) -> PlacedSample<Int> {
        PlacedSample(track: track, pts: dts, dts: dts, duration: 7, isKey: true, byteCount: bytes, payload: 0)
    }

    @Test("samples leave as they are due, with the time to the next of their track as duration")
    func order() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            var interleaver = Interleaver<Int>(tracks: [(.mpeg, .video), (TimeScale(48_000), .audio)])
            var input: [[Int64]] = [[], []]
            var out: [PlacedSample<Int>] = []
            var next: [Int64] = [0, 0]
            for _ in 0..<300 {
                // Either track may run ahead of the other, by less than the bound.
                let track =
                    abs(next[0] - next[1] * 15 / 8) > 400_000
                    ? (next[0] > next[1] * 15 / 8 ? 1 : 0)
                    : Int.random(in: 0...1, using: &generator)
                interleaver.push(sample(track, next[track]))
                input[track].append(next[track])
                next[track] += Int64.random(in: 1...5000, using: &generator)
                while let sample = interleaver.pop() { out.append(sample) }
            }
            interleaver.finish()
            while let sample = interleaver.pop() { out.append(sample) }
            // Video counts when it is decoded, audio when it ends.
            let seconds = out.map { sample in
                sample.track == 0 ? Double(sample.dts) / 90_000 : Double(sample.dts + sample.duration) / 48_000
            }
            #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 <= $1 + 1.0 / 90_000 })
            for track in 0...1 {
                let own = out.filter { $0.track == track }
                #expect(own.map(\.dts) == input[track])
                for (a, b) in zip(own, own.dropFirst()) { #expect(a.duration == b.dts - a.dts) }
                #expect(own.last?.duration == 7)
            }
        }
    }

    @Test("a track that stays behind holds the others for 10 s of media or 16 MiB, no longer")
    func bounds() {
        var interleaver = Interleaver<Int>(tracks: [(.mpeg, .video), (TimeScale(48_000), .audio)])
        var out = 0
        for number in 0..<300 {
            interleaver.push(sample(0, Int64(number) * 3600))
            while interleaver.pop() != nil { out += 1 }
        }
        #expect(out == 300 - 250)
        var heavy = Interleaver<Int>(tracks: [(.mpeg, .video), (TimeScale(48_000), .audio)])
        var held = 0
        for number in 0..<100 {
            heavy.push(sample(0, Int64(number), bytes: 1 << 20))
            held += 1
            while heavy.pop() != nil { held -= 1 }
        }
        #expect(held <= 17)
    }
}
