/// One track of a ``Clip``.
struct ClipTrack<Payload> {
    /// What is known of the start.
    private enum State { case before, inside, past }

    private let kind: TimelineTrack.Kind
    /// The part's start, and its duration, in output ticks of the track.
    private let shift: Int64
    private let end: Int64?
    private let primingSamples: Int
    private var state = State.before
    /// Before the start: video from the last key frame on; audio that may hold the start, and the samples before it.
    private var held: [PlacedSample<Payload>] = []
    /// At the end: samples shown behind it that one still to come may need.
    private var pending: [PlacedSample<Payload>] = []
    private(set) var heldBytes = 0
    private(set) var hasKept = false
    /// The first sample that came is the first one kept, and stands at this time; audio only.
    private var firstOfAll: PlacedSample<Payload>?
    private var droppedBefore = false

    init(kind: TimelineTrack.Kind, shift: Int64, end: Int64?, primingSamples: Int) {
        self.kind = kind
        self.shift = shift
        self.end = end
        self.primingSamples = primingSamples
    }

    var hasBegun: Bool { state != .before }
    var isPast: Bool { state == .past }

    /// Takes a sample with its place in the whole presentation; appends what is kept, with its place in the part.
    mutating func push(_ sample: PlacedSample<Payload>, to kept: inout [PlacedSample<Payload>]) {
        var sample = sample
        sample.pts &-= shift
        sample.dts &-= shift
        guard state == .before else { return pass(sample, to: &kept) }
        if firstOfAll == nil { firstOfAll = sample }
        switch kind {
        case .video: holdVideo(sample, to: &kept)
        case .audio: holdAudio(sample, to: &kept)
        // Text is cut by what makes its samples.
        case .subtitles: pass(sample, to: &kept)
        }
    }

    /// The track starts with what is held.
    mutating func begin(to kept: inout [PlacedSample<Payload>]) {
        guard state == .before else { return }
        state = .inside
        for sample in held { pass(sample, to: &kept) }
        held = []
        heldBytes = 0
    }

    /// No further sample will come: of what is held the track keeps what lasts beyond the start.
    mutating func finish(to kept: inout [PlacedSample<Payload>]) {
        if state == .before, !held.contains(where: { $0.pts &+ $0.duration > 0 }) { drop() }
        begin(to: &kept)
        pending = []
        state = .past
    }

    /// A sample, or one before it, is missing that the segment before is likely to hold: ``Clip/beginsShort(_:)``.
    var beginsShort: Bool {
        guard kind == .audio, hasKept, !droppedBefore, let first = firstOfAll else { return false }
        return first.pts > -first.duration * Int64(primingSamples) && first.pts < first.duration * Self.nearDurations
    }

    /// Audio that begins more than this many of its samples behind the start begins there in the stream itself.
    private static var nearDurations: Int64 { 8 }

    // MARK: - The start

    private mutating func holdVideo(_ sample: PlacedSample<Payload>, to kept: inout [PlacedSample<Payload>]) {
        if sample.isKey, sample.pts <= 0 {
            drop()
            hold(sample)
        } else if !held.isEmpty {
            hold(sample)
        } else if sample.isKey || sample.pts &+ sample.duration > 0 {
            // The stream starts here, or has no key frames.
            hold(sample)
            return begin(to: &kept)
        } else {
            droppedBefore = true
        }
        // A key frame still to come is decoded, and so shown, behind the start.
        if sample.dts > 0 { begin(to: &kept) }
    }

    private mutating func holdAudio(_ sample: PlacedSample<Payload>, to kept: inout [PlacedSample<Payload>]) {
        guard sample.pts > 0 else {
            // A sample behind a gap has nothing to be primed by.
            if let last = held.last, last.pts &+ last.duration &+ last.duration / 2 < sample.pts { drop() }
            hold(sample)
            while held.count > primingSamples + 1 {
                heldBytes -= held.removeFirst().byteCount
                droppedBefore = true
            }
            return
        }
        if let last = held.last, last.pts &+ last.duration <= 0 { drop() }
        hold(sample)
        begin(to: &kept)
    }

    private mutating func hold(_ sample: PlacedSample<Payload>) {
        held.append(sample)
        heldBytes += sample.byteCount
    }

    private mutating func drop() {
        if !held.isEmpty { droppedBefore = true }
        held = []
        heldBytes = 0
    }

    // MARK: - The end

    private mutating func pass(_ sample: PlacedSample<Payload>, to kept: inout [PlacedSample<Payload>]) {
        guard let end, state == .inside else {
            if state == .inside { keep(sample, to: &kept) }
            return
        }
        if sample.dts >= end {
            // Nothing shown before the end is decoded any more.
            state = .past
            pending = []
        } else if sample.pts < end {
            for earlier in pending { keep(earlier, to: &kept) }
            pending = []
            keep(sample, to: &kept)
        } else {
            pending.append(sample)
        }
    }

    private mutating func keep(_ sample: PlacedSample<Payload>, to kept: inout [PlacedSample<Payload>]) {
        hasKept = true
        kept.append(sample)
    }
}
