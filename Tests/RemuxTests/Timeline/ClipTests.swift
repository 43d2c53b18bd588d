import Testing

@testable import Remux

/// A sample of one track, written down: payload is its position in decoding order.
private typealias Row = PlacedSample<Int>

private func row(_ track: Int, _ id: Int, pts: Int64, dts: Int64, duration: Int64, key: Bool = false, bytes: Int = 10)
    -> Row
{
    Row(track: track, pts: pts, dts: dts, duration: duration, isKey: key, byteCount: bytes, payload: id)
}

/// Video in GOPs of `gop` pictures of 3600 ticks, two B-pictures between others; with `open` the pictures before each
/// later key frame in presentation follow it in decoding.
private func video(_ count: Int, gop: Int, start: Int64 = 0, open: Bool = false) -> [Row] {
    var order: [(display: Int, key: Bool)] = []
    var display = 0
    while display < count {
        let isKey = display % gop == 0
        if open, display > 0 {
            // The reference picture three ahead, then the two before it.
            let ahead = min(display + 2, count - 1)
            order.append((ahead, ahead % gop == 0))
            for between in display..<ahead { order.append((between, false)) }
            display = ahead + 1
        } else if isKey {
            order.append((display, true))
            display += 1
        } else {
            let ahead = min(display + 2, count - 1, (display / gop + 1) * gop - 1)
            order.append((ahead, false))
            for between in display..<ahead { order.append((between, false)) }
            display = ahead + 1
        }
    }
    return order.enumerated().map { index, picture in
        row(
            0,
            index,
            pts: start + Int64(picture.display) * 3600 + 7200,
            dts: start + Int64(index) * 3600,
            duration: 3600,
            key: picture.key
        )
    }
}

private func audio(_ count: Int, start: Int64 = 0, track: Int = 1) -> [Row] {
    (0..<count).map {
        row(track, $0, pts: start + Int64($0) * 1024, dts: start + Int64($0) * 1024, duration: 1024, key: true)
    }
}

/// What a clip makes of rows, in order of decoding time.
private func clip(
    _ rows: [Row],
    start90k: Int64,
    end90k: Int64?,
    priming: Int = 1,
    finish: Bool = true
) -> [Row] {
    var clip = Clip<Int>(start90k: start90k, end90k: end90k)
    clip.addTrack(kind: .video, scale: .mpeg, primingSamples: 0)
    clip.addTrack(kind: .audio, scale: TimeScale(48_000), primingSamples: priming)
    func time(_ row: Row) -> Double { Double(row.dts) / (row.track == 0 ? 90_000 : 48_000) }
    var result: [Row] = []
    for row in rows.sorted(by: { time($0) < time($1) }) {
        clip.push(row)
        result += clip.take()
    }
    if finish {
        clip.finish(tracks: 0..<2)
        result += clip.take()
    }
    return result
}

/// The same by looking at the whole.
private func window(_ rows: [Row], start: Int64, end: Int64?, kind: TimelineTrack.Kind, priming: Int = 1) -> [Int] {
    let last = rows.lastIndex { $0.pts < end ?? .max } ?? -1
    guard last >= 0 else { return [] }
    var first: Int
    switch kind {
    case .video:
        first = rows.lastIndex { $0.isKey && $0.pts <= start } ?? rows.firstIndex(where: \.isKey) ?? 0
        if !rows.contains(where: { $0.pts + $0.duration > start }) { return [] }
    case .audio, .subtitles:
        first = rows.firstIndex { $0.pts + $0.duration > start } ?? rows.count
        if first < rows.count, rows[first].pts <= start {
            for _ in 0..<priming where first > 0 && rows[first - 1].pts + rows[first - 1].duration >= rows[first].pts {
                first -= 1
            }
        }
    }
    return first <= last ? rows[first...last].map(\.payload) : []
}

@Suite struct ClipTests {
    @Test(
        "any range of closed and open GOPs and audio, against a look at the whole",
        arguments: 0..<400 as Range<UInt64>
    )
    func random(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let gop = Int.random(in: 1...20, using: &generator) * 3
        let pictures = video(90, gop: gop, open: Bool.random(using: &generator))
        let sounds = audio(170, start: Int64.random(in: -3000...60_000, using: &generator))
        let start90k = Int64.random(in: 0...330_000, using: &generator)
        let end90k = Bool.random(using: &generator) ? start90k + Int64.random(in: 1...200_000, using: &generator) : nil
        let priming = Int.random(in: 0...3, using: &generator)
        let result = clip(pictures + sounds, start90k: start90k, end90k: end90k, priming: priming)
        let shown = result.filter { $0.track == 0 }
        #expect(shown.map(\.payload) == window(pictures, start: start90k, end: end90k, kind: .video))
        let scale = TimeScale(48_000)
        let start = TimeScale.mpeg.convert(start90k, to: scale)
        let end = end90k.map { start + TimeScale.mpeg.convert($0 - start90k, to: scale) }
        let heard = result.filter { $0.track == 1 }
        #expect(heard.map(\.payload) == window(sounds, start: start, end: end, kind: .audio, priming: priming))
        for row in shown { #expect(row.pts == pictures[row.payload].pts - start90k) }
        for row in heard { #expect(row.pts == sounds[row.payload].pts - start) }
    }

    @Test("nothing comes out before the start of every track is known")
    func waits() {
        var clip = Clip<Int>(start90k: 90_000, end90k: nil)
        clip.addTrack(kind: .video, scale: .mpeg, primingSamples: 0)
        clip.addTrack(kind: .audio, scale: TimeScale(48_000), primingSamples: 1)
        for row in video(60, gop: 12) { clip.push(row) }
        #expect(clip.take().isEmpty)
        for row in audio(47) { clip.push(row) }
        #expect(clip.take().isEmpty)
        for row in audio(49)[47...] { clip.push(row) }
        let samples = clip.take()
        #expect(samples.filter { $0.track == 1 }.map(\.payload) == [45, 46, 47, 48])
        #expect(samples.first { $0.track == 0 }?.payload == 12)
    }

    @Test("the end: a track is past it as soon as nothing shown before can follow")
    func past() {
        var clip = Clip<Int>(start90k: 0, end90k: 36_000)
        clip.addTrack(kind: .video, scale: .mpeg, primingSamples: 0)
        for row in video(30, gop: 30) {
            clip.push(row)
            #expect(clip.isPast(0) == (row.dts >= 36_000))
        }
        // Shown at 7200 + 3600 n: the last before 36,000 is n = 7, decoded before the one after it or behind.
        #expect(clip.take().filter { $0.pts < 36_000 }.map(\.pts).max() == 32_400)
    }

    @Test("a start inside a gap: what comes behind it, at its time; an audio frame before the gap primes nothing")
    func gap() {
        let rows = video(10, gop: 5) + audio(20) + video(10, gop: 5, start: 900_000) + audio(20, start: 480_000)
        let result = clip(rows, start90k: 450_000, end90k: nil)
        #expect(result.filter { $0.track == 1 }.map(\.pts).min() == 240_000)
        // The last key frame before the gap is still what decoding starts from where the gap is shown as a still picture.
        #expect(result.first { $0.track == 0 }?.isKey == true)
    }

    @Test("more than may be held: the tracks start with what has come, at their times")
    func overflow() {
        var clip = Clip<Int>(start90k: 90_000_000, end90k: nil)
        clip.addTrack(kind: .video, scale: .mpeg, primingSamples: 0)
        var count = 0
        for index in 0..<100 {
            clip.push(
                row(
                    0,
                    index,
                    pts: Int64(index) * 3600,
                    dts: Int64(index) * 3600,
                    duration: 3600,
                    key: index == 0,
                    bytes: 1 << 20
                )
            )
            count += clip.take().count
        }
        #expect(count == 100)
    }

    @Test("a stream without key frames: from the picture that lasts beyond the start")
    func noKeys() {
        let rows = (0..<50).map { row(0, $0, pts: Int64($0) * 3600, dts: Int64($0) * 3600, duration: 3600) }
        #expect(clip(rows, start90k: 90_001, end90k: 97_200).map(\.payload) == [25, 26])
    }

    @Test(
        "audio that begins just too late asks for the segment before; late audio does not",
        arguments: [
            (-2048, false), (-2047, false), (-1024, false), (-1023, true), (0, true), (500, true), (8191, true),
            (8192, false),
        ]
            as [(Int64, Bool)]
    )
    func beginsShort(_ first: Int64, _ expected: Bool) {
        var clip = Clip<Int>(start90k: 90_000, end90k: nil)
        clip.addTrack(kind: .audio, scale: TimeScale(48_000), primingSamples: 1)
        for row in audio(40, start: 48_000 + first, track: 0) { clip.push(row) }
        #expect(clip.beginsShort(0) == expected)
    }
}

@Suite struct StartProbeTests {
    /// Feeds pictures by time from the segment's start at 10 s; at which one the probe says no.
    private func refusal(_ pictures: [(pts: Int64, dts: Int64, key: Bool)], start90k: Int64, first: Int64) -> Int? {
        var probe = StartProbe(start90k: start90k)
        return pictures.firstIndex { picture in
            !probe.accepts(
                pts90k: picture.pts & (TimestampUnwrapper.period - 1),
                dts90k: picture.dts & (TimestampUnwrapper.period - 1),
                isKey: picture.key,
                firstPts90k: first & (TimestampUnwrapper.period - 1),
                segmentStart90k: 900_000
            )
        }
    }

    @Test(
        "a key frame at or before the start, also over the 33-bit wrap",
        arguments: [0, -3600, (1 << 33) - 5000] as [Int64]
    )
    func found(_ base: Int64) {
        let pictures = (0..<50).map { (base + Int64($0) * 3600, base + Int64($0) * 3600 - 7200, $0 == 5) }
        #expect(refusal(pictures, start90k: 900_000 + 18_000, first: base) == nil)
        // The key frame comes one picture too late.
        #expect(refusal(pictures, start90k: 900_000 + 17_999, first: base) == 5)
        // No key frame: known when pictures are decoded behind the start.
        let none = pictures.map { ($0.0, $0.1, false) }
        #expect(refusal(none, start90k: 900_000 + 18_000, first: base) == 8)
    }
}

@Suite struct RunOriginTests {
    @Test(
        "the first video timestamp stands at its segment's start; without video the first audio does; at 0 the stream's own start does"
    )
    func shift() {
        var origin = RunOrigin()
        #expect(origin.shift90k(isVideo: { _ in false }, near90k: 0) == nil)
        origin.locate(track: 0, firstPts90k: 95_000, segmentStart90k: 450_000)
        origin.locate(track: 1, firstPts90k: 99_000, segmentStart90k: 450_000)
        origin.locate(track: 1, firstPts90k: 1, segmentStart90k: 1)
        #expect(origin.shift90k(isVideo: { $0 == 1 }, near90k: 0) == 99_000 - 450_000)
        #expect(origin.shift90k(isVideo: { _ in false }, near90k: 0) == 95_000 - 450_000)
        // Unwrapped beside the run's other times.
        let period = TimestampUnwrapper.period
        #expect(origin.shift90k(isVideo: { $0 == 1 }, near90k: period) == period + 99_000 - 450_000)
        var start = RunOrigin()
        start.locate(track: 0, firstPts90k: 95_000, segmentStart90k: 0)
        #expect(start.shift90k(isVideo: { _ in true }, near90k: 0) == nil)
    }

    @Test("a clip's first run is placed by the playlist, with the A/V offset of the source; the next one follows it")
    func timeline() throws {
        var timeline = Timeline<Int>()
        var placed: [PlacedSample<Int>] = []
        let video = timeline.addTrack(.init(kind: .video, source: 0, sourceScale: .mpeg, outputScale: .mpeg))
        let audio = timeline.addTrack(.init(kind: .audio, source: 1, sourceScale: .mpeg, outputScale: .mpeg))
        let expected = [ExpectedTrack(kind: .video, number: video), ExpectedTrack(kind: .audio, number: audio)]
        func sample(_ track: Int, _ pts: Int64) -> TimelineSample<Int> {
            .init(track: track, pts: pts, dts: pts, duration: 1920, isKey: true, byteCount: 1, payload: 0)
        }
        for source in 0..<2 { timeline.enter(run: 4, source: source) }
        // The audio's segment starts half a second before the video's, by playlist and by timestamps.
        timeline.locate(track: audio, firstPts90k: 1_000_000, segmentStart90k: 405_100)
        timeline.locate(track: video, firstPts90k: 1_045_000, segmentStart90k: 450_000)
        for index in 0..<30 {
            try timeline.push(
                sample(audio, 1_000_000 + Int64(index) * 1920),
                expected: { [expected] _ in expected },
                to: &placed
            )
        }
        for index in 0..<3 {
            try timeline.push(
                sample(video, 1_045_000 + Int64(index) * 3600),
                expected: { [expected] _ in expected },
                to: &placed
            )
        }
        #expect(placed.first { $0.track == video }?.pts == 450_000)
        #expect(placed.first { $0.track == audio }?.pts == 405_000)
        timeline.enter(run: 5, source: 0)
        timeline.locate(track: video, firstPts90k: 77, segmentStart90k: 9_000_000)
        placed = []
        try timeline.push(sample(video, 77), expected: { [expected] _ in expected }, to: &placed)
        timeline.flush(source: 0, to: &placed)
        #expect(placed.map(\.pts) == [460_800])
    }
}
