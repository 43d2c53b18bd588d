/// Merges the tracks by time and gives each sample its true duration: the time to the next one of its track.
///
/// A sample leaves when its successor is known and no track could still deliver an earlier one. What is held is bounded
/// in media time and bytes, so that a track which stays behind cannot stop the others. Pure.
struct Interleaver<Payload> {
    /// Bounds of what waits for a track that stays behind.
    static var maximumSpan90k: Int64 { 10 * 90_000 }
    static var maximumHeldBytes: Int { 16 << 20 }

    private struct Track {
        let scale: TimeScale
        let kind: TimelineTrack.Kind
        /// Text comes seldom, with its final duration, and without gaps: until here nothing more of it is to come, 90 kHz.
        var covered90k = Int64.min
        var queue: [PlacedSample<Payload>] = []
        var head = 0
        var isFinished = false

        var count: Int { queue.count - head }
        var first: PlacedSample<Payload>? { head < queue.count ? queue[head] : nil }

        var isVideo: Bool { kind == .video }

        /// When the first sample is due, in 90 kHz: video and text when they begin, audio when it ends.
        ///
        /// So a movie fragment that starts with a key frame holds the audio heard at that moment: readers that look up
        /// every track for the time of the key frame find them all in this fragment.
        var due90k: Int64? {
            guard let first else { return nil }
            let next = head + 1 < queue.count ? queue[head + 1].dts : first.dts &+ first.duration
            return scale.convert(kind == .audio ? next : first.dts, to: .mpeg)
        }

        /// At the same time audio goes first, text last: behind the key frame that begins its movie fragment.
        var order: Int {
            switch kind {
            case .audio: 0
            case .video: 1
            case .subtitles: 2
            }
        }

        /// The first sample may leave; its duration is known.
        var isReady: Bool { count >= (isFinished || kind == .subtitles ? 1 : 2) }
    }

    private var tracks: [Track]
    private var heldBytes = 0
    private var latest90k = Int64.min

    /// - Parameter tracks: scale and kind of each track.
    init(tracks: [(scale: TimeScale, kind: TimelineTrack.Kind)]) {
        self.tracks = tracks.map { Track(scale: $0.scale, kind: $0.kind) }
    }

    mutating func push(_ sample: PlacedSample<Payload>) {
        heldBytes += sample.byteCount
        latest90k = max(latest90k, tracks[sample.track].scale.convert(sample.dts, to: .mpeg))
        tracks[sample.track].queue.append(sample)
        guard tracks[sample.track].kind == .subtitles else { return }
        tracks[sample.track].covered90k = tracks[sample.track].scale.convert(sample.dts &+ sample.duration, to: .mpeg)
    }

    /// Adds a track behind the others.
    mutating func addTrack(scale: TimeScale, kind: TimelineTrack.Kind) {
        tracks.append(Track(scale: scale, kind: kind))
    }

    /// No further sample of this track will come: it is waited for no longer.
    mutating func finish(track: Int) { tracks[track].isFinished = true }

    /// No further sample will come: what is held may leave.
    mutating func finish() {
        for index in tracks.indices { tracks[index].isFinished = true }
    }

    /// The next sample that is due, with its final duration; `nil` when one must be waited for.
    mutating func pop() -> PlacedSample<Payload>? {
        var best: Int?
        var best90k = Int64.max
        var isWaiting = false
        for index in tracks.indices {
            let track = tracks[index]
            if !track.isReady, !track.isFinished, track.kind != .subtitles { isWaiting = true }
            guard track.isReady, let due90k = track.due90k else { continue }
            if let best, (best90k, tracks[best].order) <= (due90k, track.order) { continue }
            best = index
            best90k = due90k
        }
        guard let best else { return nil }
        let lacksText = tracks.contains {
            $0.kind == .subtitles && !$0.isFinished && $0.count == 0 && $0.covered90k <= best90k
        }
        if isWaiting || lacksText, latest90k &- best90k < Self.maximumSpan90k, heldBytes < Self.maximumHeldBytes {
            return nil
        }
        return take(best)
    }

    private mutating func take(_ index: Int) -> PlacedSample<Payload>? {
        guard var sample = tracks[index].first else { return nil }
        tracks[index].head += 1
        if let next = tracks[index].first {
            sample.duration = max(1, next.dts &- sample.dts)
        }
        if tracks[index].head >= 64, tracks[index].head * 2 >= tracks[index].queue.count {
            tracks[index].queue.removeFirst(tracks[index].head)
            tracks[index].head = 0
        }
        heldBytes -= sample.byteCount
        return sample
    }
}
