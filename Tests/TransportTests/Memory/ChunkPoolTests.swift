import Synchronization
import Testing

@testable import Transport

@Suite struct ChunkPoolTests {
    private let size = ChunkPool.chunkSize

    @Test func aChunkCountsUntilItIsReleased() throws {
        let pool = ChunkPool(limitBytes: 3 * size + 17)
        #expect(pool.limitBytes == 3 * size)
        var chunks = try #require(pool.take(2, beyondLimit: false))
        #expect(pool.usedBytes == 2 * size)
        #expect(pool.take(2, beyondLimit: false) == nil)
        #expect(pool.usedBytes == 2 * size)
        chunks += try #require(pool.take(2, beyondLimit: true))
        #expect(pool.usedBytes == 4 * size)
        chunks.removeAll()
        #expect(pool.usedBytes == 0)
        #expect(pool.peakBytes == 4 * size)
    }

    @Test func aRefusedWaiterIsWokenOnceAndOnlyWhenThereIsRoom() throws {
        let pool = ChunkPool(limitBytes: 2 * size)
        let wakes = Atomic(0)
        let waiter = ChunkPool.Waiter { wakes.wrappingAdd(1, ordering: .relaxed) }
        var held = try #require(pool.take(3, beyondLimit: true))
        #expect(pool.take(1, beyondLimit: false, waiter: waiter) == nil)
        #expect(pool.take(1, beyondLimit: false, waiter: waiter) == nil)
        held.removeLast()
        #expect(wakes.load(ordering: .relaxed) == 0, "two of two are still in use")
        held.removeLast()
        #expect(wakes.load(ordering: .relaxed) == 1)
        held.removeLast()
        #expect(wakes.load(ordering: .relaxed) == 1, "it was told already")
    }

    @Test func theWriterFillsChunksToTheLastByte() throws {
        var writer = ChunkWriter(pool: ChunkPool(limitBytes: 4 * size))
        let bytes = (0..<(2 * size + 100)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for part in stride(from: 0, to: bytes.count, by: 16_000) {
            bytes[part..<min(part + 16_000, bytes.count)].withUnsafeBytes { writer.append($0) }
        }
        #expect(writer.filledCount == 2)
        #expect(writer.partialCount == 100)
        let filled = writer.takeFilled()
        #expect(filled.map(\.count) == [size, size])
        #expect(writer.takeFilled(partialFrom: 101).isEmpty)
        let rest = writer.takeFilled(partialFrom: 100)
        #expect((filled + rest).flatMap { Array($0.bytes) } == bytes)
    }

    @Test func aWindowIsContiguousAndLeavesASmallRestUnused() throws {
        var writer = ChunkWriter(pool: ChunkPool(limitBytes: 4 * size))
        writer.withWindow(atLeast: 1) { window in
            window.initializeMemory(as: UInt8.self, repeating: 1)
            return size - 10
        }
        writer.withWindow(atLeast: 11) { window in
            #expect(window.count == size)
            return 5
        }
        #expect(writer.takeFilled(partialFrom: 1).map(\.count) == [size - 10, 5])
    }

    @Test func spareChunksAreUsedFirstAndCountAsRoom() throws {
        let pool = ChunkPool(limitBytes: 2 * size)
        var writer = ChunkWriter(pool: pool)
        #expect(writer.room == 0)
        writer.supply(try #require(pool.take(2, beyondLimit: false)))
        #expect(writer.room == 2 * size)
        let bytes = [UInt8](repeating: 7, count: size + 1)
        bytes.withUnsafeBytes { writer.append($0) }
        #expect(writer.room == size - 1)
        #expect(pool.usedBytes == 2 * size)
    }
}
