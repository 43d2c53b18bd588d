/// The start of one run (the Media Segments of one Discontinuity Sequence): holds samples until the run's place in the
/// output is certain, and says what that needs.
///
/// Certain means: every track that must begin has begun, and no picture still to come is shown before the first one
/// (leading pictures of an open GOP precede their key frame in presentation, not in decoding).
struct RunStart<Payload> {
    /// Bounds of what is held, in media time and bytes, never wall time: output bytes do not depend on the network.
    static var maximumHeld90k: Int64 { 30 * 90_000 }
    static var maximumHeldBytes: Int { 32 << 20 }

    /// Fragmented MP4 may give the pictures of a group decoding times later than their presentation times: so many pictures
    /// show by how much (H.264 and H.265 reorder over 16 at the most).
    static var reorderedPictures: Int { 17 }

    /// What is known of one track.
    private struct Track {
        var kind: TimelineTrack.Kind
        var count = 0
        var keyCount = 0
        var times90k: ClosedRange<Int64>
        /// The first picture is shown later than it is decoded.
        var isDelayed = false
        /// No picture still to come is shown before the first one.
        var isInOrder = false
    }

    private(set) var held: [TimelineSample<Payload>] = []
    private(set) var heldBytes = 0
    /// First presentation time by track, in 90 kHz; of video from the first key frame on.
    private(set) var firstPts90k: [Int: Int64] = [:]
    /// First presentation time of all video, in 90 kHz.
    private(set) var firstPicture90k: [Int: Int64] = [:]
    private(set) var videoBeforeKeyFrame = 0
    private var tracks: [Int: Track] = [:]
    private var earliest90k = Int64.max
    private var latest90k = Int64.min

    /// Takes a sample whose timestamps are unwrapped, also in 90 kHz.
    ///
    /// Times of the playlist say nothing about how much is held of others.
    mutating func hold(_ sample: TimelineSample<Payload>, track: TimelineTrack, pts90k: Int64, dts90k: Int64) {
        held.append(sample)
        heldBytes += sample.byteCount
        if track.origin != .playlist {
            earliest90k = min(earliest90k, dts90k)
            latest90k = max(latest90k, dts90k)
        }
        let number = sample.track
        var state = tracks[number] ?? Track(kind: track.kind, times90k: dts90k...dts90k)
        defer { tracks[number] = state }
        state.count += 1
        state.times90k = min(state.times90k.lowerBound, dts90k)...max(state.times90k.upperBound, dts90k)
        switch track.kind {
        case .audio:
            firstPts90k[number] = min(firstPts90k[number] ?? pts90k, pts90k)
        case .video:
            firstPicture90k[number] = min(firstPicture90k[number] ?? pts90k, pts90k)
            guard sample.isKey || firstPts90k[number] != nil else { return }
            if sample.isKey { state.keyCount += 1 }
            if firstPts90k[number] == nil { state.isDelayed = track.origin != .count || pts90k > dts90k }
            let first = min(firstPts90k[number] ?? pts90k, pts90k)
            firstPts90k[number] = first
            guard state.isDelayed || state.keyCount > 1 || state.count >= Self.reorderedPictures else { return }
            if dts90k >= first { state.isInOrder = true }
        case .subtitles: break
        }
    }

    /// Samples of a track that are held.
    func count(_ track: Int) -> Int { tracks[track]?.count ?? 0 }

    /// The track's first sample.
    func first(_ track: Int) -> TimelineSample<Payload>? { held.first { $0.track == track } }

    /// Enough has come of a track to be sure that it is on this clock.
    func isCertain(_ track: Int) -> Bool {
        guard let state = tracks[track] else { return false }
        // One wrong timestamp of sound may stand for many frames.
        return (state.kind == .video && state.count >= TimelineTolerance.certainSamples)
            || state.times90k.upperBound &- state.times90k.lowerBound >= TimelineTolerance.certain90k
    }

    /// Gives back the samples of a track, as if they had not come.
    mutating func take(_ track: Int) -> [TimelineSample<Payload>] {
        let taken = held.filter { $0.track == track }
        held.removeAll { $0.track == track }
        for sample in taken { heldBytes -= sample.byteCount }
        firstPts90k[track] = nil
        firstPicture90k[track] = nil
        tracks[track] = nil
        return taken
    }

    /// More is held than may be: the run starts with what has come.
    var isOverdue: Bool {
        heldBytes >= Self.maximumHeldBytes
            || (earliest90k <= latest90k && latest90k &- earliest90k >= Self.maximumHeld90k)
    }

    /// The track's first presentation time is known and will not become earlier.
    func isSettled(_ track: Int, kind: TimelineTrack.Kind) -> Bool {
        kind == .video ? tracks[track]?.isInOrder == true : firstPts90k[track] != nil
    }

    /// Gives out what was held, in order of arrival, without the video that precedes its first key frame (unless none
    /// came at all) and counts that.
    ///
    /// - Parameter keepsAll: what precedes it can be decoded.
    mutating func release(keepsAll: Bool, isVideo: (Int) -> Bool) -> [TimelineSample<Payload>] {
        var begun: Set<Int> = []
        var released: [TimelineSample<Payload>] = []
        released.reserveCapacity(held.count)
        for sample in held {
            if !keepsAll, isVideo(sample.track), !begun.contains(sample.track), firstPts90k[sample.track] != nil {
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
