@testable import Remux

/// A stream of one or two sources, written down in content time and fed to a timeline with the clock of each run.
struct StreamFeed {
    /// A picture or a frame of sound.
    struct Unit {
        var track: Int
        /// 90 kHz, on the clock of its run.
        var pts: Int64
        var dts: Int64
        var duration: Int64
        var isKey = true
        var id = 0
    }

    var timeline = Timeline<Int>()
    var placed: [PlacedSample<Int>] = []
    var notices: [TimelineNotice] = []
    var expected: [ExpectedTrack] = []
    let video: Int?
    let audio: Int?
    let origin: TimelineTrack.Origin

    static let frame: Int64 = 3600
    static let sound: Int64 = 1920

    init(
        video hasVideo: Bool = true,
        audio hasAudio: Bool = true,
        audioSource: Int = 0,
        origin: TimelineTrack.Origin = .systems
    ) {
        self.origin = origin
        var timeline = Timeline<Int>()
        func add(_ kind: TimelineTrack.Kind, _ source: Int, _ scale: TimeScale) -> Int {
            timeline.addTrack(
                TimelineTrack(kind: kind, source: source, sourceScale: .mpeg, outputScale: scale, origin: origin)
            )
        }
        video = hasVideo ? add(.video, 0, .mpeg) : nil
        audio = hasAudio ? add(.audio, audioSource, TimeScale(48_000)) : nil
        self.timeline = timeline
        if let video { expected.append(ExpectedTrack(kind: .video, number: video)) }
        if let audio { expected.append(ExpectedTrack(kind: .audio, number: audio)) }
    }

    mutating func enter(_ run: UInt64, source: Int = 0, gap: Int64 = 0, start: Int64 = 0) {
        timeline.flush(source: source, to: &placed)
        timeline.enter(run: run, source: source, gapBefore90k: gap, playlistStart90k: start)
    }

    /// - Parameter date: seconds since 1970.
    mutating func segment(_ number: UInt64, start: Int64, duration: Int64, date: Int64? = nil, source: Int = 0) {
        let place = SegmentPlace(
            mediaSequenceNumber: number,
            start90k: start,
            duration90k: duration,
            date90k: date.map { $0 * 90_000 }
        )
        timeline.enter(segment: place, source: source)
    }

    mutating func push(_ unit: Unit) throws {
        let wraps = origin == .systems
        let sample = TimelineSample(
            track: unit.track,
            pts: wraps ? unit.pts & (TimestampUnwrapper.period - 1) : unit.pts,
            dts: wraps ? unit.dts & (TimestampUnwrapper.period - 1) : unit.dts,
            duration: unit.duration,
            isKey: unit.isKey,
            byteCount: 100,
            payload: unit.id
        )
        try timeline.push(sample, expected: { [expected] _ in expected }, to: &placed)
        notices += timeline.takeNotices()
    }

    mutating func finish() {
        for source in 0...1 { timeline.finish(source: source, to: &placed) }
        notices += timeline.takeNotices()
    }

    /// A second or more of both tracks from a clock time on, in order of decoding time.
    func media(from clock: Int64, seconds: Double = 1, offset: Int64 = 0, key: Bool = true) -> [Unit] {
        let end = Int64(seconds * 90_000)
        var units: [Unit] = []
        if let video {
            for time in stride(from: 0, to: end, by: Int(Self.frame)) {
                let dts = clock + time
                units.append(
                    Unit(track: video, pts: dts + 7200, dts: dts, duration: 0, isKey: key && time == 0)
                )
            }
        }
        if let audio {
            for time in stride(from: 0, to: end, by: Int(Self.sound)) {
                let dts = clock + offset + time + 7200
                units.append(Unit(track: audio, pts: dts, dts: dts, duration: Self.sound))
            }
        }
        return units.enumerated().sorted { ($0.element.dts, $0.offset) < ($1.element.dts, $1.offset) }.map(\.element)
    }

    mutating func push(_ units: [Unit]) throws { for unit in units { try push(unit) } }

    /// Presentation times of a track in 90 kHz.
    func times(_ track: Int?) -> [Int64] {
        placed.filter { $0.track == track }
            .map { track == audio ? TimeScale(48_000).convert($0.pts, to: .mpeg) : $0.pts }
    }

    /// Whether each sample follows the one before it by one duration, from `first` on.
    func isEven(_ track: Int?, from first: Int64, step: Int64, count: Int) -> Bool {
        times(track) == (0..<count).map { first + Int64($0) * step }
    }
}
