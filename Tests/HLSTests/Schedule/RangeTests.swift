import Testing

@testable import HLS

@Suite("Time ranges")
struct RangeTests {
    private static func times(_ lines: [String]) throws -> SegmentTimes {
        let text = (["#EXTM3U", "#EXT-X-VERSION:8", "#EXT-X-TARGETDURATION:10"] + lines + ["#EXT-X-ENDLIST", ""])
        var schedule = SegmentSchedule()
        try schedule.ingest(parseMedia(text.joined(separator: "\n")))
        return SegmentTimes(of: schedule)
    }

    private static func times(_ durations: Double...) throws -> SegmentTimes {
        try times(durations.flatMap { ["#EXTINF:\($0),", "s.ts"] })
    }

    private func seconds(_ value: Double) -> Int64 { Int64((value * 1_000_000).rounded()) }

    private func resolve(_ start: String?, _ end: String?, _ times: SegmentTimes) throws -> PresentationRange {
        try RangeRequest(start: start.flatMap(TimePoint.init), end: end.flatMap(TimePoint.init).map { .at($0) })
            .resolved(in: times)
    }

    // MARK: - Media time

    static let mediaTimes: [(String?, String?, Double, Double?)] = [
        ("2.5", "7", 2.5, 7), ("0", nil, 0, nil), (nil, "3", 0, 3), ("11.999", nil, 11.999, nil), ("2", "12", 2, nil),
        ("2", "1:00:00", 2, nil), ("-3", nil, 9, nil), ("-3", "-1", 9, 11), ("-20", "4", 0, 4), (nil, "-11.5", 0, 0.5),
    ]

    @Test("media times in a plan of 12 s", arguments: mediaTimes)
    func media(_ row: (String?, String?, Double, Double?)) throws {
        let range = try resolve(row.0, row.1, try Self.times(4, 4, 4))
        #expect(range.startMicroseconds == seconds(row.2))
        #expect(range.endMicroseconds == row.3.map(seconds))
    }

    static let refused: [(String?, String?, String)] = [
        ("12", nil, "--start 0:12 is not in the stream: it is 0:12 long"), ("1:00:00", nil, "--start 1:00:00"),
        ("5", "-8", "--end is not behind --start: in this stream they are at 0:04 and 0:05"),
        (nil, "-12", "--end -0:12 is not in the stream"), ("2026-11-24T10:00:00Z", nil, "EXT-X-PROGRAM-DATE-TIME"),
        (nil, "2026-11-24T10:00:00Z", "--end 2026-11-24T10:00:00Z needs a playlist with EXT-X-PROGRAM-DATE-TIME"),
    ]

    @Test("outside of the plan: the option and what there is", arguments: refused)
    func outside(_ row: (String?, String?, String)) throws {
        let times = try Self.times(4, 4, 4)
        let error = #expect(throws: RangeError.self) { try resolve(row.0, row.1, times) }
        #expect(error?.description.contains(row.2) == true, "\(error?.description ?? "")")
    }

    @Test("a duration counts from the start, and saturates")
    func duration() throws {
        let times = try Self.times(4, 4, 4)
        let start = TimePoint("2")
        #expect(
            try RangeRequest(start: start, end: .after(microseconds: 3_000_000)).resolved(in: times).endMicroseconds
                == 5_000_000
        )
        #expect(
            try RangeRequest(start: start, end: .after(microseconds: .max)).resolved(in: times).endMicroseconds == nil
        )
    }

    // MARK: - Wall clock

    /// 4 s each; dated at the second segment (backward to the first), and anew, ten minutes later, at the fourth.
    private static let dated = [
        "#EXTINF:4,", "0.ts", "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T10:00:04+00:00", "#EXTINF:4,", "1.ts", "#EXTINF:4,",
        "2.ts", "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T12:10:00.500+02:00", "#EXTINF:4,", "3.ts",
        "#EXTINF:4,", "4.ts",
    ]

    static let clock: [(String?, String?, Double, Double?)] = [
        ("2026-11-24T10:00:00Z", nil, 0, nil), ("2026-11-24T10:00:05.250Z", "2026-11-24T10:00:11Z", 5.25, 11),
        ("2026-11-24T15:30:06+05:30", nil, 6, nil), ("2026-11-24T05:00:06-05:00", nil, 6, nil),
        // The first segment of each date, and the time between them, which the stream leaves out.
        ("2026-11-24T10:10:01Z", nil, 12.5, nil), ("2026-11-24T10:05:00Z", nil, 12, nil),
        ("2026-11-24T10:00:10Z", "2026-11-24T10:05:00Z", 10, 12),
        ("2026-11-24T10:00:10Z", "2026-11-24T10:10:04.500Z", 10, 16),
        // Before the first date and behind the last: as much as there is.
        ("2026-11-24T09:00:00Z", "2026-11-24T10:00:02Z", 0, 2),
        ("2026-11-24T10:10:05Z", "2027-01-01T00:00:00Z", 16.5, nil),
        // Mixed with media time.
        ("2026-11-24T10:00:02Z", "5", 2, 5), ("1", "2026-11-24T10:00:02Z", 1, 2),
    ]

    @Test("wall-clock times, also extrapolated, in several zones", arguments: clock)
    func wallClock(_ row: (String?, String?, Double, Double?)) throws {
        let range = try resolve(row.0, row.1, try Self.times(Self.dated))
        #expect(range.startMicroseconds == seconds(row.2))
        #expect(range.endMicroseconds == row.3.map(seconds))
    }

    @Test("dates outside of the plan")
    func datesOutside() throws {
        let times = try Self.times(Self.dated)
        let late = #expect(throws: RangeError.self) { try resolve("2026-11-24T10:10:08.500Z", nil, times) }
        #expect(
            late?.description == "--start 2026-11-24T10:10:08.500Z is not in the stream: it lasts from "
                + "2026-11-24T10:00:00Z to 2026-11-24T10:10:08.500Z"
        )
        #expect(throws: RangeError.self) { try resolve(nil, "2026-11-24T10:00:00Z", times) }
        #expect(throws: RangeError.self) { try resolve("2026-11-24T10:00:02Z", "2026-11-24T10:00:02Z", times) }
    }

    @Test("microseconds of EXTINF count, milliseconds of dates do not round them away")
    func precision() throws {
        let lines =
            ["#EXT-X-PROGRAM-DATE-TIME:2026-11-24T10:00:00Z"]
            + (0..<10).flatMap { ["#EXTINF:1.0009,", "\($0).ts"] }
        let range = try resolve("2026-11-24T10:00:05.250Z", nil, try Self.times(lines))
        #expect(range.startMicroseconds == 5_250_000)
    }

    // MARK: - Windows

    @Test("segments that the range may need, and no more")
    func windows() throws {
        let times = try Self.times(1, 1, 1, 1, 1, 1)
        func video(_ start: Double, _ end: Double?, lead: Int = 0) -> SegmentTimes.Window {
            times.window(of: range(start, end), margins: .video, lead: lead)
        }
        func audio(_ start: Double, _ end: Double?) -> Range<Int> {
            times.window(of: range(start, end), margins: .audio).segments
        }
        #expect(video(2.5, 3.5).segments == 2..<4)
        #expect(video(2, 3.5).segments == 2..<4)
        #expect(video(2, 3.75).segments == 2..<4)
        #expect(video(2, 3.751).segments == 2..<5)
        #expect(video(2, 4).segments == 2..<5)
        #expect(video(2, 4.001).segments == 2..<5)
        #expect(video(5.9, nil).segments == 5..<6)
        #expect(video(2.5, 3.5, lead: 1).segments == 1..<4)
        #expect(video(2.5, 3.5, lead: 9).segments == 0..<4)
        #expect(video(2.5, 3.5).available == 2)
        #expect(video(2.5, 3.5, lead: 9).available == 0)
        #expect(audio(2.5, 3.5) == 2..<4)
        #expect(audio(2.099, 3.5) == 1..<4)
        #expect(audio(2.1, 3.9) == 2..<4)
        #expect(audio(2.1, 3.91) == 2..<5)
        #expect(audio(0.01, nil) == 0..<6)
    }

    private func range(_ start: Double, _ end: Double?) -> PresentationRange {
        PresentationRange(startMicroseconds: seconds(start), endMicroseconds: end.map(seconds))
    }

    @Test("a window never reaches over a Discontinuity or a gap for what the range itself does not hold")
    func boundaries() throws {
        let times = try Self.times([
            "#EXTINF:1,", "0.ts", "#EXTINF:1,", "1.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:1,", "2.ts", "#EXTINF:1,",
            "3.ts",
            "#EXT-X-GAP", "#EXTINF:1,", "4.ts", "#EXTINF:1,", "5.ts",
        ])
        let atDiscontinuity = times.window(of: range(2.01, 2.9), margins: .audio, lead: 3)
        #expect(atDiscontinuity == .init(segments: 2..<3, available: 0))
        #expect(times.window(of: range(1.5, 2), margins: .video).segments == 1..<2)
        #expect(times.window(of: range(3.5, 4), margins: .video).segments == 3..<4)
        #expect(times.window(of: range(5.5, nil), margins: .video, lead: 2) == .init(segments: 5..<6, available: 0))
        #expect(times.window(of: range(4.5, nil), margins: .video, lead: 2) == .init(segments: 4..<6, available: 0))
        #expect(times.window(of: range(1.5, nil), margins: .audio, firstDiscontinuitySequence: 1).segments == 2..<6)
        #expect(times.isGap(range(4.2, 4.8)))
        #expect(!times.isGap(range(3.9, 4.8)))
    }

    @Test("any plan, any range: against a slow look at each segment", arguments: 0..<300 as Range<UInt64>)
    func random(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var lines: [String] = []
        var gaps: [Bool] = []
        var breaks: [Bool] = []
        var durations: [Int64] = []
        for index in 0..<Int.random(in: 1...12, using: &generator) {
            gaps.append(Int.random(in: 0..<6, using: &generator) == 0)
            breaks.append(index > 0 && Int.random(in: 0..<5, using: &generator) == 0)
            durations.append(Int64.random(in: 20...3000, using: &generator) * 1000)
            if breaks[index] { lines.append("#EXT-X-DISCONTINUITY") }
            if gaps[index] { lines.append("#EXT-X-GAP") }
            lines += ["#EXTINF:\(Double(durations[index]) / 1_000_000),", "\(index).ts"]
        }
        let times = try Self.times(lines)
        let total = durations.reduce(0, +)
        let start = Int64.random(in: 0..<total, using: &generator)
        let end = Bool.random(using: &generator) ? Int64.random(in: (start + 1)...total, using: &generator) : nil
        let margins = Bool.random(using: &generator) ? SegmentTimes.Margins.video : .audio
        let lead = Int.random(in: 0...3, using: &generator)
        let window = times.window(
            of: PresentationRange(startMicroseconds: start, endMicroseconds: end),
            margins: margins,
            lead: lead
        )
        var wanted: Set<Int> = []
        let starts = durations.indices.map { durations[..<$0].reduce(0, +) }
        for index in durations.indices where starts[index] + durations[index] > start && starts[index] < end ?? .max {
            wanted.insert(index)
        }
        func joined(_ index: Int) -> Bool { index > 0 && !breaks[index] && !gaps[index] && !gaps[index - 1] }
        while let first = wanted.min(), joined(first), start - starts[first] < margins.leadMicroseconds {
            wanted.insert(first - 1)
        }
        for _ in 0..<lead {
            if let first = wanted.min(), joined(first) { wanted.insert(first - 1) }
        }
        while let end, let last = wanted.max(), last + 1 < durations.count, !breaks[last + 1], !gaps[last + 1],
            starts[last + 1] - end < margins.tailMicroseconds
        {
            wanted.insert(last + 1)
        }
        #expect(Array(window.segments) == wanted.sorted())
    }

    @Test("what is kept of a plan is what it was in it: numbers, vectors, sequences, places, ranges, keys")
    func kept() throws {
        let lines =
            ["#EXT-X-MEDIA-SEQUENCE:40", "#EXT-X-DISCONTINUITY-SEQUENCE:3", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\""]
            + (0..<8).flatMap { index -> [String] in
                (index == 3 ? ["#EXT-X-DISCONTINUITY", "#EXT-X-KEY:METHOD=AES-128,URI=\"l\""] : [])
                    + ["#EXTINF:\(index + 1),", "#EXT-X-BYTERANGE:100" + (index == 0 ? "@0" : ""), "all.ts"]
            }
        let text = (["#EXTM3U", "#EXT-X-VERSION:8", "#EXT-X-TARGETDURATION:10"] + lines + ["#EXT-X-ENDLIST", ""])
            .joined(separator: "\n")
        var whole = SegmentSchedule()
        try whole.ingest(parseMedia(text))
        var cut = whole
        cut.keep(2..<6, durationMicroseconds: 9)
        #expect(cut.plannedSegmentCount == 4 && cut.plannedDurationMicroseconds == 9)
        var all: [SegmentOrder] = []
        while let order = whole.next() { all.append(order) }
        for expected in all[2..<6] {
            let next = cut.next()
            let order = try #require(next)
            #expect(order.identity == expected.identity && order.index == expected.index)
            #expect(order.encryption == expected.encryption && order.byteRange == expected.byteRange)
            #expect(order.startMicroseconds == expected.startMicroseconds)
            #expect(order.discontinuitySequence == expected.discontinuitySequence)
        }
        #expect(cut.next() == nil)
        #expect(all[2].identity.mediaSequenceNumber == 42 && all[3].discontinuitySequence == 4)
    }
}
