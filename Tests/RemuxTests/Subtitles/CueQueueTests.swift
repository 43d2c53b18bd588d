import Testing

@testable import Remux

@Suite struct CueQueueTests {
    /// Times in seconds.
    private func cue(_ start: Double, _ end: Double, _ text: String, segment: Int = 0, run: UInt64 = 0) -> Cue {
        Cue(
            start90k: Int64(start * 90_000),
            end90k: Int64(end * 90_000),
            text: text,
            run: run,
            segment: segment
        )
    }

    private func queue(_ cues: [Cue]) -> CueQueue {
        var queue = CueQueue()
        for cue in cues { queue.add(cue) }
        return queue
    }

    private func rows(_ cues: [Cue]) -> [String] {
        cues.map { "\(Double($0.start90k) / 90_000)-\(Double($0.end90k) / 90_000) \($0.text)" }
    }

    @Test("a cue that segments repeat is one; cut at the seam, too")
    func merges() {
        let merged = queue([
            cue(1, 9, "long"), cue(1, 9, "long", segment: 1), cue(1, 9, "long", segment: 2),
            cue(2, 4, "cut"), cue(4, 6, "cut", segment: 1), cue(6.001, 7, "cut", segment: 2),
            cue(3, 4, "growing"), cue(3, 5, "growing", segment: 1),
        ])
        #expect(rows(merged.cues) == ["1.0-9.0 long", "2.0-7.0 cut", "3.0-5.0 growing"])
    }

    @Test("cues that only look alike stay")
    func distinct() {
        var other = cue(1, 2, "a", segment: 1)
        other.settings = "line:0"
        let kept = queue([
            cue(1, 2, "a"), cue(2, 3, "a"), cue(4, 5, "a", segment: 1), other, cue(1, 2, "b"),
        ])
        #expect(kept.cues.count == 5)
    }

    @Test("before 0 and behind the end is cut off")
    func trims() {
        var trimmed = queue([cue(-2, -1, "before"), cue(-1, 1, "into"), cue(3, 9, "out"), cue(6, 7, "behind")])
        trimmed.end(at: 5 * 90_000)
        #expect(rows(trimmed.cues) == ["0.0-1.0 into", "3.0-5.0 out"])
        var runs = queue([cue(1, 9, "old"), cue(1, 9, "new", run: 1)])
        runs.end(runsThrough: 0, at: 4 * 90_000)
        #expect(rows(runs.cues) == ["1.0-4.0 old", "1.0-9.0 new"])
    }

    @Test("a cue that comes late keeps what is left of it, once")
    func late() {
        var late = queue([cue(1, 3, "on time")])
        late.settle(through: 2 * 90_000)
        for _ in 0..<2 { late.add(cue(1, 4, "late")) }
        late.add(cue(0, 1, "too late"))
        #expect(rows(late.cues) == ["1.0-3.0 on time", "2.0-4.0 late"])
        #expect(late.lateCount == 2)
    }

    @Test("samples follow each other without a gap and show at each moment what the cues say")
    func samples() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<300 {
            var cues: [Cue] = []
            for number in 0..<Int.random(in: 0...12, using: &generator) {
                let start = Int64.random(in: -20...100, using: &generator)
                let end = start + Int64.random(in: 1...60, using: &generator)
                cues.append(Cue(start90k: start * 90_000, end90k: end * 90_000, text: "\(number)"))
            }
            let end90k: Int64 = 110 * 90_000
            // Read in order of start, each at least 20 s before it is shown.
            var pending = cues.sorted { $0.start90k < $1.start90k }
            var queue = CueQueue()
            var samples: [CueSampler.Sample] = []
            for second in stride(from: 0, to: Int64(110), by: Int64.Stride(Int.random(in: 1...7, using: &generator))) {
                let now = second * 90_000
                while let next = pending.first, next.start90k <= now + 20 * 90_000 {
                    queue.add(next)
                    pending.removeFirst()
                }
                let known = min(now + 20 * 90_000, end90k)
                CueSampler.take(through: now, known90k: known, from: &queue) { samples.append($0) }
                #expect(queue.settled90k > now || known - queue.settled90k < CueSampler.longestWait90k)
            }
            CueSampler.finish(at: end90k, from: &queue) { samples.append($0) }
            var position: Int64 = 0
            for sample in samples {
                #expect(sample.start90k == position && sample.end90k > position, "round \(round)")
                position = sample.end90k
                let shown = cues.filter {
                    max(0, $0.start90k) <= sample.start90k && $0.end90k >= min(sample.end90k, end90k)
                }
                #expect(Set(sample.cues.map(\.text)) == Set(shown.map(\.text)), "round \(round) at \(sample.start90k)")
            }
            #expect(position == end90k)
        }
    }

    @Test("a long cue is cut only where it is not known in time when it ends")
    func longCue() {
        var queue = queue([cue(0, 40, "40 s"), cue(50, 150, "100 s")])
        var samples: [CueSampler.Sample] = []
        for second in 0..<150 {
            let now = Int64(second) * 90_000
            CueSampler.take(through: now, known90k: now + 45 * 90_000, from: &queue) { samples.append($0) }
        }
        let lengths = samples.filter { !$0.cues.isEmpty }.map { ($0.end90k - $0.start90k) / 90_000 }
        #expect(lengths == [40, 45, 45, 10])
    }

    @Test("what is held is bounded")
    func bounded() {
        var queue = CueQueue()
        let text = String(repeating: "x", count: 1 << 20)
        for number in 0..<40 { queue.add(cue(Double(number), Double(number) + 1, text + "\(number)")) }
        #expect(queue.cues.count < 32)
        #expect(queue.excessCount == 40 - queue.cues.count)
    }
}
