import Testing

@testable import Remux

/// Tracks whose timestamps count from different things on one timeline.
@Suite struct TimelineOriginTests {
    private struct Feed {
        var timeline = Timeline<Int>()
        var placed: [PlacedSample<Int>] = []
        var expected: [ExpectedTrack] = []
        let video: Int
        let audio: Int

        init(_ videoOrigin: TimelineTrack.Origin, _ audioOrigin: TimelineTrack.Origin, audioScale: TimeScale = .mpeg) {
            video = timeline.addTrack(
                TimelineTrack(kind: .video, source: 0, sourceScale: .mpeg, outputScale: .mpeg, origin: videoOrigin)
            )
            audio = timeline.addTrack(
                TimelineTrack(kind: .audio, source: 1, sourceScale: audioScale, outputScale: .mpeg, origin: audioOrigin)
            )
            expected = [ExpectedTrack(kind: .video, number: video), ExpectedTrack(kind: .audio, number: audio)]
        }

        mutating func enter(_ run: UInt64, starts: [Int64] = [0, 0]) {
            for source in 0...1 {
                timeline.flush(source: source, to: &placed)
                timeline.enter(run: run, source: source, playlistStart90k: starts[source])
            }
        }

        /// Ten pictures or sounds of 40 ms from a time on.
        mutating func push(_ track: Int, from start: Int64, scale: TimeScale = .mpeg) throws {
            let step = TimeScale(25)
            for index in 0..<10 {
                let ticks = start &+ step.convert(Int64(index), to: scale)
                let sample = TimelineSample(
                    track: track,
                    pts: ticks,
                    dts: ticks,
                    duration: step.convert(1, to: scale),
                    isKey: true,
                    byteCount: 10,
                    payload: index
                )
                try timeline.push(sample, expected: { [expected] _ in expected }, to: &placed)
            }
        }

        func first(_ track: Int) -> Int64? { placed.first { $0.track == track }?.pts }
        func times(_ track: Int) -> [Int64] { placed.filter { $0.track == track }.map(\.pts) }
    }

    private static let wrap: Int64 = 1 << 33

    @Test(
        "a count that goes on stands beside timestamps that wrap, whichever comes first",
        arguments: [true, false],
        [0, 1, 3, 12]
    )
    func countBesideSystems(_ videoFirst: Bool, _ periods: Int64) throws {
        for offset: Int64 in [0, 4500, -4500, 900_000] {
            var feed = Feed(.systems, .count, audioScale: TimeScale(48_000))
            feed.enter(0)
            let start: Int64 = 5_000_000
            let scale = TimeScale(48_000)
            let audio = TimeScale.mpeg.convert(start + offset + periods * Self.wrap, to: scale)
            if videoFirst { try feed.push(feed.video, from: start) }
            try feed.push(feed.audio, from: audio, scale: scale)
            if !videoFirst { try feed.push(feed.video, from: start) }
            let difference = (feed.first(feed.audio) ?? 0) - (feed.first(feed.video) ?? 0)
            #expect(abs(difference - offset) <= 2, "\(difference), \(offset)")
            #expect(feed.placed.count == 20)
        }
    }

    @Test("two counts are not moved, however far they are apart")
    func counts() throws {
        var feed = Feed(.count, .count)
        feed.enter(0)
        try feed.push(feed.video, from: 0)
        try feed.push(feed.audio, from: 90_000 * 20)
        #expect((feed.first(feed.audio) ?? 0) - (feed.first(feed.video) ?? 0) == 90_000 * 20)
    }

    @Test(
        "sound that only the playlist places begins where the playlist has it beside the picture",
        arguments: [true, false]
    )
    func playlist(_ videoFirst: Bool) throws {
        for (videoStart, audioTime, place) in [(0, 0, 0), (0, 90_000, 90_000), (540_000, 540_000, 0)]
            as [(Int64, Int64, Int64)]
        {
            var feed = Feed(.systems, .playlist)
            feed.enter(0, starts: [videoStart, audioTime])
            if videoFirst { try feed.push(feed.video, from: Self.wrap - 9000) }
            try feed.push(feed.audio, from: audioTime)
            if !videoFirst { try feed.push(feed.video, from: Self.wrap - 9000) }
            #expect(feed.first(feed.video) == 0)
            #expect(feed.first(feed.audio) == place)
            #expect(feed.times(feed.audio).count == 10)
        }
    }

    @Test("so in every run; alone it begins at 0")
    func playlistRuns() throws {
        var feed = Feed(.systems, .playlist)
        feed.enter(0)
        try feed.push(feed.video, from: 90_000)
        try feed.push(feed.audio, from: 0)
        feed.enter(1, starts: [36_000, 36_000])
        try feed.push(feed.video, from: 77_000_000)
        try feed.push(feed.audio, from: 36_000)
        #expect(feed.times(feed.video) == (0..<20).map { Int64($0) * 3600 })
        #expect(feed.times(feed.audio) == (0..<20).map { Int64($0) * 3600 })
        var alone = Feed(.systems, .playlist)
        alone.expected = [ExpectedTrack(kind: .audio, number: alone.audio)]
        alone.enter(0, starts: [900_000, 900_000])
        try alone.push(alone.audio, from: 900_000)
        #expect(alone.first(alone.audio) == 0)
    }

    @Test("a track that changes what it counts from, in a new run and inside of one")
    func change() throws {
        var feed = Feed(.systems, .systems)
        feed.enter(0)
        try feed.push(feed.video, from: 90_000)
        try feed.push(feed.audio, from: 90_000)
        feed.timeline.setOrigin(.count, of: feed.video)
        feed.timeline.setOrigin(.count, of: feed.audio)
        feed.enter(1)
        try feed.push(feed.video, from: 5 * Self.wrap)
        try feed.push(feed.audio, from: 5 * Self.wrap)
        // Back to timestamps that wrap, without a discontinuity: the same count goes on modulo 2^33.
        feed.timeline.setOrigin(.systems, of: feed.video)
        try feed.push(feed.video, from: 36_000)
        #expect(feed.times(feed.video) == (0..<30).map { Int64($0) * 3600 })
        #expect(feed.times(feed.audio) == (0..<20).map { Int64($0) * 3600 })
    }
}
