/// Cuts placed samples to a part of the presentation: time `start` of it becomes 0 of the output.
///
/// Kept is what the part shows and what that needs for decoding: video from the key frame at or before the start, audio
/// from the frame that holds it, with the frames before that its decoder needs. The edit list hides the rest (``TrackEdit``
/// takes what lies before 0 away), so that the start is exact to the picture and the audio sample. Nothing comes out
/// before the start of every track is known. Pure.
struct Clip<Payload> {
    /// More is not held: the tracks then start with what has come.
    static var maximumHeldBytes: Int { 64 << 20 }

    let start90k: Int64
    /// Of the output; `nil`: to the end.
    let duration90k: Int64?
    private var tracks: [ClipTrack<Payload>] = []
    private var kept: [PlacedSample<Payload>] = []
    private var keptBytes = 0
    private var isOpen = false

    /// - Parameters:
    ///   - start90k: where the part starts in the whole presentation, 90 kHz.
    ///   - end90k: where it ends; `nil`: at the end.
    init(start90k: Int64, end90k: Int64?) {
        self.start90k = start90k
        duration90k = end90k.map { max(1, $0 &- start90k) }
    }

    /// Adds a track, in the order of the timeline's numbers.
    ///
    /// - Parameter primingSamples: samples before the first one heard that its decoder needs.
    mutating func addTrack(kind: TimelineTrack.Kind, scale: TimeScale, primingSamples: Int) {
        tracks.append(
            ClipTrack(
                kind: kind,
                shift: TimeScale.mpeg.convert(start90k, to: scale),
                end: duration90k.map { TimeScale.mpeg.convert($0, to: scale) },
                primingSamples: primingSamples
            )
        )
    }

    /// Takes a sample; what comes out goes to ``take()``.
    mutating func push(_ sample: PlacedSample<Payload>) {
        let count = kept.count
        tracks[sample.track].push(sample, to: &kept)
        for sample in kept[count...] { keptBytes += sample.byteCount }
        let held = tracks.reduce(keptBytes) { $0 + $1.heldBytes }
        if !isOpen, held > Self.maximumHeldBytes { open() }
    }

    /// No further sample of these tracks will come.
    mutating func finish(tracks numbers: some Sequence<Int>) {
        for number in numbers { tracks[number].finish(to: &kept) }
    }

    /// Lets everything out that is held: the tracks start with what has come.
    mutating func open() {
        for number in tracks.indices { tracks[number].begin(to: &kept) }
        isOpen = true
    }

    /// What is to be written now; empty while the start of a track is not certain.
    mutating func take() -> [PlacedSample<Payload>] {
        guard isOpen || (!kept.isEmpty && tracks.allSatisfy(\.hasBegun)) else { return [] }
        isOpen = true
        keptBytes = 0
        defer { kept = [] }
        return kept
    }

    /// Whether the track has passed the end of the part.
    func isPast(_ track: Int) -> Bool { tracks[track].isPast }

    /// Whether a sample of the track is in the part.
    func hasSamples(_ track: Int) -> Bool { tracks[track].hasKept }

    /// Whether what was read of an audio track begins just too late for its start: its first sample, or one that its
    /// decoder needs, is likely to be in the segment before.
    func beginsShort(_ track: Int) -> Bool { !isOpen && tracks[track].beginsShort }
}
