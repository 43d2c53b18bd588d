/// Times for the access units that have none: several in one PES, or a PES without them.
///
/// They wait for the next one that has. In decoding order they lie evenly between the two; when each is shown, its place in the
/// order of the pictures says. Pure.
struct UntimedPictures<Payload> {
    /// More than this many wait for no timestamp: a stream may have none.
    private static var maximumHeld: Int { 600 }
    private static var maximumHeldBytes: Int { 32 << 20 }
    /// Timestamps further apart than this for each picture are those of a jump, 90 kHz.
    private static var longestStep90k: Int64 { 10 * 90_000 }

    /// A picture that has times, and how many came before it.
    private struct Anchor {
        var index: Int
        var pts: Int64
        var dts: Int64
        var count: Int?
        var sequence: Int
    }

    /// Time between pictures, as a fraction: that of a frame, and that of one step of the order.
    private struct Rate {
        var ticks: Int64
        var steps: Int64

        func time(of steps: Int64) -> Int64 {
            let product = ticks.multipliedReportingOverflow(by: steps)
            guard !product.overflow else { return 0 }
            let half = product.partialValue < 0 ? -self.steps / 2 : self.steps / 2
            return (product.partialValue &+ half) / self.steps
        }

        func isAbout(_ other: Rate) -> Bool {
            let (one, two) = (Double(ticks) / Double(steps), Double(other.ticks) / Double(other.steps))
            return one > two * 0.75 && one < two * 1.5
        }
    }

    private var held: [(index: Int, sequence: Int, picture: TimedPicture<Payload>)] = []
    private var heldBytes = 0
    private var last: Anchor?
    private var nextIndex = 0
    /// Of the coded video sequence: the order of one says nothing of another.
    private var sequence = 0
    private var interval: Rate?
    private var slope: Rate?
    private var lastCount: Int?
    /// The least distance in order between pictures that follow each other in decoding.
    private var leastStep: Int64?
    /// How long after decoding the first picture of a sequence is shown.
    private var delay90k: Int64?

    /// Takes the next picture in decoding order; gives out those whose times are known now.
    mutating func push(_ picture: TimedPicture<Payload>, _ emit: (TimedPicture<Payload>) -> Void) {
        learnOrder(picture.order)
        defer { nextIndex += 1 }
        if let anchor = anchor(picture, index: nextIndex, sequence: sequence) {
            if picture.order?.restarts ?? true { delay90k = TimestampUnwrapper.signed(anchor.pts &- anchor.dts) }
            if held.isEmpty {
                if let last { learnRates(last, anchor) }
                last = anchor
                return emit(picture)
            }
            // Those at the very start wait for two: one alone does not tell the rate.
            if let known = last ?? heldAnchors.first {
                learnRates(known, anchor)
                release(upTo: anchor, emit)
                last = anchor
                return emit(picture)
            }
        }
        held.append((nextIndex, sequence, picture))
        heldBytes += picture.byteCount
        guard held.count > Self.maximumHeld || heldBytes > Self.maximumHeldBytes else { return }
        release(upTo: nil, emit)
    }

    /// The stream has ended: gives out what is left.
    mutating func finish(_ emit: (TimedPicture<Payload>) -> Void) { release(upTo: nil, emit) }

    // MARK: - What is known

    private var heldAnchors: [Anchor] {
        held.compactMap { anchor($0.picture, index: $0.index, sequence: $0.sequence) }
    }

    private func anchor(_ picture: TimedPicture<Payload>, index: Int, sequence: Int) -> Anchor? {
        guard let pts = picture.pts ?? picture.dts else { return nil }
        let count = picture.order?.count
        return Anchor(index: index, pts: pts, dts: picture.dts ?? pts, count: count, sequence: sequence)
    }

    private mutating func learnOrder(_ order: PictureOrder?) {
        guard let order else { return lastCount = nil }
        if order.restarts { sequence += 1 }
        if let lastCount, !order.restarts, order.count != lastCount {
            let step = Int64((order.count &- lastCount).magnitude)
            leastStep = min(leastStep ?? step, step)
        }
        lastCount = order.count
    }

    private mutating func learnRates(_ first: Anchor, _ second: Anchor) {
        let steps = Int64(second.index - first.index)
        let distance = TimestampUnwrapper.signed(second.dts &- first.dts)
        if steps > 0, distance > 0, distance <= Self.longestStep90k &* steps {
            let rate = Rate(ticks: distance, steps: steps)
            let usual = interval.map { $0.time(of: steps) &+ TimelineTolerance.forward90k } ?? .max
            if distance <= usual, steps > 1 || interval.map(rate.isAbout) ?? true { interval = rate }
        }
        guard first.sequence == second.sequence, let one = first.count, let two = second.count, one != two else {
            return
        }
        let sign: Int64 = two > one ? 1 : -1
        let time = TimestampUnwrapper.signed(second.pts &- first.pts) &* sign
        let order = Int64(two &- one) &* sign
        guard time > 0, time <= Self.longestStep90k &* order else { return }
        let rate = Rate(ticks: time, steps: order)
        if slope == nil || slope.map(rate.isAbout) == true { slope = rate }
    }

    // MARK: - What follows

    private mutating func release(upTo next: Anchor?, _ emit: (TimedPicture<Payload>) -> Void) {
        var anchors = [last, next].compactMap(\.self)
        let timed = heldAnchors
        anchors += timed
        anchors.sort { $0.index < $1.index }
        let released = held
        (held, heldBytes) = ([], 0)
        if next == nil { last = timed.last ?? last }
        for (index, sequence, picture) in released {
            guard picture.pts == nil, picture.dts == nil, !anchors.isEmpty else {
                emit(picture)
                continue
            }
            var picture = picture
            let dts = decodingTime(index, anchors)
            picture.dts = dts
            picture.pts = presentationTime(picture.order, index: index, sequence: sequence, dts: dts, &anchors)
            picture.isInterpolated = true
            emit(picture)
        }
    }

    private func decodingTime(_ index: Int, _ anchors: [Anchor]) -> Int64 {
        let step = interval ?? Rate(ticks: 1, steps: 1)
        guard let before = anchors.last(where: { $0.index < index }) else {
            guard let first = anchors.first(where: { $0.index > index }) else { return 0 }
            return first.dts &- step.time(of: Int64(first.index - index))
        }
        let count = Int64(index - before.index)
        guard let behind = anchors.first(where: { $0.index > index && $0.dts != before.dts }) else {
            return before.dts &+ step.time(of: count)
        }
        let steps = Int64(behind.index - before.index)
        let rate = Rate(ticks: TimestampUnwrapper.signed(behind.dts &- before.dts), steps: steps)
        // A jump lies between the two: they belong to the time before it.
        guard rate.ticks > 0, rate.ticks <= step.time(of: steps) &+ TimelineTolerance.forward90k else {
            return before.dts &+ step.time(of: count)
        }
        return before.dts &+ rate.time(of: count)
    }

    private func presentationTime(
        _ order: PictureOrder?,
        index: Int,
        sequence: Int,
        dts: Int64,
        _ anchors: inout [Anchor]
    ) -> Int64 {
        guard let order else {
            let near = anchors.last { $0.index < index } ?? anchors.first
            return dts &+ (near.map { TimestampUnwrapper.signed($0.pts &- $0.dts) } ?? 0)
        }
        let known = anchors.filter { $0.sequence == sequence && $0.count != nil }
        guard let near = known.last(where: { $0.index < index }) ?? known.first, let count = near.count else {
            let pts = dts &+ (delay90k ?? 0)
            anchors.append(Anchor(index: index, pts: pts, dts: dts, count: order.count, sequence: sequence))
            anchors.sort { $0.index < $1.index }
            return pts
        }
        let steps = Int64(order.count &- count)
        if let slope { return near.pts &+ slope.time(of: steps) }
        guard let interval, let leastStep else { return dts &+ TimestampUnwrapper.signed(near.pts &- near.dts) }
        let perStep = Rate(ticks: interval.ticks, steps: interval.steps &* leastStep)
        return near.pts &+ perStep.time(of: steps)
    }
}
