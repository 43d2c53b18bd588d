/// When the transfer that everything waits for is requested a second time: it lags far behind what the others have shown.
/// Pure: time is fed in.
struct HedgePolicy: Sendable {
    /// How often a transfer must be slower than usual.
    private static let factor = 4.0
    /// A rate below this share of the usual one is slow.
    private static let slowShare = 0.125
    /// The share of the finished transfers that may be requested twice, besides the first.
    private static let share = 0.05

    /// No transfer is called late before this.
    let minimumWait: Duration
    private var usualFirstByte: Duration?
    private var usualRate: Double?
    private var finished = 0
    private var hedged = 0

    init(minimumWait: Duration) { self.minimumWait = minimumWait }

    /// How one attempt goes.
    struct Pace: Equatable, Sendable {
        private(set) var hasBody = false
        /// Without a byte of the body, and with next to none, unpaused.
        fileprivate(set) var waited: Duration = .zero
        fileprivate(set) var slow: Duration = .zero
        /// It was requested twice already.
        fileprivate(set) var isHedged = false

        fileprivate mutating func begin() { hasBody = true }
    }

    /// A transfer has come whole.
    ///
    /// - Parameters:
    ///   - firstByte: from its start to the first byte of its body.
    ///   - bytesPerSecond: from there to its end; nil where that was too short to measure.
    mutating func learn(firstByte: Duration, bytesPerSecond: Double?) {
        finished += 1
        usualFirstByte = usualFirstByte.map { $0 * 0.8 + firstByte * 0.2 } ?? firstByte
        if let bytesPerSecond { usualRate = usualRate.map { $0 * 0.8 + bytesPerSecond * 0.2 } ?? bytesPerSecond }
    }

    /// Takes in what happened in the last `elapsed` of unpaused time of the head of line.
    ///
    /// - Returns: it should be requested a second time now.
    mutating func lags(_ pace: inout Pace, elapsed: Duration, bytes: Int) -> Bool {
        // Nothing is known of this server: slow may be usual.
        guard !pace.isHedged, let usualFirstByte else { return false }
        if bytes > 0 { pace.begin() }
        if pace.hasBody {
            let isSlow = Double(bytes) < (usualRate ?? 0) * Self.slowShare * (elapsed / .seconds(1)) || bytes == 0
            pace.slow = isSlow ? pace.slow + elapsed : .zero
            guard pace.slow >= minimumWait else { return false }
        } else {
            pace.waited += elapsed
            guard pace.waited >= max(minimumWait, usualFirstByte * Self.factor) else { return false }
        }
        guard Double(hedged) < 1 + Double(finished) * Self.share else { return false }
        pace.isHedged = true
        hedged += 1
        return true
    }
}
