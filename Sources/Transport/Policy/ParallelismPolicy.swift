/// How many segments are fetched at the same time: as many as allowed, half as many where a server is overloaded, and then
/// one more at a time as long as that brings more bytes. Pure: time is fed in.
struct ParallelismPolicy: Sendable {
    /// Refusals nearer to each other than this are one.
    private static let burst: Duration = .seconds(1)
    /// Two requests refused with 503 within this time are overload, one may be a single bad resource.
    private static let memory: Duration = .seconds(10)
    /// How long each step is tried.
    private static let step: Duration = .seconds(2)
    /// After a step that brought nothing; doubled each time.
    private static let firstHold: Duration = .seconds(10)
    private static let longestHold: Duration = .seconds(160)
    /// By how much a step has to raise the rate.
    private static let gain = 1.05

    private let maximum: Int
    /// 1…maximum.
    private(set) var limit: Int
    private var lastCut: Duration?
    private var lastRefusal: (operation: UInt64, time: Duration)?
    /// Bytes a second before the step under way; nil: no step is under way.
    private var rateBefore: Double?
    private var stepStart: Duration = .zero
    private var stepBytes: UInt64 = 0
    private var hold = Self.firstHold
    private var holdsUntil: Duration = .zero

    /// - Parameter maximum: at least 1.
    init(maximum: Int) {
        self.maximum = max(1, maximum)
        limit = self.maximum
    }

    /// A server has been overloaded lately: nothing is asked of it that is not needed.
    func isCareful(at now: Duration) -> Bool { lastCut.map { now - $0 < .seconds(30) } ?? false }

    /// A request was answered with 429 or 503.
    ///
    /// - Parameters:
    ///   - operation: which one.
    ///   - isPlain: the server says that there were too many, or when to come again.
    mutating func refused(operation: UInt64, isPlain: Bool, at now: Duration) {
        let isSecond = lastRefusal.map { $0.operation != operation && now - $0.time < Self.memory } ?? false
        lastRefusal = (operation, now)
        guard isPlain || isSecond, lastCut.map({ now - $0 >= Self.burst }) ?? true else { return }
        limit = max(1, limit / 2)
        lastCut = now
        beginStep(at: now)
        rateBefore = nil
    }

    /// Takes in what all transfers of segments received since the last call.
    ///
    /// - Returns: more may be started than before.
    mutating func advance(to now: Duration, bytes: UInt64) -> Bool {
        guard limit < maximum else { return false }
        stepBytes &+= bytes
        guard now - stepStart >= Self.step else { return false }
        let rate = Double(stepBytes) / ((now - stepStart) / .seconds(1))
        defer { beginStep(at: now) }
        if let before = rateBefore, rate < before * Self.gain {
            // The step brought nothing: one back, and not again for a while.
            limit = max(1, limit - 1)
            rateBefore = nil
            holdsUntil = now + hold
            hold = min(hold * 2, Self.longestHold)
            return false
        }
        guard now >= holdsUntil else { return false }
        rateBefore = rate
        limit += 1
        if limit == maximum { rateBefore = nil }
        return true
    }

    private mutating func beginStep(at now: Duration) {
        stepStart = now
        stepBytes = 0
    }
}
