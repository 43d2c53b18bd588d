/// The start of one run (the Media Segments of one Discontinuity Sequence): holds samples until the run's place in the
/// output is certain, and says what that needs.
///
/// Certain means: every track that must begin has begun, and no picture still to come is shown before the first one
/// (leading pictures of an open GOP precede their key frame in presentation, not in decoding).
struct RunStart<Payload> {
    /// Bounds of what is held, in media time and bytes, never wall time: output bytes do not depend on the network.
    static var maximumHeld90k: Int64 { 30 * 90_000 }
    static var maximumHeldBytes: Int { 32 << 20 }

    private(set) var held: [TimelineSample<Payload>] = []
    private(set) var heldBytes = 0
    /// First presentation time by track, in 90 kHz.
    private(set) var firstPts90k: [Int: Int64] = [:]
    private(set) var videoBeforeKeyFrame = 0
    private var videoIsSettled: Set<Int> = []
    private var earliest90k = Int64.max
    private var latest90k = Int64.min

    /// Takes a sample whose timestamps are unwrapped and in 90 kHz where given.
    ///
    /// - Parameter hasOwnClock: `false` for times of the playlist: they say nothing about how much is held of others.
    mutating func hold(
        _ sample: TimelineSample<Payload>,
        kind: TimelineTrack.Kind,
        pts90k: Int64,
        dts90k: Int64,
        hasOwnClock: Bool = true
    ) {
        held.append(sample)
        heldBytes += sample.byteCount
        if hasOwnClock {
            earliest90k = min(earliest90k, dts90k)
            latest90k = max(latest90k, dts90k)
        }
        switch kind {
        case .audio:
            firstPts90k[sample.track] = min(firstPts90k[sample.track] ?? pts90k, pts90k)
        case .video:
            guard sample.isKey || firstPts90k[sample.track] != nil else { return }
            let first = min(firstPts90k[sample.track] ?? pts90k, pts90k)
            firstPts90k[sample.track] = first
            if dts90k >= first { videoIsSettled.insert(sample.track) }
        case .subtitles: break
        }
    }

    /// More is held than may be: the run starts with what has come.
    var isOverdue: Bool {
        heldBytes >= Self.maximumHeldBytes
            || (earliest90k <= latest90k && latest90k &- earliest90k >= Self.maximumHeld90k)
    }

    /// The track's first presentation time is known and will not become earlier.
    func isSettled(_ track: Int, kind: TimelineTrack.Kind) -> Bool {
        kind == .video ? videoIsSettled.contains(track) : firstPts90k[track] != nil
    }

    /// Gives out what was held, in order of arrival, without the video that precedes its first key frame (unless none
    /// came at all) and counts that.
    mutating func release(isVideo: (Int) -> Bool) -> [TimelineSample<Payload>] {
        var begun: Set<Int> = []
        var released: [TimelineSample<Payload>] = []
        released.reserveCapacity(held.count)
        for sample in held {
            if isVideo(sample.track), !begun.contains(sample.track), firstPts90k[sample.track] != nil {
                guard sample.isKey else {
                    videoBeforeKeyFrame += 1
                    continue
                }
                begun.insert(sample.track)
            }
            released.append(sample)
        }
        held = []
        heldBytes = 0
        return released
    }
}
