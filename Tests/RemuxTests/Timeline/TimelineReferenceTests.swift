import Testing

@testable import Remux

/// Random streams against ``ReferenceTimeline``: tags and jumps without one in any order, clocks of any value, B-frames, sound
/// early, late and on the seam, tracks behind each other in the stream, one source and two.
@Suite struct TimelineReferenceTests {
    /// A stream in content time, and as it arrives.
    private struct Stream {
        var runs: [ReferenceTimeline.Run] = []
        /// By Discontinuity Sequence: what arrives, with the clock of the stream, and when. Without a tag between them runs
        /// overlap: each track goes on at its own pace.
        var arrivals: [[(order: Int64, unit: StreamFeed.Unit)]] = []
        var isTagged: [Bool] = []
        /// By Discontinuity Sequence.
        var gaps: [Int64] = []
        var hasVideo = true
        var hasAudio = true
        var audioSource = 0
    }

    private static let period = TimestampUnwrapper.period

    private static func make(_ seed: UInt64) -> Stream {
        var random = SeededGenerator(seed: seed)
        var stream = Stream()
        stream.hasVideo = Int.random(in: 0..<6, using: &random) > 0
        stream.hasAudio = !stream.hasVideo || Int.random(in: 0..<6, using: &random) > 0
        stream.audioSource = Bool.random(using: &random) ? 1 : 0
        let frame: Int64 = [1500, 1800, 3000, 3003, 3600, 3753].randomElement(using: &random) ?? 3600
        let pattern: [Int64] = [[0], [0, 3, 1, 2], [0, 4, 2, 1, 3]].randomElement(using: &random) ?? [0]
        let delay = pattern.count == 1 ? 0 : frame * (pattern.count == 4 ? 1 : 2)
        // What the one track arrives behind the other.
        let lag = Int64.random(in: -90_000...90_000, using: &random)
        let offset = Int64.random(in: -45_000...45_000, using: &random)
        var clock = Int64.random(in: 0..<period, using: &random)
        var content: Int64 = 0
        // A track is in order of its own.
        var soundOrder = Int64.min
        var id = 0
        for run in 0..<Int.random(in: 2...12, using: &random) {
            let isTagged = run == 0 || Bool.random(using: &random)
            let gap = isTagged && run > 0 && Int.random(in: 0..<4, using: &random) == 0 ? Int64(180_000) : 0
            let groups = Int.random(in: 12...40, using: &random)
            // A jump without a tag may be inside of a group of pictures.
            let phase = isTagged ? 0 : Int64(pattern.count) * Int64.random(in: 0..<6, using: &random)
            let seam = run == 0 ? 0 : Int64.random(in: -1900...1900, using: &random)
            var made = ReferenceTimeline.Run(gapBefore: gap)
            var arriving: [(order: Int64, unit: StreamFeed.Unit)] = []
            let count = Int64(groups * pattern.count)
            for index in 0..<count where stream.hasVideo {
                let place = index / Int64(pattern.count) * Int64(pattern.count)
                let pts = (place + pattern[Int(index) % pattern.count]) * frame + delay
                made.video.append(.init(id: id, pts: pts, duration: frame))
                let unit = StreamFeed.Unit(
                    track: 0,
                    pts: clock + pts,
                    dts: clock + index * frame,
                    duration: 0,
                    isKey: (index + phase) % Int64(pattern.count * 6) == 0,
                    id: id
                )
                arriving.append((content + index * frame, unit))
                id += 1
            }
            for index in 0..<((count * frame + 1919) / 1920) where stream.hasAudio {
                let pts = delay + offset + seam + index * 1920
                made.audio.append(.init(id: id, pts: pts, duration: 1920))
                let unit = StreamFeed.Unit(
                    track: stream.hasVideo ? 1 : 0,
                    pts: clock + pts,
                    dts: clock + pts,
                    duration: 1920,
                    id: id
                )
                soundOrder = max(soundOrder, content + pts + lag)
                arriving.append((soundOrder, unit))
                id += 1
            }
            stream.runs.append(made)
            stream.isTagged.append(isTagged)
            if isTagged {
                stream.gaps.append(gap)
                stream.arrivals.append([])
            }
            stream.arrivals[stream.arrivals.count - 1] += arriving
            content += count * frame
            let jump = Int64.random(in: 200_000...(6 * 3600 * 90_000), using: &random)
            clock += count * frame + (Bool.random(using: &random) ? jump : -jump)
        }
        return stream
    }

    private static func place(_ stream: Stream) throws -> StreamFeed {
        var feed = StreamFeed(video: stream.hasVideo, audio: stream.hasAudio, audioSource: stream.audioSource)
        let sources =
            stream.hasVideo && stream.audioSource == 1 ? [0, 1] : [feed.video == nil ? stream.audioSource : 0]
        for (sequence, arrivals) in stream.arrivals.enumerated() {
            for source in sources { feed.enter(UInt64(sequence), source: source, gap: stream.gaps[sequence]) }
            try feed.push(
                arrivals.sorted { ($0.order, $0.unit.id) < ($1.order, $1.unit.id) }.map(\.unit)
            )
        }
        feed.finish()
        return feed
    }

    @Test("output times are those of the reference", arguments: 1...400 as ClosedRange<UInt64>)
    func random(_ seed: UInt64) throws {
        let stream = Self.make(seed)
        let reference = ReferenceTimeline(stream.runs)
        let feed = try Self.place(stream)
        var video: [Int: Int64] = [:]
        var audio: [Int: Int64] = [:]
        for sample in feed.placed {
            if sample.track == feed.video { video[sample.payload] = sample.pts }
            if sample.track == feed.audio {
                audio[sample.payload] = TimeScale(48_000).convert(sample.pts, to: .mpeg)
            }
        }
        let jumps = feed.notices.filter { if case .jump = $0.event { true } else { false } }.count
        #expect(
            jumps == stream.isTagged.filter { !$0 }.count && jumps == feed.notices.count,
            "\(feed.notices.map(\.event))"
        )
        let isSame = video == reference.video
        #expect(isSame, "\(Self.difference(video, reference.video))")
        // An audio packet may be moved by 0.9 ms to follow the one before; one may fall or stay at each seam for as much.
        let slack: Int64 = 82
        let common = audio.keys.filter { reference.audio[$0] != nil }
        let areNear = common.allSatisfy { abs((audio[$0] ?? 0) - (reference.audio[$0] ?? 0)) <= slack }
        #expect(areNear)
        #expect(audio.count - common.count <= 0)
        #expect(reference.audio.count - common.count <= stream.runs.count)
        for track in [feed.video, feed.audio] {
            let times = feed.placed.filter { $0.track == track }.map(\.dts)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    private static func difference(_ have: [Int: Int64], _ want: [Int: Int64]) -> String {
        let keys = Set(have.keys).union(want.keys).sorted()
        guard let key = keys.first(where: { have[$0] != want[$0] }) else { return "" }
        return "first at \(key): \(have[key].map(String.init) ?? "-"), not \(want[key].map(String.init) ?? "-")"
    }
}
