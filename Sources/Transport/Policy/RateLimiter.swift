/// Keeps the bytes of all transfers together below a rate: a bucket that fills with time and may be overdrawn by one portion,
/// so that portions of any size keep the average. Pure: time is fed in.
struct RateLimiter: Sendable {
    /// What may come at once after a pause.
    private static let burst: Duration = .milliseconds(250)

    private let bytesPerSecond: Double
    private var bytes: Double
    private var last: Duration = .zero

    /// - Parameter bytesPerSecond: at least 1.
    init(bytesPerSecond: Int) {
        self.bytesPerSecond = Double(max(1, bytesPerSecond))
        bytes = self.bytesPerSecond * (Self.burst / .seconds(1))
    }

    /// Whether a portion may be taken now.
    ///
    /// - Parameter now: time since any fixed moment; it does not go back.
    mutating func allows(at now: Duration) -> Bool {
        refill(at: now)
        return bytes > 0
    }

    /// A portion was taken.
    mutating func spend(_ count: Int) { bytes -= Double(count) }

    /// How long until ``allows(at:)``.
    func wait(at now: Duration) -> Duration {
        let missing = -(bytes + bytesPerSecond * ((now - last) / .seconds(1)))
        return missing < 0 ? .zero : .seconds(min(3600, (missing + 1) / bytesPerSecond))
    }

    private mutating func refill(at now: Duration) {
        let most = bytesPerSecond * (Self.burst / .seconds(1))
        bytes = min(most, bytes + bytesPerSecond * (max(.zero, now - last) / .seconds(1)))
        last = max(last, now)
    }
}
