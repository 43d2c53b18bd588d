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

    @Test(
        "text leaves behind the picture of its time, with its own duration, and is waited for no longer than its bounds"
    )
    func text() {
        var interleaver = Interleaver<Int>(tracks: [(.mpeg, .video), (TimeScale(1_000_000), .subtitles)])
        func text(_ seconds: Int64, _ length: Int64) -> PlacedSample<Int> {
            PlacedSample(
                track: 1,
                pts: seconds * 1_000_000,
                dts: seconds * 1_000_000,
                duration: length * 1_000_000,
                isKey: true,
                byteCount: 2,
                payload: 0
            )
        }
        var out: [(track: Int, duration: Int64)] = []
        func drain() { while let sample = interleaver.pop() { out.append((sample.track, sample.duration)) } }
        interleaver.push(text(0, 5))
        for second in 0..<4 { interleaver.push(sample(0, Int64(second) * 90_000)) }
        drain()
        #expect(out.map(\.track) == [0, 1, 0, 0])
        #expect(out.map(\.duration) == [90_000, 5_000_000, 90_000, 90_000])
        // Nothing is known of the text from 5 s on: pictures wait, then go on.
        for second in 4..<15 { interleaver.push(sample(0, Int64(second) * 90_000)) }
        drain()
        #expect(out.count == 6)
        for second in 15..<20 { interleaver.push(sample(0, Int64(second) * 90_000)) }
        drain()
        #expect(out.count == 11)
        interleaver.push(text(5, 20))
        drain()
        #expect(out.filter { $0.track == 1 }.count == 2)
    }
}
