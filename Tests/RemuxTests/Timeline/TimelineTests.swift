import Testing

@testable import Remux

/// A stream written down as a person would, and fed to the timeline.
private struct Feed {
    var timeline = Timeline<Int>()
    var placed: [PlacedSample<Int>] = []
    var tracks: [ExpectedTrack] = []
    var jumps: [Int64] = []
    let video: Int
    let audio: Int?

    init(hasAudio: Bool = true, rate: Int64 = 48_000) {
        video = timeline.addTrack(
            TimelineTrack(kind: .video, source: 0, sourceScale: .mpeg, outputScale: .mpeg)
        )
        tracks = [ExpectedTrack(kind: .video, number: video)]
        if hasAudio {
            let track = TimelineTrack(kind: .audio, source: 0, sourceScale: .mpeg, outputScale: TimeScale(rate))
            audio = timeline.addTrack(track)
            tracks.append(ExpectedTrack(kind: .audio, number: audio))
        } else {
            audio = nil
        }
    }

    mutating func enter(_ run: UInt64) {
        timeline.flush(source: 0, to: &placed)
        timeline.enter(run: run, source: 0)
    }

    mutating func finish() { timeline.flush(source: 0, to: &placed) }

    mutating func push(_ track: Int, pts: Int64?, dts: Int64?, duration: Int64 = 3600, isKey: Bool = false, id: Int = 0)
    {
        let sample = TimelineSample(
            track: track,
            pts: pts.map { $0 & (TimestampUnwrapper.period - 1) },
            dts: dts.map { $0 & (TimestampUnwrapper.period - 1) },
            duration: duration,
            isKey: isKey,
            byteCount: 100,
            payload: id
        )
        push(sample)
    }

    mutating func push(_ sample: TimelineSample<Int>) {
        do {
            try timeline.push(sample, expected: { [tracks] _ in tracks }, to: &placed)
        } catch {
            jumps.append(error.timestamp)
        }
    }

    func times(_ track: Int) -> [Int64] { placed.filter { $0.track == track }.map(\.pts) }
    func decodeTimes(_ track: Int) -> [Int64] { placed.filter { $0.track == track }.map(\.dts) }
}

@Suite struct TimelineTests {
    @Test("DESIGN §5: the first run starts at 0 and keeps the A/V offset of the source")
    func start() throws {
        var feed = Feed()
        feed.enter(0)
        feed.push(feed.video, pts: 907_200, dts: 900_000, isKey: true)
        feed.push(feed.video, pts: 918_000, dts: 903_600)
        feed.push(feed.video, pts: 910_800, dts: 907_200)
        feed.push(try #require(feed.audio), pts: 905_280, dts: 905_280, duration: 1920, isKey: true)
        feed.push(feed.video, pts: 914_400, dts: 910_800)
        feed.finish()
        #expect(feed.times(feed.video) == [1920, 12_720, 5520, 9120])
        #expect(feed.decodeTimes(feed.video) == [-5280, -1680, 1920, 5520])
        #expect(feed.times(try #require(feed.audio)) == [0])
    }

    @Test("leading pictures of an open GOP at the start are shown at 0, not hidden")
    func leading() {
        var feed = Feed(hasAudio: false)
        feed.enter(0)
        feed.push(feed.video, pts: 90_000, dts: 79_200, isKey: true)
        feed.push(feed.video, pts: 82_800, dts: 82_800)
        feed.push(feed.video, pts: 86_400, dts: 86_400)
        feed.push(feed.video, pts: 93_600, dts: 90_000)
        feed.finish()
        #expect(feed.times(feed.video).min() == 0)
        #expect(feed.times(feed.video) == [7200, 0, 3600, 10_800])
    }

    @Test("video before the first key frame is left out and counted; audio of that time stays")
    func midGOP() throws {
        var feed = Feed()
        feed.enter(0)
        for number in 0..<5 {
            feed.push(feed.video, pts: 3600 * Int64(number), dts: 3600 * Int64(number))
            feed.push(try #require(feed.audio), pts: 3600 * Int64(number), dts: 3600 * Int64(number), isKey: true)
        }
        feed.push(feed.video, pts: 18_000, dts: 18_000, isKey: true)
        feed.finish()
        #expect(feed.times(feed.video) == [18_000])
        #expect(feed.times(try #require(feed.audio)).first == 0)
        #expect(feed.timeline.counts.videoBeforeKeyFrame == 5)
    }

    @Test("a stream without any key frame starts after a bound of media time, not never")
    func noKeyFrame() {
        var feed = Feed(hasAudio: false)
        feed.enter(0)
        for number in 0..<751 { feed.push(feed.video, pts: 3600 * Int64(number), dts: 3600 * Int64(number)) }
        #expect(feed.placed.count == 751)
    }

    @Test("a track that never comes holds the others for a bound of media time only")
    func missingTrack() {
        var feed = Feed()
        feed.enter(0)
        for number in 0..<751 {
            feed.push(feed.video, pts: 3600 * Int64(number), dts: 3600 * Int64(number), isKey: number == 0)
        }
        #expect(feed.placed.count == 751)
    }

    struct Jump: Sendable, CustomTestStringConvertible {
        var name: String
        var offset: Int64
        var testDescription: String { name }
    }

    @Test(
        "RFC 8216bis §4.4.4.3: a Discontinuity of any size continues at the end of the video before it",
        arguments: [
            Jump(name: "reset to 0", offset: -900_000),
            Jump(name: "5 s forward", offset: 450_000),
            Jump(name: "hours backward", offset: -400_000_000),
            Jump(name: "13 hours forward", offset: 4_212_000_000),
            Jump(name: "a tag without a jump", offset: 0),
        ]
    )
    func discontinuity(_ jump: Jump) throws {
        var feed = Feed()
        let audio = try #require(feed.audio)
        var origin: Int64 = 900_000
        for run in 0..<3 {
            feed.enter(UInt64(run))
            for frame in 0..<50 {
                feed.push(
                    feed.video,
                    pts: origin + 3600 * Int64(frame),
                    dts: origin + 3600 * Int64(frame),
                    isKey: frame == 0
                )
            }
            for frame in 0..<94 {
                let pts = origin + 1920 * Int64(frame)
                feed.push(audio, pts: pts, dts: pts, duration: 1920, isKey: true)
            }
            origin += 180_000 + jump.offset
        }
        feed.finish()
        #expect(feed.times(feed.video) == (0..<150).map { Int64($0) * 3600 })
        // Audio is 480 ticks longer than the video of a run, so that a packet of the next run may overlap in part; each
        // one kept has its exact time.
        for run in 0..<3 {
            let expected = (0..<94).map { Int64(run) * 96_000 + Int64($0) * 1024 }
            let own = feed.times(audio).filter { (Int64(run) * 96_000..<Int64(run + 1) * 96_000).contains($0) }
            #expect(Set(own).isSubset(of: Set(expected + [Int64(run) * 96_000])))
        }
        #expect(zip(feed.decodeTimes(audio), feed.decodeTimes(audio).dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("1,000 seams: video stays where it belongs to the tick, audio within one frame")
    func manySeams() throws {
        var generator = SeededGenerator(seed: 5)
        var feed = Feed()
        let audio = try #require(feed.audio)
        var truth: [Int64] = []
        var start: Int64 = 0
        for run in 0..<1000 {
            feed.enter(UInt64(run))
            let origin = Int64.random(in: 0..<TimestampUnwrapper.period, using: &generator)
            let frames = Int.random(in: 5...30, using: &generator)
            for frame in 0..<frames {
                let pts = origin + 3600 * Int64(frame)
                feed.push(feed.video, pts: pts, dts: pts, isKey: frame == 0)
            }
            let skew = run == 0 ? 0 : Int64.random(in: -1900...1900, using: &generator)
            let packets = (frames * 3600 + 1919) / 1920
            for packet in 0..<packets {
                let pts = origin + skew + 1920 * Int64(packet)
                truth.append(start + skew + 1920 * Int64(packet))
                feed.push(audio, pts: pts, dts: pts, duration: 1920, isKey: true, id: truth.count - 1)
            }
            start += Int64(frames) * 3600
        }
        feed.finish()
        #expect(feed.times(feed.video) == (0..<feed.times(feed.video).count).map { Int64($0) * 3600 })
        for sample in feed.placed where sample.track == audio {
            let exact = Double(truth[sample.payload]) * 48_000 / 90_000
            // 0.9 ms is how far an audio packet may be moved to follow the one before it without a seam.
            #expect(abs(Double(sample.pts) - exact) <= 44)
        }
    }

    @Test("33 bits wrap inside a run, between audio and video, three times")
    func rollover() throws {
        var feed = Feed()
        let audio = try #require(feed.audio)
        feed.enter(0)
        let origin = TimestampUnwrapper.period - 8 * 90_000
        let step: Int64 = 10 * 90_000
        let count = Int(3 * TimestampUnwrapper.period / step) + 10
        for number in 0..<count {
            let pts = origin + step * Int64(number)
            feed.push(feed.video, pts: pts, dts: pts - 3600, duration: step, isKey: true)
            feed.push(audio, pts: pts + 900, dts: pts + 900, duration: step, isKey: true)
        }
        feed.finish()
        #expect(feed.times(feed.video) == (0..<count).map { Int64($0) * step })
        #expect(feed.times(audio) == (0..<count).map { (Int64($0) * step + 900) * 8 / 15 })
    }

    @Test("audio rounded to milliseconds by its muxer follows its sample clock; a real gap stays")
    func audioClock() throws {
        var feed = Feed(hasAudio: true, rate: 44_100)
        let audio = try #require(feed.audio)
        feed.enter(0)
        feed.push(feed.video, pts: 0, dts: 0, isKey: true)
        for packet in 0..<1000 {
            let exact = Double(packet) * 1024 * 90_000 / 44_100 + (packet >= 500 ? 9000 : 0)
            let pts = Int64((exact / 90).rounded()) * 90
            feed.push(audio, pts: pts, dts: pts, duration: 2090, isKey: true)
        }
        feed.finish()
        let times = feed.times(audio)
        #expect(times.count == 1000)
        for packet in 0..<1000 {
            #expect(abs(times[packet] - (Int64(packet) * 1024 + (packet >= 500 ? 4410 : 0))) <= 40)
        }
        #expect(zip(times, times.dropFirst()).count { $1 - $0 != 1024 } <= 2)
    }

    @Test("a gap before a Discontinuity keeps its duration")
    func gapBefore() {
        var feed = Feed(hasAudio: false)
        for run in 0..<3 {
            feed.timeline.flush(source: 0, to: &feed.placed)
            feed.timeline.enter(run: UInt64(run * 2), source: 0, gapBefore90k: run == 1 ? 180_000 : 0)
            for frame in 0..<50 as Range<Int64> {
                feed.push(feed.video, pts: 3600 * frame, dts: 3600 * frame, isKey: frame == 0)
            }
        }
        feed.finish()
        #expect(feed.times(feed.video)[50] == 360_000)
        #expect(feed.times(feed.video)[100] == 540_000)
    }

    @Test("samples without any timestamp before the first one are left out and counted")
    func missingFirst() throws {
        var feed = Feed()
        let audio = try #require(feed.audio)
        feed.enter(0)
        feed.push(audio, pts: nil, dts: nil, duration: 1920, isKey: true)
        feed.push(feed.video, pts: 1_620_000_000, dts: 1_620_000_000, isKey: true)
        feed.push(audio, pts: 1_620_001_920, dts: nil, duration: 1920, isKey: true)
        feed.finish()
        #expect(feed.times(feed.video) == [0])
        #expect(feed.times(audio) == [1024])
        #expect(feed.timeline.counts.timestampsMissing == 1)
    }

    @Test("extreme and missing timestamps never trap", arguments: 0..<20 as Range<UInt64>)
    func extremes(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var feed = Feed()
        let values: [Int64?] = [nil, .min, .max, 0, -1, 1, 1 << 32, 1 << 33, (1 << 33) - 1, 900_000]
        for run in 0..<5 {
            feed.enter(UInt64(run))
            for _ in 0..<200 {
                let track = Bool.random(using: &generator) ? feed.video : try #require(feed.audio)
                let sample = TimelineSample(
                    track: track,
                    pts: values.randomElement(using: &generator) ?? nil,
                    dts: values.randomElement(using: &generator) ?? nil,
                    duration: [0, 1, 1920, .max, .min].randomElement(using: &generator) ?? 0,
                    isKey: Bool.random(using: &generator),
                    byteCount: 10,
                    payload: 0
                )
                feed.push(sample)
            }
        }
        feed.finish()
        for track in [feed.video, try #require(feed.audio)] {
            let times = feed.decodeTimes(track)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(feed.placed.allSatisfy { $0.dts <= $0.pts && $0.duration >= 1 })
    }
}
