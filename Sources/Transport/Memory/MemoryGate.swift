/// Grants chunks to the transfers of one transport, by the rule of ``Admission``. Lives on the transport thread.
final class MemoryGate {
    /// Something happened that may let a waiting transfer go on: look at all of them before sleeping.
    var needsLook = false
    private let pool: ChunkPool
    private let waiter: ChunkPool.Waiter
    private var admission = Admission()

    /// - Parameter wake: called on any thread when a refused transfer should ask again.
    init(pool: ChunkPool, wake: @escaping @Sendable () -> Void) {
        self.pool = pool
        waiter = ChunkPool.Waiter(wake: wake)
    }

    /// The transfers that were refused, by start order.
    var waiting: [UInt64] { admission.waiting }

    /// The chunks wanted, or nil: then the transfer waits and asks again.
    func grant(_ demand: Admission.Demand) -> [Chunk]? {
        var chunks: [Chunk]?
        if demand.isExempt {
            chunks = pool.take(demand.chunks, beyondLimit: true)
        } else if admission.isNext(demand) {
            chunks = pool.take(demand.chunks, beyondLimit: false, waiter: waiter)
        }
        if chunks == nil {
            // Its reader may have taken a chunk just before it could know of the wait: look once more.
            if admission.wait(demand.order) { needsLook = true }
        } else {
            leave(demand.order)
        }
        return chunks
    }

    /// A transfer does not wait any more. Those behind it may be next.
    func leave(_ order: UInt64) {
        if admission.leave(order) { needsLook = true }
    }
}
