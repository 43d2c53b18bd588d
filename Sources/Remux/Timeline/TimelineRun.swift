/// A run: what has one clock and one shift (``RunKey``).
struct TimelineRun<Payload> {
    /// Holds its samples while its place is not certain; `nil` behind that.
    var start: RunStart<Payload>? = RunStart()
    private var unwrapper = TimestampUnwrapper()
    /// What is taken from a source time to get an output time, in 90 kHz; `nil` while it is not certain.
    var shift90k: Int64?
    /// By track, what is added to its times to put them on the clock of the others, in 90 kHz.
    var offsets90k: [Int: Int64] = [:]
    /// By source, where the playlist puts its part of the run, in 90 kHz.
    var playlistStarts90k: [Int: Int64] = [:]
    /// What is added to times of the playlist, in 90 kHz; `nil` while no track has others.
    var playlistOffset90k: Int64?
    /// Where it begins in the output, in 90 kHz; `nil` while that is not certain.
    var start90k: Int64?
    /// Media time that is missing between the run before and this one, in 90 kHz.
    var gapBefore90k: Int64 = 0
    /// For the first run of a clip.
    var origin = RunOrigin()
    /// How it began, where no tag says so.
    var jump: TimelineJump?
    /// By track, where it was before it jumped here.
    var lefts: [Int: TrackCourse.Position] = [:]
    /// Only some tracks are on this clock: those on the one before have not left it.
    var isAside = false
    /// The times on its clock that have come, in 90 kHz.
    private(set) var range90k: ClosedRange<Int64>?

    /// Makes a timestamp that wraps continuous, 90 kHz.
    mutating func unwrap(_ timestamp90k: Int64, track: Int) -> Int64 {
        let time = unwrapper.unwrap(timestamp90k, stream: track)
        note(time)
        return time
    }

    /// Puts a count that goes on beside timestamps that wrap, and the other way.
    mutating func align(_ track: Int, dts90k: Int64) {
        let offset90k = offsets90k[track] ?? unwrapper.offset(of: dts90k)
        offsets90k[track] = offset90k
        unwrapper.note(dts90k &+ offset90k)
        note(dts90k &+ offset90k)
    }

    private mutating func note(_ time90k: Int64) {
        guard let range = range90k else { return range90k = time90k...time90k }
        if !range.contains(time90k) {
            range90k = min(range.lowerBound, time90k)...max(range.upperBound, time90k)
        }
    }

    /// How far a timestamp is from what has come on this clock, 90 kHz; `nil` where nothing has.
    func distance90k(of timestamp90k: Int64, origin: TimelineTrack.Origin) -> Int64? {
        guard let range90k else { return nil }
        let time =
            switch origin {
            case .systems: TimestampUnwrapper.nearest(to: range90k.upperBound, raw: timestamp90k)
            case .count: timestamp90k &+ unwrapper.offset(of: timestamp90k)
            case .playlist: timestamp90k
            }
        if range90k.contains(time) { return 0 }
        return time < range90k.lowerBound ? range90k.lowerBound &- time : time &- range90k.upperBound
    }
}

/// Timestamps that leave their course without an EXT-X-DISCONTINUITY.
struct TimelineJump: Equatable, Sendable {
    /// The first track that jumped.
    var track: Int
    /// From its last decoding time to the first one behind the jump, 90 kHz.
    var step90k: Int64
    /// The playlist shows a step of this size too.
    var isShown: Bool
    /// The Media Segment it was in.
    var mediaSequenceNumber: UInt64?
}
