import OriginServer
import Remux
import Testing

/// A part of a stream: what is fetched, what is refused, what is told. Packets and times: Tests/tools/endtoend.py.
@Suite struct TimeRangeTests {
    typealias TimeRange = RemuxConfiguration.TimeRange

    private static func range(_ start: String?, _ end: String?) -> TimeRange {
        TimeRange(start: start.flatMap(TimeRange.Point.init), end: end.flatMap(TimeRange.Point.init).map { .at($0) })
    }

    struct Fetched: Sendable, CustomTestStringConvertible {
        var stream: String
        var start: String?
        var end: String?
        /// Segments, by the last part of their paths without `.ts`.
        var segments: Set<String>
        var seconds: Double

        var testDescription: String { "\(stream) \(start ?? "") to \(end ?? "")" }

        init(_ stream: String, _ start: String?, _ end: String?, _ segments: Set<String>, seconds: Double) {
            (self.stream, self.start, self.end, self.segments, self.seconds) = (stream, start, end, segments, seconds)
        }
    }

    static let fetched = [
        Fetched("clear", "2.5", "3.5", ["002", "003"], seconds: 1),
        Fetched("clear", "2", "2.7", ["002"], seconds: 0.7),
        Fetched("clear", nil, "1.5", ["000", "001"], seconds: 1.5),
        Fetched("clear", "-1.5", "-1.3", ["004"], seconds: 0.2),
        Fetched("clear", "5.5", nil, ["005"], seconds: 0.516),
        // Sound up to the end is in the next segment.
        Fetched("clear", "2", "4", ["002", "003", "004"], seconds: 2),
        Fetched("aes128-implicit-iv", "2.5", "3.5", ["009", "010", "key.bin"], seconds: 1),
        Fetched("wrap33", "1.5", "2.5", ["001", "002"], seconds: 1),
        Fetched("hevc", "3.1", "3.6", ["003"], seconds: 0.5),
        Fetched("open-gop", "2.5", "3.5", ["002", "003"], seconds: 1),
        Fetched("audio-only", "2.5", "3.5", ["002", "003"], seconds: 1),
        Fetched("discontinuity", "1.5", "3.5", ["a1", "a2", "b0"], seconds: 2),
        Fetched("discontinuity", "3.2", "3.5", ["b0"], seconds: 0.3),
        Fetched("late-audio", "3.5", "4.5", ["003", "004"], seconds: 1),
        // The only key frame is in the first segment.
        Fetched("long-gop", "3.5", "3.7", ["000", "001", "002", "003"], seconds: 0.2),
    ]

    @Test("only the segments that the part needs are requested", arguments: fetched)
    func requests(_ row: Fetched) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/\(row.stream)/index.m3u8") { $0.timeRange = Self.range(row.start, row.end) }
        #expect(run.isComplete, "\(run.message)")
        let names = harness.server.requests.compactMap { $0.target.split(separator: "/").last.map(String.init) }
        let requested = Set(
            names.filter { $0 != "index.m3u8" }.map { $0.hasSuffix(".ts") ? String($0.dropLast(3)) : $0 }
        )
        #expect(requested == row.segments)
        #expect(abs(run.summary.durationSeconds - row.seconds) < 0.0011, "\(run.summary.durationSeconds)")
        #expect(run.summary.plannedSegmentCount == row.segments.count { $0 != "key.bin" })
        #expect(harness.scratch.names == ["out.mp4"])
    }

    @Test("a Rendition with segments of its own: only those of the part")
    func renditions() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/separate-audio/index.m3u8") { $0.timeRange = Self.range("2.5", "3.5") }
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.tracks.map(\.kind) == [.video, .audio])
        let requested = Set(harness.server.requests.map(\.target).filter { $0.hasSuffix(".ts") })
        // Audio segments of 0.704 s: 3 is 2.112 to 2.816, 4 ends at 3.520, 20 ms behind the end.
        #expect(
            requested == [
                "/separate-audio/video/002.ts", "/separate-audio/video/003.ts", "/separate-audio/audio/003.ts",
                "/separate-audio/audio/004.ts", "/separate-audio/audio/005.ts",
            ]
        )
        #expect(abs(run.summary.durationSeconds - 1) < 0.0011)
    }

    @Test("one more request where audio begins just behind the start: its first frames are in the segment before")
    func shortAudio() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        // The second segment begins at 1.0027 s: the frame before it is needed for decoding.
        let run = await harness.run("/audio-only/index.m3u8") { $0.timeRange = Self.range("1.01", "1.5") }
        #expect(run.isComplete, "\(run.message)")
        let requested = Set(harness.server.requests.map(\.target).filter { $0.hasSuffix(".ts") })
        #expect(requested == ["/audio-only/000.ts", "/audio-only/001.ts"])
        #expect(run.notes.contains { $0.contains("earlier Media Segments") })
    }

    // MARK: - Wall clock

    /// The stream `clear`, dated at its third segment.
    private static let dated = Files.text(Files.fixtures + "/clear/index.m3u8").split(separator: "\n")
        .flatMap {
            $0 == "002.ts" ? ["#EXT-X-PROGRAM-DATE-TIME:2026-11-24T12:00:02.000+02:00", String($0)] : [String($0)]
        }
        .joined(separator: "\n")

    @Test(
        "wall-clock times give the bytes of the media time, in any zone",
        arguments: [
            ("2026-11-24T10:00:02.500Z", "2026-11-24T10:00:03.500Z"),
            ("2026-11-24T15:30:02.500+05:30", "2026-11-24T03:00:03.5-07:00"), ("2.5", "2026-11-24T10:00:03.500Z"),
        ]
    )
    func wallClock(_ start: String, _ end: String) async throws {
        let media = try SessionHarness()
        defer { media.server.stop() }
        #expect(await media.run("/clear/index.m3u8") { $0.timeRange = Self.range("2.5", "3.5") }.isComplete)
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/clear/dated.m3u8"] = Array(Self.dated.utf8)
        let run = await harness.run("/clear/dated.m3u8") { $0.timeRange = Self.range(start, end) }
        #expect(run.isComplete, "\(run.message)")
        let isSame = harness.scratch.bytes("out.mp4") == media.scratch.bytes("out.mp4")
        #expect(isSame)
    }

    // MARK: - Refusals

    static let refusals: [(String?, String?, String)] = [
        ("6", nil, "--start 0:06 is not in the stream: it is 0:06 long"),
        ("2026-11-24T10:00:09Z", nil, "it lasts from 2026-11-24T10:00:00Z to 2026-11-24T10:00:06Z"),
        (nil, "2026-11-24T09:59:00Z", "--end 2026-11-24T09:59:00Z is not in the stream"),
        ("3", "-4", "--end is not behind --start"),
    ]

    @Test("a range outside of the stream: what exists, and nothing is fetched", arguments: refusals)
    func outside(_ row: (String?, String?, String)) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/clear/dated.m3u8"] = Array(Self.dated.utf8)
        let run = await harness.run("/clear/dated.m3u8") { $0.timeRange = Self.range(row.0, row.1) }
        #expect(run.code == .playlistRefused)
        #expect(run.message.contains(row.2), "\(run.message)")
        #expect(!harness.server.requests.contains { $0.target.hasSuffix(".ts") })
        #expect(harness.scratch.names == [])
    }

    @Test("a date without dates in the playlist")
    func undated() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/clear/index.m3u8") { $0.timeRange = Self.range("2026-11-24T10:00:00Z", nil) }
        #expect(run.code == .playlistRefused)
        #expect(run.message.contains("EXT-X-PROGRAM-DATE-TIME"), "\(run.message)")
    }

    // MARK: - Gaps, faults, pipes

    /// The stream `clear` with segments marked as gaps.
    private func gapped(_ names: Set<String>) -> [UInt8] {
        let lines = Files.text(Files.fixtures + "/clear/index.m3u8").split(separator: "\n")
            .flatMap { names.contains(String($0)) ? ["#EXT-X-GAP", String($0)] : [String($0)] }
        return Array(lines.joined(separator: "\n").utf8)
    }

    @Test("EXT-X-GAP inside of the range keeps its duration; at its start nothing is shown until the media begins")
    func gap() async throws {
        for (gaps, start, segments) in [(["003.ts"], "2.5", 3), (["002.ts", "003.ts"], "2.5", 2)]
            as [(Set<String>, String, Int)]
        {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            harness.server["/clear/gap.m3u8"] = gapped(gaps)
            let run = await harness.run("/clear/gap.m3u8") { $0.timeRange = Self.range(start, "5.5") }
            #expect(run.isComplete, "\(run.message)")
            #expect(abs(run.summary.durationSeconds - 3) < 0.0011)
            #expect(run.summary.segmentCount <= segments)
            #expect(run.summary.gaps.map(\.isAnnounced) == gaps.map { _ in true })
        }
    }

    @Test("a range that lies in a gap")
    func inGap() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/clear/gap.m3u8"] = gapped(["002.ts", "003.ts"])
        let run = await harness.run("/clear/gap.m3u8") { $0.timeRange = Self.range("2.1", "3.9") }
        #expect(run.code == .playlistRefused)
        #expect(
            run.message.contains("from 0:02.100 to 0:03.900") && run.message.contains("EXT-X-GAP"),
            "\(run.message)"
        )
    }

    @Test("what is broken outside of the range does not matter; inside it does")
    func faults() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/clear/001.ts"] = .always(.status(404))
        harness.server.script["/clear/005.ts"] = .always(.status(404))
        #expect(await harness.run("/clear/index.m3u8") { $0.timeRange = Self.range("2.5", "3.5") }.isComplete)
        let lost = await harness.run("/clear/index.m3u8", output: .file(path: harness.scratch.path + "/b.mp4")) {
            $0.timeRange = Self.range("4.5", nil)
        }
        #expect(lost.code == .incomplete)
        #expect(lost.message.contains("Media Segment 5"), "\(lost.message)")
    }

    @Test("a pipe gets the same fragments, and edits that are known from the start", arguments: ["clear", "long-gop"])
    func pipe(_ stream: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let change: (inout RemuxConfiguration) -> Void = { $0.timeRange = Self.range("2.5", "3.5") }
        #expect(await harness.run("/\(stream)/index.m3u8", change).isComplete)
        let store = Store()
        let run = await harness.run("/\(stream)/index.m3u8", output: .custom { PipeSink(store) }, change)
        #expect(run.isComplete, "\(run.message)")
        let file = harness.scratch.bytes("out.mp4")
        let edits = { (bytes: [UInt8]) in
            bytes.firstRange(of: Array("elst".utf8)).map { Array(bytes[$0.lowerBound..<($0.lowerBound + 32)]) }
        }
        #expect(edits(file) == edits(store.bytes))
        let start = try #require(file.firstRange(of: Array("moof".utf8))?.lowerBound) - 4
        let pipeStart = try #require(store.bytes.firstRange(of: Array("moof".utf8))?.lowerBound) - 4
        let isSame = Array(file[start...]) == Array(store.bytes[pipeStart...])
        #expect(isSame)
    }

    @Test("progress and plan speak of the part")
    func progress() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let session = RemuxSession(
            RemuxConfiguration(input: harness.server.url("/clear/index.m3u8"), output: .custom { PipeSink(Store()) })
                .with { $0.timeRange = Self.range("2.5", "3.5") }
        )
        let planned = Task {
            for await case .planned(let segments, let seconds) in session.events { return (segments, seconds) }
            return (0, 0)
        }
        _ = try await session.run()
        #expect(await planned.value == (2, 1))
        #expect(session.progress.positionSeconds <= 1 && session.progress.positionSeconds > 0.9)
    }

    @Test("the front is fetched again and again: cancelled at any time it ends", arguments: 0..<6)
    func cancelled(_ step: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for segment in 0..<6 { harness.server.script["/long-gop/00\(segment).ts"] = .always(.delay(.milliseconds(15))) }
        let run = await harness.run("/long-gop/index.m3u8", cancelAfter: .milliseconds(10 + 15 * step)) {
            $0.timeRange = Self.range("5.5", nil)
        }
        if case .failure(let error) = run.result { #expect(error is CancellationError, "\(error)") }
    }
}

extension RemuxConfiguration {
    fileprivate func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}
