/// Decoding times where PES have presentation times only although pictures are reordered, which ISO/IEC 13818-1 §2.4.3.6 does not
/// allow: libavformat then says that both are the same.
///
/// Presentation times are kept. In decoding order, the sorted presentation times are the decoding times, moved by as many
/// pictures as the reordering needs. Pure.
struct DecodingTimes<Payload> {
    /// H.264 and H.265 reorder over 16 pictures at the most.
    private static var window: Int { RunStart<Payload>.reorderedPictures }
    /// Presentation times further apart than this from one picture to the next are those of a jump, 90 kHz.
    private static var longestStep90k: Int64 { 90_000 }

    private enum State {
        /// Holds the first pictures until they show which times they have.
        case deciding
        /// Decoding times are as they come.
        case given
        /// These presentation times are the next decoding times, sorted.
        case sorting([Int64])
    }

    private var state = State.deciding
    private var held: [TimedPicture<Payload>] = []
    /// Some PES has had a decoding time of its own.
    private var isExplicit = false
    private var lastPts: Int64?
    private var lastDts: Int64?

    /// Takes the next picture in decoding order; gives out those whose decoding times are known now.
    mutating func push(_ picture: TimedPicture<Payload>, _ emit: (TimedPicture<Payload>) -> Void) {
        guard let pts = picture.pts, let dts = picture.dts else {
            finish(emit)
            return emit(picture)
        }
        if !picture.isInterpolated, pts != dts { isExplicit = true }
        if isExplicit {
            if !held.isEmpty { release(isExplicit: true, emit) }
            state = .given
            return emit(picture)
        }
        if let lastPts, TimestampUnwrapper.signed(pts &- lastPts).magnitude > UInt64(Self.longestStep90k) {
            finish(emit)
        }
        lastPts = pts
        switch state {
        case .deciding:
            held.append(picture)
            if held.count >= Self.window { release(isExplicit: false, emit) }
        case .given:
            if let lastDts, TimestampUnwrapper.signed(dts &- lastDts) <= 0 {
                // Reordering begins: this picture is what its depth shows.
                state = .sorting([lastDts])
                return sort(picture, pts, emit)
            }
            lastDts = dts
            emit(picture)
        case .sorting: sort(picture, pts, emit)
        }
    }

    /// The stream has ended, or its clock: gives out what is left.
    mutating func finish(_ emit: (TimedPicture<Payload>) -> Void) {
        if !held.isEmpty { release(isExplicit: isExplicit, emit) }
        state = .deciding
        (lastPts, lastDts) = (nil, nil)
    }

    private mutating func release(isExplicit: Bool, _ emit: (TimedPicture<Payload>) -> Void) {
        let released = held
        held = []
        let times = released.compactMap(\.pts)
        guard !isExplicit, let first = times.first else {
            state = .given
            return released.forEach(emit)
        }
        // Beside the first one, so that a wrap among them does not matter.
        let places = times.map { TimestampUnwrapper.signed($0 &- first) }
        let depth = places.indices.map { index in places[..<index].count { $0 > places[index] } }.max() ?? 0
        guard depth > 0 else {
            state = .given
            lastDts = times.last
            return released.forEach(emit)
        }
        let sorted = places.sorted()
        let step = zip(sorted.dropFirst(), sorted).map { $0 &- $1 }.filter { $0 > 0 }.min() ?? 1
        state = .sorting((1...depth).reversed().map { first &+ sorted[0] &- Int64($0) &* step })
        for picture in released { sort(picture, picture.pts ?? first, emit) }
    }

    private mutating func sort(
        _ picture: TimedPicture<Payload>,
        _ pts: Int64,
        _ emit: (TimedPicture<Payload>) -> Void
    ) {
        guard case .sorting(var next) = state else { return emit(picture) }
        let place = next.firstIndex { TimestampUnwrapper.signed($0 &- pts) > 0 } ?? next.endIndex
        next.insert(pts, at: place)
        var dts = next[0]
        if let lastDts, TimestampUnwrapper.signed(dts &- lastDts) <= 0 {
            // It is reordered over more pictures than any before.
            dts = lastDts &+ 1
            if next.count > Self.window { next.removeFirst() }
        } else {
            next.removeFirst()
        }
        lastDts = dts
        state = .sorting(next)
        var picture = picture
        picture.dts = dts
        emit(picture)
    }
}
