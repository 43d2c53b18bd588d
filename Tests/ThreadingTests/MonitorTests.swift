import Testing
import Threading

@Suite struct MonitorTests {
    @Test func aWaiterSeesEveryValueOnce() throws {
        struct Slot {
            var value: Int?
            var isClosed = false
        }
        let slot = Monitor(Slot())
        let count = 10_000
        let producer = try DedicatedThread(name: "producer") {
            for number in 0..<count {
                slot.blockingWait { $0.value == nil ? () : nil }
                slot.update { $0.value = number }
            }
            slot.blockingWait { $0.value == nil ? () : nil }
            slot.update { $0.isClosed = true }
        }
        var seen: [Int] = []
        while let number = slot.blockingWait(until: { slot -> Int?? in
            if let value = slot.value { return .some(value) }
            return slot.isClosed ? .some(nil) : nil
        }) {
            seen.append(number)
            slot.update { $0.value = nil }
        }
        producer.join()
        #expect(seen == Array(0..<count))
    }

    @Test func errorsLeaveTheLockFree() {
        struct Refusal: Error {}
        let monitor = Monitor(1)
        #expect(throws: Refusal.self) { try monitor.withLock { _ throws(Refusal) in throw Refusal() } }
        #expect(monitor.withLock { $0 } == 1)
    }
}
