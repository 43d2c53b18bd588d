import Testing

@testable import Remux

@Suite struct FragmentQueueTests {
    private func sample(_ offset: Int64, size: Int = 10, track: UInt32 = 1) -> FragmentSample {
        FragmentSample(
            trackID: track,
            descriptionIndex: 1,
            offset: offset,
            size: size,
            dts: 0,
            compositionOffset: 0,
            duration: 1,
            isSync: true,
            index: 0
        )
    }

    private func drain(_ queue: inout FragmentQueue) -> [Int64] {
        var starts: [Int64] = []
        while let next = queue.next() {
            starts.append(next.start)
            queue.advance()
        }
        return starts
    }

    @Test("samples come in the order of their bytes, those without bytes not at all")
    func order() {
        var queue = FragmentQueue(start: 1000, isDescribed: true)
        queue.add([sample(300), sample(310, size: 0), sample(400)], isUnplaced: false)
        queue.add([sample(200), sample(320), sample(500, size: 0)], isUnplaced: false)
        #expect(queue.missingCount == 4)
        #expect(drain(&queue) == [1200, 1300, 1320, 1400])
        #expect(queue.missingCount == 0)
    }

    @Test("what counts from the media data waits for it")
    func unplaced() {
        var queue = FragmentQueue(start: 1000, isDescribed: true)
        queue.add([sample(0), sample(10)], isUnplaced: true)
        queue.add([sample(100)], isUnplaced: false)
        #expect(queue.missingCount == 3)
        #expect(queue.next()?.start == 1100)
        queue.advance()
        #expect(queue.next() == nil)
        queue.place(dataStart: 1200)
        #expect(drain(&queue) == [1200, 1210])
        queue.place(dataStart: 5000)
        #expect(queue.missingCount == 0)
    }

    @Test("extreme positions do not trap")
    func extremes() {
        var queue = FragmentQueue(start: .max, isDescribed: true)
        queue.add([sample(.max), sample(.min)], isUnplaced: false)
        queue.add([sample(.max)], isUnplaced: true)
        queue.place(dataStart: .min)
        #expect(drain(&queue).count == 3)
    }
}
