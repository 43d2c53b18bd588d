import Testing

@testable import Remux

@Suite struct ByteRingStateTests {
    private typealias State = ByteRingState<Int, Int>

    @Test("the writer waits at capacity and is woken at half of it")
    func watermarks() {
        var state = State(capacityBytes: 100)
        #expect(state.write(1, byteCount: 60) == .goOn)
        #expect(state.write(2, byteCount: 60) == .wait)
        #expect(state.park(7) == nil)
        #expect(state.read().wake == nil)
        #expect(state.read().wake == 7)
        #expect(state.park(8) == 8)
    }

    @Test("an end is seen behind what is buffered; a stop at once; the first end counts")
    func ends() {
        var state = State(capacityBytes: 100)
        _ = state.write(1, byteCount: 10)
        _ = state.finish(.complete)
        #expect(state.write(2, byteCount: 10) == .stop)
        guard case .item(1) = state.read().result else { Issue.record("item lost"); return }
        guard case .end(.complete) = state.read().result else { Issue.record("end lost"); return }
        _ = state.finish(.failed(RemuxError(.incomplete, "late")))
        guard case .end(.complete) = state.read().result else { Issue.record("end changed"); return }
        var stopped = State(capacityBytes: 100)
        _ = stopped.write(1, byteCount: 200)
        _ = stopped.park(3)
        #expect(stopped.finish(.stopped) == 3)
        guard case .end(.stopped) = stopped.read().result else { Issue.record("stop not seen"); return }
    }

    @Test("random traffic keeps order and count of bytes", arguments: 0..<50 as Range<UInt64>)
    func random(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var state = State(capacityBytes: 1000)
        var written = 0
        var read = 0
        var model = 0
        var isParked = false
        var sizes: [Int] = []
        for _ in 0..<5000 {
            if !isParked, Bool.random(using: &generator) {
                let size = Int.random(in: 0...400, using: &generator)
                model += size
                if state.write(written, byteCount: size) == .wait { isParked = state.park(1) == nil }
                written += 1
                sizes.append(size)
            } else {
                let (result, wake) = state.read()
                if wake != nil { isParked = false }
                if case .item(let item) = result {
                    #expect(item == read)
                    model -= sizes[read]
                    read += 1
                } else {
                    #expect(read == written)
                    #expect(!isParked)
                }
            }
            #expect(state.bufferedBytes == model)
        }
    }
}
