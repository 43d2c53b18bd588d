/// Says which samples go into which file where the format of a track changes. Pure.
///
/// Samples come in the order in which they are to be written. A track that the present file cannot hold announces a cut; what
/// comes within ``window90k`` of it is looked at before the place is decided, so that changes of several tracks at one
/// Discontinuity are one cut, and a picture that goes on begins the next file with a key frame. No sample is lost, and none is
/// in two files, but for a text that is shown across the cut.
struct PartCutter<Payload> {
    /// A track, in the order of the output's numbers.
    struct Track {
        var kind: TimelineTrack.Kind
        var scale: TimeScale
        /// The track that ends where this one begins: the same stream with the format before.
        var replaces: Int?
    }

    /// The next file begins.
    struct Cut {
        /// Earliest presentation time of its samples, in ticks of `scale`: its time 0.
        var start: Int64
        var scale: TimeScale
        /// Its tracks, in order.
        var tracks: [Int]
        /// What of its samples is known: each track has one.
        var first: [PlacedSample<Payload>]
    }

    enum Step {
        case write(PlacedSample<Payload>)
        case cut(Cut)
    }

    /// Changes that are no further apart are one; a key frame no further away begins the next file.
    static var window90k: Int64 { 90_000 }
    /// No more is held; a text sample that lasts longer is cut in two.
    static var maximumSpan90k: Int64 { 10 * 90_000 }
    static var maximumHeldBytes: Int { 64 << 20 }

    private var tracks: [Track]
    private var current: Set<Int>
    private var held: [PlacedSample<Payload>] = []
    private var heldBytes = 0
    /// Where the first sample lies that the present file cannot hold.
    private var pending90k: Int64?
    private var latest90k = Int64.min

    /// - Parameter tracks: those known at the start; the first file holds the ones that replace none.
    init(tracks: [Track]) {
        self.tracks = tracks
        current = Set(tracks.indices.filter { tracks[$0].replaces == nil })
    }

    mutating func addTrack(_ track: Track) { tracks.append(track) }

    /// Takes a sample; appends what can be done now.
    ///
    /// - Throws: ``NoCut`` where a picture that goes on has no key frame to begin a file with.
    mutating func push(_ sample: PlacedSample<Payload>, to steps: inout [Step]) throws(NoCut) {
        hold(sample)
        try advance(isFinal: false, to: &steps)
    }

    /// No further sample will come.
    mutating func finish(to steps: inout [Step]) throws(NoCut) {
        try advance(isFinal: true, to: &steps)
        for sample in held { steps.append(.write(sample)) }
        held = []
        heldBytes = 0
    }

    // MARK: - The window

    private func time90k(_ sample: PlacedSample<Payload>) -> Int64 {
        tracks[sample.track].scale.convert(sample.dts, to: .mpeg)
    }

    private mutating func hold(_ sample: PlacedSample<Payload>) {
        let time90k = time90k(sample)
        latest90k = max(latest90k, time90k)
        if !current.contains(sample.track) { pending90k = min(pending90k ?? .max, time90k) }
        held.append(sample)
        heldBytes += sample.byteCount
    }

    private mutating func advance(isFinal: Bool, to steps: inout [Step]) throws(NoCut) {
        while let pending90k {
            let span90k = latest90k &- pending90k
            let isFull = isFinal || span90k >= Self.maximumSpan90k || heldBytes >= Self.maximumHeldBytes
            guard isFull || span90k >= Self.window90k else { return }
            guard let cut = decide(pending90k, isFinal: isFinal, to: &steps) else {
                if isFull { throw NoCut() }
                return
            }
            steps.append(.cut(cut))
        }
        if !isFinal { release(to: &steps) }
    }

    /// Writes what lies so far back that no cut can concern it.
    private mutating func release(to steps: inout [Step]) {
        var count = 0
        let edge90k = latest90k &- Self.window90k
        while count < held.count {
            var sample = held[count]
            let isFull = heldBytes > Self.maximumHeldBytes
            let scale = tracks[sample.track].scale
            guard time90k(sample) < edge90k || isFull else { break }
            if tracks[sample.track].kind == .subtitles, !isFull {
                let edge = TimeScale.mpeg.convert(edge90k, to: scale)
                if sample.dts &+ sample.duration > edge {
                    guard latest90k &- time90k(sample) >= Self.maximumSpan90k else { break }
                    held[count] = sample.split(at: edge)
                    sample.duration = edge &- sample.dts
                    steps.append(.write(sample))
                    break
                }
            }
            steps.append(.write(sample))
            heldBytes -= sample.byteCount
            count += 1
        }
        if count > 0 { held.removeFirst(count) }
    }

    // MARK: - The cut

    /// Divides what is held; `nil` while the place is not certain.
    private mutating func decide(_ pending90k: Int64, isFinal: Bool, to steps: inout [Step]) -> Cut? {
        let changed = changedTracks(pending90k)
        let replaced = Set(changed.compactMap { tracks[$0].replaces })
        let staying = current.subtracting(replaced)
        guard let keys = keyFrames(of: staying, near: pending90k, isFinal: isFinal) else { return nil }
        let pictures =
            changed.filter { tracks[$0].kind == .video }.compactMap { lead in held.first { $0.track == lead } }
            + keys.values.map { held[$0] }
        let edge90k = pictures.map(presentation90k).min() ?? pending90k

        var next: [PlacedSample<Payload>] = []
        var last: [PlacedSample<Payload>] = []
        var texts: [PlacedSample<Payload>] = []
        var later: [PlacedSample<Payload>] = []
        for (index, sample) in held.enumerated() {
            let track = sample.track
            if changed.contains(track) {
                next.append(sample)
            } else if replaced.contains(track) {
                last.append(sample)
            } else if !staying.contains(track) {
                later.append(sample)
            } else if tracks[track].kind == .subtitles {
                texts.append(sample)
            } else {
                let isBehind =
                    tracks[track].kind == .video
                    ? keys[track].map { index >= $0 } ?? false : presentation90k(sample) >= edge90k
                if isBehind { next.append(sample) } else { last.append(sample) }
            }
        }
        guard let first = next.min(by: { presentation90k($0) < presentation90k($1) }) else { return nil }
        let (start, scale) = (first.pts, tracks[first.track].scale)
        divide(texts, at: start, scale, last: &last, next: &next)
        for sample in inOrder(last) { steps.append(.write(sample)) }
        next = inOrder(next)
        begin(next, later)
        return Cut(start: start, scale: scale, tracks: current.sorted(), first: next)
    }

    /// The tracks that the next file begins to hold. One whose format lasts less than the window has a file of its own.
    private func changedTracks(_ pending90k: Int64) -> Set<Int> {
        let limit90k = pending90k &+ Self.window90k
        let near = held.filter { time90k($0) <= limit90k && !current.contains($0.track) }
        let seen = Set(near.map(\.track))
        return seen.filter { track in tracks[track].replaces.map { !seen.contains($0) } ?? true }
    }

    /// By track, where in `held` the key frame stands with which a picture that goes on begins the next file; `nil` where one of
    /// them is still to come. A picture that ends without another one ends in the file it is in.
    private func keyFrames(of staying: Set<Int>, near pending90k: Int64, isFinal: Bool) -> [Int: Int]? {
        func distance(_ index: Int) -> Int64 { abs(presentation90k(held[index]) &- pending90k) }
        var found: [Int: Int] = [:]
        for track in staying where tracks[track].kind == .video {
            let keys = held.indices.filter { held[$0].track == track && held[$0].isKey }
            if let nearest = keys.min(by: { distance($0) < distance($1) }) {
                found[track] = nearest
            } else if !isFinal, held.contains(where: { $0.track == track && time90k($0) >= pending90k }) {
                return nil
            }
        }
        return found
    }

    /// A text that is shown across the cut is in both files.
    private func divide(
        _ texts: [PlacedSample<Payload>],
        at start: Int64,
        _ scale: TimeScale,
        last: inout [PlacedSample<Payload>],
        next: inout [PlacedSample<Payload>]
    ) {
        for sample in texts {
            let edge = scale.convert(start, to: tracks[sample.track].scale)
            if sample.dts >= edge {
                next.append(sample)
            } else if sample.dts &+ sample.duration <= edge {
                last.append(sample)
            } else {
                next.append(sample.split(at: edge))
                var shown = sample
                shown.duration = edge &- sample.dts
                last.append(shown)
            }
        }
    }

    /// What the next file holds so far is held on: a further cut may concern it.
    private mutating func begin(_ next: [PlacedSample<Payload>], _ later: [PlacedSample<Payload>]) {
        current = Set(next.map(\.track)).union(current.filter { tracks[$0].kind == .subtitles })
        held = []
        heldBytes = 0
        pending90k = nil
        for sample in inOrder(next + later) { hold(sample) }
    }

    private func presentation90k(_ sample: PlacedSample<Payload>) -> Int64 {
        tracks[sample.track].scale.convert(sample.pts, to: .mpeg)
    }

    /// By decoding time, what came first staying first.
    private func inOrder(_ samples: [PlacedSample<Payload>]) -> [PlacedSample<Payload>] {
        samples.enumerated().map { (time90k: time90k($1), place: $0, sample: $1) }
            .sorted { ($0.time90k, $0.place) < ($1.time90k, $1.place) }.map(\.sample)
    }
}

/// The format of a track changes where no file can begin.
struct NoCut: Error, CustomStringConvertible {
    var description: String {
        "the picture that goes on beside a changed track has no key frame near enough to begin a file with"
    }
}

extension PlacedSample {
    /// The part of a text sample from `edge` on, ticks of its track.
    fileprivate func split(at edge: Int64) -> PlacedSample {
        var rest = self
        rest.duration = dts &+ duration &- edge
        rest.dts = edge
        rest.pts = edge
        return rest
    }
}
