import Threading

/// The memory budget of a run: buffers of 256 KiB for everything that is between the network and the demuxer.
///
/// A chunk counts, whole, from the moment it is taken until it is released, whoever holds it: a transfer, a queue, the
/// ring. One pool may serve several transports. Thread-safe.
package final class ChunkPool: Sendable {
    /// The size of every chunk in bytes: the measured flat optimum.
    package static let chunkSize = 256 * 1024

    /// Somebody who was refused a chunk and is woken, once, when there is room again.
    final class Waiter: Sendable {
        let wake: @Sendable () -> Void

        init(wake: @escaping @Sendable () -> Void) {
            self.wake = wake
        }
    }

    /// The memory of a chunk.
    // Sendable, unchecked: owned by exactly one chunk or by the free list.
    struct Buffer: @unchecked Sendable {
        let start: UnsafeMutableRawPointer
    }

    private struct State {
        var used = 0
        var peak = 0
        var free: [Buffer] = []
        var waiters: [Waiter] = []
    }

    private let limit: Int
    private let state = Monitor(State())

    /// A pool of at most `limitBytes`, rounded down to whole chunks, at least one.
    ///
    /// Head-of-line transfers may go over the limit by a few chunks (see ``SegmentDownload/becomeHeadOfLine()``).
    package init(limitBytes: Int) {
        limit = max(1, limitBytes / Self.chunkSize)
    }

    deinit {
        for buffer in state.withLock({ $0.free }) { buffer.start.deallocate() }
    }

    /// The limit in bytes.
    package var limitBytes: Int { limit * Self.chunkSize }

    /// The bytes in use now.
    package var usedBytes: Int { state.withLock { $0.used } * Self.chunkSize }

    /// The most bytes that were ever in use at once.
    package var peakBytes: Int { state.withLock { $0.peak } * Self.chunkSize }

    /// Takes `count` chunks, all or none.
    ///
    /// - Parameters:
    ///   - beyondLimit: take them even if the limit is reached.
    ///   - waiter: woken at the next release that leaves room, if the answer is nil.
    func take(_ count: Int, beyondLimit: Bool, waiter: Waiter? = nil) -> [Chunk]? {
        let buffers = state.withLock { state -> [Buffer?]? in
            guard beyondLimit || state.used + count <= limit else {
                if let waiter, !state.waiters.contains(where: { $0 === waiter }) { state.waiters.append(waiter) }
                return nil
            }
            state.used += count
            state.peak = max(state.peak, state.used)
            return (0..<count).map { _ in state.free.popLast() }
        }
        return buffers?.map { buffer in
            Chunk(buffer: buffer ?? Self.allocate(), pool: self)
        }
    }

    /// Whether `count` chunks could be taken within the limit; asks to be woken if not.
    func hasRoom(for count: Int, waiter: Waiter) -> Bool {
        state.withLock { state in
            if state.used + count <= limit { return true }
            if !state.waiters.contains(where: { $0 === waiter }) { state.waiters.append(waiter) }
            return false
        }
    }

    /// Takes a buffer back from a released chunk and wakes those who wait.
    func giveBack(_ buffer: Buffer) {
        let (surplus, waiters) = state.withLock { state -> (Buffer?, [Waiter]) in
            state.used -= 1
            let isSurplus = state.used + state.free.count >= limit
            if !isSurplus { state.free.append(buffer) }
            guard state.used < limit, !state.waiters.isEmpty else { return (isSurplus ? buffer : nil, []) }
            defer { state.waiters = [] }
            return (isSurplus ? buffer : nil, state.waiters)
        }
        surplus?.start.deallocate()
        for waiter in waiters { waiter.wake() }
    }

    private static func allocate() -> Buffer {
        Buffer(start: .allocate(byteCount: chunkSize, alignment: 64))
    }
}
