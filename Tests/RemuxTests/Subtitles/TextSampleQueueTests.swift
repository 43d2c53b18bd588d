import Testing

@testable import Remux

@Suite struct TextSampleQueueTests {
    private static func queue(_ rows: [(Int64, Int64, String)], run: UInt64 = 0) -> TextSampleQueue {
        var queue = TextSampleQueue(emptySample: Array("-".utf8))
        for (start, end, text) in rows {
            queue.add(.init(start90k: start, end90k: end, payload: Array(text.utf8), run: run))
        }
        return queue
    }

    /// `start text` of each, and the end of the last.
    private static func text(_ samples: [TextSampleQueue.Sample]) -> String {
        for (sample, next) in zip(samples, samples.dropFirst()) where sample.end90k != next.start90k { return "a gap" }
        return samples.map { "\($0.start90k) \(String(decoding: $0.payload, as: UTF8.self))" }.joined(separator: ", ")
            + (samples.last.map { ", \($0.end90k)" } ?? "")
    }

    static let rows: [(samples: [(Int64, Int64, String)], shown: String)] = [
        ([], "0 -, 9000"),
        ([(1000, 2000, "a"), (2000, 3000, "b")], "0 -, 1000 a, 2000 b, 3000 -, 9000"),
        ([(-500, 2000, "a")], "0 a, 2000 -, 9000"),
        ([(-500, -100, "a"), (4000, 20_000, "b")], "0 -, 4000 b, 9000"),
        // What begins later cuts off what is shown.
        ([(0, 5000, "a"), (2000, 3000, "b")], "0 a, 2000 b, 3000 -, 9000"),
        ([(1000, 5000, "a"), (1000, 3000, "b")], "0 -, 1000 b, 3000 -, 9000"),
        // Rounded times leave no gap.
        ([(0, 2000, "a"), (2045, 3000, "b")], "0 a, 2000 b, 3000 -, 9000"),
        ([(9000, 9500, "a")], "0 -, 9000"),
    ]

    @Test("samples follow each other without a gap, from 0 to the end", arguments: rows.indices)
    func continuous(_ index: Int) {
        var queue = Self.queue(Self.rows[index].samples)
        var shown: [TextSampleQueue.Sample] = []
        queue.finish(at: 9000) { shown.append($0) }
        #expect(Self.text(shown) == Self.rows[index].shown)
    }

    @Test("what is given out in steps is the same")
    func steps() {
        for (samples, expected) in Self.rows {
            var queue = Self.queue(samples)
            var shown: [TextSampleQueue.Sample] = []
            for time in stride(from: Int64(0), to: 9000, by: 700) { queue.take(through: time) { shown.append($0) } }
            // Nothing was known of the end: what goes beyond it was given out whole.
            guard shown.allSatisfy({ $0.end90k <= 9000 }) else { continue }
            queue.finish(at: 9000) { shown.append($0) }
            #expect(Self.text(shown) == expected)
        }
    }

    @Test("a run's end cuts off its own samples alone")
    func runs() {
        var queue = Self.queue([(0, 5000, "a")])
        queue.end(runsThrough: 0, at: 3000)
        queue.add(.init(start90k: 4000, end90k: 6000, payload: Array("b".utf8), run: 1))
        queue.end(runsThrough: 0, at: 2000)
        var shown: [TextSampleQueue.Sample] = []
        queue.finish(at: 6000) { shown.append($0) }
        #expect(Self.text(shown) == "0 a, 2000 -, 4000 b, 6000")
    }

    @Test("what is held is bounded")
    func bounded() {
        var queue = TextSampleQueue(emptySample: [])
        let payload = [UInt8](repeating: 1, count: 1 << 20)
        for number in 0..<40 {
            queue.add(.init(start90k: Int64(number), end90k: Int64(number) + 1, payload: payload, run: 0))
        }
        #expect(queue.excessCount == 8)
    }
}
