/// Which transfer may take memory: the rule, as a value. Pure.
///
/// Within the pool's limit everybody may, in start order. Beyond it only a head-of-line transfer whose reader would
/// otherwise run dry: without that exemption a reader that waits for one source while another source's chunks fill the
/// pool would wait for ever.
struct Admission {
    /// A head-of-line transfer with fewer unread chunks than this is always admitted.
    static let unreadOfHeadOfLine = 2

    /// What a transfer says about itself.
    struct Demand: Equatable {
        /// Transfers that started earlier come first.
        var order: UInt64
        /// Chunks wanted.
        var chunks: Int
        var isHeadOfLine: Bool
        /// Chunks of this transfer that the reader has not taken.
        var unread: Int
        /// The reader cannot take any, because the filter has not released them.
        var holdsOutput: Bool

        /// Whether the pool's limit does not apply.
        var isExempt: Bool {
            isHeadOfLine && (holdsOutput || unread < Admission.unreadOfHeadOfLine)
        }
    }

    /// The transfers that were refused, by start order.
    private(set) var waiting: [UInt64] = []

    /// Whether `demand` may take within the limit: nobody that started earlier waits.
    func isNext(_ demand: Demand) -> Bool {
        waiting.first.map { $0 >= demand.order } ?? true
    }

    /// A transfer was refused and waits. Returns whether that is new.
    mutating func wait(_ order: UInt64) -> Bool {
        guard !waiting.contains(order) else { return false }
        let place = waiting.firstIndex { $0 > order } ?? waiting.endIndex
        waiting.insert(order, at: place)
        return true
    }

    /// A transfer was admitted or has ended. Returns whether it had waited.
    @discardableResult
    mutating func leave(_ order: UInt64) -> Bool {
        guard let place = waiting.firstIndex(of: order) else { return false }
        waiting.remove(at: place)
        return true
    }
}
