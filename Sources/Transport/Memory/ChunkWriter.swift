/// Where a transfer's bytes go: appends to a chunk and takes a further one when it is full.
///
/// Chunks set aside by admission (``supply(_:)``) are used first. A filter that makes more bytes than it was given may
/// need a chunk beyond those; it is taken from the pool even over the limit. Lives on one thread.
package struct ChunkWriter {
    private let pool: ChunkPool
    private var current: Chunk?
    private var spare: [Chunk] = []
    private var filled: [Chunk] = []

    init(pool: ChunkPool) {
        self.pool = pool
    }

    /// The bytes of room in the current chunk and the spare ones.
    var room: Int {
        (current?.window.count ?? 0) + spare.count * ChunkPool.chunkSize
    }

    /// The count of full chunks not yet handed on.
    var filledCount: Int { filled.count }

    /// The count of bytes in the chunk that is being filled.
    var partialCount: Int { current?.count ?? 0 }

    /// Adds chunks to write to.
    mutating func supply(_ chunks: [Chunk]) {
        spare += chunks
    }

    /// Copies `bytes` in.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let written = withWindow(atLeast: 1) { window in
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(window.count))
                window.copyMemory(from: part)
                return part.count
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }

    /// Lets `body` write into the current chunk, in place.
    ///
    /// The window is all that is left of the current chunk, or a whole new one where that is less than `count` bytes
    /// (at most ``ChunkPool/chunkSize``). To waste little, ask for little and cut the input to the window's size.
    ///
    /// - Parameter body: returns the count of bytes it wrote, from the start of the window.
    @discardableResult
    package mutating func withWindow<Failure: Error>(
        atLeast count: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        let chunk = chunk(withRoomFor: count)
        let written = try body(chunk.window)
        chunk.commit(written)
        if chunk.window.isEmpty {
            filled.append(chunk)
            current = nil
        }
        return written
    }

    /// Takes the full chunks out, and the partial one if it has at least `partial` bytes (and any).
    mutating func takeFilled(partialFrom partial: Int = .max) -> [Chunk] {
        if let chunk = current, chunk.count > 0, chunk.count >= partial {
            filled.append(chunk)
            current = nil
        }
        defer { filled = [] }
        return filled
    }

    private mutating func chunk(withRoomFor count: Int) -> Chunk {
        precondition(count <= ChunkPool.chunkSize, "no chunk has so much room")
        if let current {
            if current.window.count >= count { return current }
            filled.append(current)
        }
        // Over the limit if need be: the bytes are here and have to go somewhere.
        guard let chunk = spare.popLast() ?? pool.take(1, beyondLimit: true)?.first else {
            preconditionFailure("a pool never refuses beyond its limit")
        }
        current = chunk
        return chunk
    }
}
