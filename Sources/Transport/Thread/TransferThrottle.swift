/// Pauses the transfers of segments so that together they stay below a rate. Lives on the transport thread.
final class TransferThrottle {
    private var limiter: RateLimiter
    private let start = ContinuousClock.now
    /// The transfers that wait, in the order in which they came.
    private(set) var waiting: [UInt64] = []

    init(bytesPerSecond: Int) {
        limiter = RateLimiter(bytesPerSecond: bytesPerSecond)
    }

    /// Whether a transfer may take what has come; it waits otherwise.
    func allows(_ id: UInt64) -> Bool {
        if limiter.allows(at: now) { return true }
        if !waiting.contains(id) { waiting.append(id) }
        return false
    }

    /// A transfer has taken this.
    func spend(_ count: Int) { limiter.spend(count) }

    /// A transfer does not wait any more.
    func leave(_ id: UInt64) { waiting.removeAll { $0 == id } }

    /// The transfer that may go on now; nil: none.
    func next() -> UInt64? { limiter.allows(at: now) ? waiting.first : nil }

    /// How long the thread may sleep; nil: nobody waits.
    var wait: Duration? { waiting.isEmpty ? nil : limiter.wait(at: now) }

    private var now: Duration { ContinuousClock.now - start }
}
