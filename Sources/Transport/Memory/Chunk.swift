/// A run of transport bytes in a buffer of ``ChunkPool/chunkSize`` bytes, which goes back to its pool on release.
///
/// Written by one owner, then handed on and only read: from the transfer to its reader, from the reader to the ring.
// Sendable, unchecked: only `ChunkWriter`, which is alone in holding a chunk while it is written, changes `count` and
// the bytes; `discardFirst`, too, is for whoever is alone in holding it; with others a chunk is only read.
package final class Chunk: @unchecked Sendable {
    /// The count of valid bytes, 0 to ``ChunkPool/chunkSize``.
    package private(set) var count = 0
    /// Where the valid bytes begin in the buffer.
    private var start = 0
    private let buffer: ChunkPool.Buffer
    private let pool: ChunkPool

    init(buffer: ChunkPool.Buffer, pool: ChunkPool) {
        self.buffer = buffer
        self.pool = pool
    }

    deinit {
        pool.giveBack(buffer)
    }

    /// The valid bytes; the pointer lives as long as the chunk.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffer.start + start, count: count)
    }

    /// Leaves out bytes at the front. The caller is alone in holding the chunk.
    package func discardFirst(_ discarded: Int) {
        precondition(discarded >= 0 && discarded <= count, "more bytes than the chunk has")
        start += discarded
        count -= discarded
    }

    /// The part of the buffer that is still free.
    var window: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: buffer.start + start + count,
            count: ChunkPool.chunkSize - start - count
        )
    }

    /// Counts bytes in that were written to the start of ``window``.
    func commit(_ written: Int) {
        precondition(
            written >= 0 && written <= ChunkPool.chunkSize - start - count,
            "more bytes than the window has room for"
        )
        count += written
    }
}
