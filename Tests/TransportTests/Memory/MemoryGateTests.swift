import Synchronization
import Testing

@testable import Transport

@Suite struct MemoryGateTests {
    private func demand(_ order: UInt64, _ chunks: Int = 1) -> Admission.Demand {
        Admission.Demand(order: order, chunks: chunks, isHeadOfLine: false, unread: 0, holdsOutput: false)
    }

    @Test func aReleaseWakesWhoWasRefused() throws {
        let pool = ChunkPool(limitBytes: 2 * ChunkPool.chunkSize)
        let wakes = Atomic(0)
        let gate = MemoryGate(pool: pool) { wakes.wrappingAdd(1, ordering: .relaxed) }
        var chunks = try #require(gate.grant(demand(1, 2)))
        #expect(gate.grant(demand(2)) == nil)
        #expect(gate.waiting == [2])
        chunks.removeAll()
        #expect(wakes.load(ordering: .relaxed) == 1)
        #expect(gate.grant(demand(2)) != nil)
        #expect(gate.waiting.isEmpty)
    }

    @Test func aRefusalAsksForOneMoreLookAndNoSecond() throws {
        let pool = ChunkPool(limitBytes: ChunkPool.chunkSize)
        let gate = MemoryGate(pool: pool) {}
        let held = try #require(gate.grant(demand(1)))
        #expect(!gate.needsLook)
        #expect(gate.grant(demand(2)) == nil)
        #expect(gate.needsLook)
        gate.needsLook = false
        #expect(gate.grant(demand(2)) == nil)
        #expect(!gate.needsLook, "looking again and again would spin")
        withExtendedLifetime(held) {}
    }

    @Test func whoStartedEarlierIsServedFirst() throws {
        let pool = ChunkPool(limitBytes: 2 * ChunkPool.chunkSize)
        let gate = MemoryGate(pool: pool) {}
        var held = try #require(gate.grant(demand(1)))
        #expect(gate.grant(demand(5, 2)) == nil)
        #expect(gate.grant(demand(7)) == nil, "5 waits, though there would be room for 7")
        #expect(gate.waiting == [5, 7])
        gate.needsLook = false
        held.removeAll()
        held += try #require(gate.grant(demand(5, 2)))
        #expect(gate.needsLook, "7 may be next now")
        #expect(gate.grant(demand(7)) == nil)
        held.removeAll()
        #expect(gate.grant(demand(7)) != nil)
    }

    @Test(arguments: [
        (false, 0, false, false),
        (true, 0, false, true),
        (true, 1, false, true),
        (true, 2, false, false),
        (true, 9, true, true),
        (false, 0, true, false),
    ])
    func onlyAHeadOfLineThatRunsDryIsExempt(isHead: Bool, unread: Int, holds: Bool, isExempt: Bool) {
        let demand = Admission.Demand(order: 1, chunks: 1, isHeadOfLine: isHead, unread: unread, holdsOutput: holds)
        #expect(demand.isExempt == isExempt)
    }
}
