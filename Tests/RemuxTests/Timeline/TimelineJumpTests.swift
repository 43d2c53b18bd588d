import Testing

@testable import Remux

/// Timestamps that leave their course without an EXT-X-DISCONTINUITY.
@Suite struct TimelineJumpTests {
    private static let sizes: [Int64] = [-3600, -60, -2, 2, 5, 60, 3600, 30_000].map { $0 * 90_000 }
    private static let second: Int64 = 90_000
    private static let big: Int64 = 5_000_000_000

    @Test("a jump of any size, forward and backward, goes on as behind a tag", arguments: sizes)
    func jump(_ size: Int64) throws {
        for (hasVideo, hasAudio) in [(true, true), (true, false), (false, true)] {
            for source in 0...1 {
                var feed = StreamFeed(video: hasVideo, audio: hasAudio, audioSource: source)
                feed.enter(0)
                feed.enter(0, source: 1)
                // 1.2 s are 30 pictures and 56.25 frames of sound.
                try feed.push(feed.media(from: Self.big, seconds: 1.2))
                try feed.push(feed.media(from: Self.big + 108_000 + size, seconds: 1.2))
                try feed.push(feed.media(from: Self.big + 216_000 + size, seconds: 1.2, key: false))
                feed.finish()
                if hasVideo { #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 90)) }
                let seam: Int64 = hasVideo ? 108_000 : 57 * 1920
                if hasAudio { #expect(feed.times(feed.audio).contains(seam), "\(size) \(hasVideo)") }
                let jumps = feed.notices.filter { if case .jump = $0.event { true } else { false } }
                #expect(jumps.count == 1, "\(feed.notices)")
            }
        }
    }

    @Test("a count that goes on jumps likewise", arguments: sizes)
    func jumpOfCount(_ size: Int64) throws {
        var feed = StreamFeed(origin: .count)
        feed.enter(0)
        try feed.push(feed.media(from: Self.big, seconds: 1.6))
        try feed.push(feed.media(from: Self.big + 144_000 + size, seconds: 1.6))
        feed.finish()
        #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 80))
        #expect(feed.isEven(feed.audio, from: 0, step: 1920, count: 150))
    }

    @Test("inside of a group of pictures nothing is left out, and decoding times go on", arguments: sizes)
    func insideOfGroup(_ size: Int64) throws {
        var feed = StreamFeed()
        feed.enter(0)
        let all = feed.media(from: 0, seconds: 4)
        for var unit in all {
            if unit.dts >= 90_000 + 7200 {
                unit.pts += size
                unit.dts += size
            }
            try feed.push(unit)
        }
        feed.finish()
        #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 100))
        #expect(feed.times(feed.audio).count == 188)
        #expect(feed.timeline.counts.videoBeforeKeyFrame == 0)
    }

    @Test("one track is up to 2 s behind in the stream", arguments: [true, false])
    func apart(_ videoIsLate: Bool) throws {
        var feed = StreamFeed()
        feed.enter(0)
        var units: [(order: Int64, unit: StreamFeed.Unit)] = []
        for (content, clock) in [(0, 0), (4, 7777), (8, 3)] as [(Int64, Int64)] {
            for unit in feed.media(from: clock * Self.second, seconds: 4) {
                let late = (unit.track == feed.video) == videoIsLate
                units.append((unit.dts + (content - clock) * Self.second + (late ? 180_000 : 0), unit))
            }
        }
        for (_, unit) in units.sorted(by: { $0.order < $1.order }) { try feed.push(unit) }
        feed.finish()
        #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 300))
        for start: Int64 in [0, 360_000, 720_000] { #expect(feed.times(feed.audio).contains(start)) }
        #expect(feed.notices.count == 2)
    }

    @Test("of several jumps that one track is ahead by, another one joins the first that fits")
    func ahead() throws {
        var feed = StreamFeed()
        feed.enter(0)
        var units: [(order: Int64, unit: StreamFeed.Unit)] = []
        for (index, clock) in [9_000_000, 45_000, 30_000, 10_000].enumerated() as EnumeratedSequence<[Int64]> {
            let content = Int64(index) * 144_000
            // Sound begins 0.1 s before the picture, and arrives 2 s behind it.
            for unit in feed.media(from: clock, seconds: 1.6, offset: -9600) {
                units.append((unit.dts - clock + content + (unit.track == feed.audio ? 180_000 : 0), unit))
            }
        }
        for (_, unit) in units.sorted(by: { $0.order < $1.order }) { try feed.push(unit) }
        feed.finish()
        #expect(feed.isEven(feed.video, from: 9600, step: 3600, count: 160))
        #expect(feed.isEven(feed.audio, from: 0, step: 1920, count: 300))
        #expect(feed.notices.count == 3)
    }

    // MARK: - One track

    @Test("timestamps that come back are put between their neighbours", arguments: [1, 3, 7], sizes)
    func strays(_ count: Int, _ size: Int64) throws {
        for isVideo in [true, false] {
            var feed = StreamFeed()
            feed.enter(0)
            let track = isVideo ? feed.video : feed.audio
            var seen = 0
            for var unit in feed.media(from: Self.big, seconds: 4) {
                if unit.track == track {
                    seen += 1
                    if (30..<(30 + count)).contains(seen) {
                        unit.pts += size
                        unit.dts += size
                    }
                }
                try feed.push(unit)
            }
            feed.finish()
            #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 100), "\(isVideo)")
            #expect(feed.isEven(feed.audio, from: 0, step: 1920, count: 188), "\(isVideo)")
            #expect(feed.notices.map(\.event) == [.strays(count)])
        }
    }

    @Test(
        "a decoding time alone, or a presentation time alone, that is wrong costs nothing else",
        arguments: [true, false]
    )
    func halfStray(_ isDecodingTime: Bool) throws {
        var feed = StreamFeed(audio: false)
        feed.enter(0)
        for (index, var unit) in feed.media(from: Self.big, seconds: 2).enumerated() {
            if index == 20, isDecodingTime { unit.dts += 500 * Self.second }
            if index == 20, !isDecodingTime { unit.pts -= 500 * Self.second }
            try feed.push(unit)
        }
        feed.finish()
        #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 50))
    }

    @Test("a track that jumps alone, against the playlist, goes on where it was", arguments: sizes)
    func alone(_ size: Int64) throws {
        for isVideo in [true, false] {
            var feed = StreamFeed()
            feed.enter(0)
            let track = isVideo ? feed.video : feed.audio
            for (index, start) in [0, 2, 4, 6, 8, 10].enumerated() {
                feed.segment(UInt64(index), start: Int64(start) * Self.second, duration: 2 * Self.second)
                for var unit in feed.media(from: Int64(start) * Self.second, seconds: 2) {
                    if unit.track == track, start >= 2 {
                        unit.pts += size
                        unit.dts += size
                    }
                    try feed.push(unit)
                }
            }
            feed.finish()
            #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 300), "\(isVideo)")
            #expect(abs((feed.times(feed.audio).last ?? 0) - 12 * Self.second) < 2 * 1920, "\(isVideo)")
            #expect(
                feed.notices.map(\.event) == [.jumpOfOneTrack(step90k: size + (isVideo ? 3600 : 0))]
                    || !isVideo && feed.notices.count == 1,
                "\(feed.notices)"
            )
        }
    }

    // MARK: - Gap or jump

    private static let gap: Int64 = 5

    /// Both tracks leave out five seconds between the second and the third segment.
    private func withGap(
        audio: Bool = true,
        start: (Int) -> Int64,
        duration: Int64 = 2,
        date: (Int) -> Int64? = { _ in nil }
    ) throws -> StreamFeed {
        var feed = StreamFeed(audio: audio)
        feed.enter(0)
        for index in 0..<4 {
            feed.segment(
                UInt64(index),
                start: start(index) * Self.second,
                duration: (index == 1 ? duration : 2) * Self.second,
                date: date(index)
            )
            let time = Int64(index) * 2 + (index >= 2 ? Self.gap : 0)
            try feed.push(feed.media(from: time * Self.second, seconds: 2))
        }
        feed.finish()
        return feed
    }

    @Test("media time that durations or dates show to be missing is kept", arguments: [true, false])
    func gapIsKept(_ byDates: Bool) throws {
        let feed = try withGap(
            start: { Int64($0) * 2 + (!byDates && $0 >= 2 ? Self.gap : 0) },
            duration: byDates ? 2 : 7,
            date: { byDates ? 1_700_000_000 + Int64($0) * 2 + ($0 >= 2 ? Self.gap : 0) : nil }
        )
        #expect(feed.times(feed.video).last == (13 * Self.second - 3600))
        #expect(feed.times(feed.audio).contains { abs($0 - 9 * Self.second) < 1920 })
        #expect(!feed.notices.isEmpty)
        #expect(feed.notices.allSatisfy { if case .hole = $0.event { true } else { false } }, "\(feed.notices)")
    }

    @Test("what the playlist does not show is a jump", arguments: [true, false])
    func gapIsJump(_ hasDates: Bool) throws {
        let feed = try withGap(
            start: { Int64($0) * 2 },
            date: { hasDates ? 1_700_000_000 + Int64($0) * 2 : nil }
        )
        #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 200))
        #expect(
            feed.notices == [
                TimelineNotice(event: .jump(step90k: 450_000 + 3600), track: 0, mediaSequenceNumber: 2)
            ]
        )
    }

    @Test("a frame rate that varies is not a jump: the playlist shows each step")
    func variableRate() throws {
        var feed = StreamFeed(audio: false)
        feed.enter(0)
        var generator = SeededGenerator(seed: 3)
        var (time, times): (Int64, [Int64]) = (0, [])
        for index in 0..<20 {
            let start = time
            var units: [Int64] = []
            for _ in 0..<10 {
                units.append(time)
                time += Bool.random(using: &generator) ? 3600 : Int64.random(in: 3600...800_000, using: &generator)
            }
            feed.segment(UInt64(index), start: start, duration: time - start)
            times += units
            for time in units {
                try feed.push(.init(track: 0, pts: time, dts: time, duration: 0, isKey: time == start))
            }
        }
        feed.finish()
        #expect(feed.times(feed.video) == times)
    }

    // MARK: - Tags

    @Test("a tag without a jump moves nothing, whatever the last picture's duration seems to be")
    func tagOnly() throws {
        var feed = StreamFeed()
        var generator = SeededGenerator(seed: 9)
        var (time, times): (Int64, [Int64]) = (TimestampUnwrapper.period - 300_000, [])
        let zero = time
        var sound = time
        for run in 0..<200 {
            let start = time
            feed.enter(UInt64(run))
            var units: [StreamFeed.Unit] = []
            for _ in 0..<10 {
                units.append(.init(track: 0, pts: time, dts: time, duration: 0, isKey: time == start))
                times.append(time - zero)
                time += Int64.random(in: 1500...20_000, using: &generator)
            }
            while sound < time {
                units.append(.init(track: 1, pts: sound, dts: sound, duration: 1920))
                sound += 1920
            }
            feed.segment(UInt64(run), start: start - zero, duration: time - start)
            try feed.push(units.sorted { $0.dts < $1.dts })
        }
        feed.finish()
        #expect(feed.times(feed.video) == times)
        let sounds = feed.times(feed.audio)
        #expect(sounds == (0..<sounds.count).map { Int64($0) * 1920 })
        #expect(feed.notices.isEmpty)
    }

    @Test("a tag that one playlist lacks", arguments: [true, false])
    func tagOfOneSource(_ videoHasIt: Bool) throws {
        var feed = StreamFeed(audioSource: 1)
        for run in 0..<3 as Range<UInt64> {
            let tagged = videoHasIt ? 0 : 1
            feed.enter(run, source: tagged)
            if run == 0 { feed.enter(0, source: 1 - tagged) }
            let units = feed.media(from: [900_000, 77_000_000, 0][Int(run)], seconds: 3.2)
            try feed.push(units.filter { $0.track == 0 })
            try feed.push(units.filter { $0.track == 1 })
        }
        feed.finish()
        #expect(feed.isEven(feed.video, from: 0, step: 3600, count: 240))
        #expect(feed.isEven(feed.audio, from: 0, step: 1920, count: 450))
    }

    @Test("a run of sound alone has its time: the next picture comes behind it")
    func soundOnly() throws {
        var feed = StreamFeed()
        for run in 0..<3 as Range<UInt64> {
            feed.enter(run, start: Int64(run) * 144_000)
            let units = feed.media(from: Int64(run) * 1_000_000_000, seconds: 1.6)
            feed.expected =
                run == 1
                ? [ExpectedTrack(kind: .audio, number: 1)]
                : [
                    ExpectedTrack(kind: .video, number: 0), ExpectedTrack(kind: .audio, number: 1),
                ]
            try feed.push(run == 1 ? units.filter { $0.track == 1 } : units)
        }
        feed.finish()
        #expect(feed.isEven(feed.audio, from: 0, step: 1920, count: 225))
        let pictures = feed.times(feed.video)
        #expect(Array(pictures.prefix(40)) == (0..<40).map { Int64($0) * 3600 })
        #expect(Array(pictures.dropFirst(40)) == (0..<40).map { 288_000 + Int64($0) * 3600 })
    }

    @Test("a picture that stops long before the end of its run cuts off no sound")
    func pictureStops() throws {
        var feed = StreamFeed()
        for run in 0..<2 as Range<UInt64> {
            feed.enter(run, start: Int64(run) * 720_000)
            let units = feed.media(from: Int64(run) * 1_000_000_000, seconds: 8)
            try feed.push(units.filter { run == 1 || $0.track == 1 || $0.dts < 2 * Self.second })
        }
        feed.finish()
        #expect(feed.times(feed.video).last == 16 * Self.second - 3600)
        #expect(feed.isEven(feed.audio, from: 0, step: 1920, count: 750))
    }

    // MARK: - Extremes

    @Test("times beyond all times are refused with the segment", arguments: [Int64.max, .min, 1 << 61, -(1 << 61)])
    func beyond(_ time: Int64) throws {
        var feed = StreamFeed(audio: false, origin: .count)
        feed.enter(0)
        feed.segment(7, start: 0, duration: 90_000)
        #expect(throws: TimelineError(mediaSequenceNumber: 7, timestamp: time)) {
            try feed.push(.init(track: 0, pts: time, dts: time, duration: 3600))
        }
    }

    @Test("decoding times later than presentation times, one sample at a time: no picture moves")
    func negativeOffsets() throws {
        var feed = StreamFeed(audio: false, origin: .count)
        feed.enter(0)
        var want: [Int64] = []
        for index in 0..<48 {
            let pts = Int64(index / 4 * 4 + [0, 3, 1, 2][index % 4]) * 3600
            want.append(pts)
            try feed.push(.init(track: 0, pts: pts, dts: Int64(index) * 3600, duration: 3600, isKey: index % 12 == 0))
        }
        feed.finish()
        #expect(feed.times(0) == want)
        let dts = feed.placed.map(\.dts)
        #expect(zip(dts, dts.dropFirst()).allSatisfy { $1 - $0 == 3600 })
        #expect(feed.placed.allSatisfy { $0.dts <= $0.pts })
    }
}
