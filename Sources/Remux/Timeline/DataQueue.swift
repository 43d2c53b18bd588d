/// Timed data on its way into the output: held until the run that it belongs to has its place and the output has come that far.
/// Pure.
struct DataQueue<Content> {
    /// Data with its place in the output.
    struct Placed {
        /// At least 0.
        var time90k: Int64
        /// What was added to its time in the source.
        var shift90k: Int64
        var content: Content
    }

    /// Bound of what is held; more is left out and counted.
    static var maximumCount: Int { 4096 }

    private var waiting: [(run: UInt64, raw90k: Int64?, content: Content)] = []
    private var placed: [Placed] = []
    private(set) var excessCount = 0

    var isEmpty: Bool { waiting.isEmpty && placed.isEmpty }

    /// - Parameter raw90k: 33 bits; `nil`: when it comes.
    mutating func add(_ content: Content, raw90k: Int64?, run: UInt64) {
        guard waiting.count + placed.count < Self.maximumCount else {
            excessCount += 1
            return
        }
        waiting.append((run, raw90k, content))
    }

    /// What is due.
    ///
    /// - Parameters:
    ///   - time90k: how far the output is, in the presentation.
    ///   - start90k: of the presentation that is time 0 of the output; `nil`: its start. What comes before the first sample
    ///     then counts from there, while what is in front of a part is left out.
    ///   - end90k: where the output ends, in the presentation.
    ///   - placement: of a run; `nil` while it has no place.
    mutating func take(
        through time90k: Int64,
        start90k: Int64?,
        end90k: Int64 = .max,
        placement: (UInt64) -> RunPlacement?
    ) -> [Placed] {
        var left: [(run: UInt64, raw90k: Int64?, content: Content)] = []
        let isWhole = start90k == nil
        let start90k = start90k ?? 0
        for item in waiting {
            guard let place = placement(item.run) else {
                left.append(item)
                continue
            }
            let anchor = max(time90k, place.start90k) &+ place.shift90k
            let source90k = item.raw90k.map { TimestampUnwrapper.nearest(to: anchor, raw: $0) } ?? anchor
            var output90k = source90k &- place.shift90k &- start90k
            if isWhole { output90k = max(0, output90k) }
            guard output90k >= 0, output90k < end90k &- start90k else { continue }
            let shift90k = 0 &- place.shift90k &- start90k
            placed.append(Placed(time90k: output90k, shift90k: shift90k, content: item.content))
        }
        waiting = left
        let due = placed.filter { $0.time90k <= time90k &- start90k }.sorted { $0.time90k < $1.time90k }
        placed.removeAll { $0.time90k <= time90k &- start90k }
        return due
    }
}
