import OriginServer
import Remux
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// F45, F46, F59: the order in which segments come, and those that never come because the server said so.
@Suite struct OrderTests {
    /// How many runs; `script/reliability` makes a thousand of them.
    private static let runs = getenv("HLS2MP4_SHUFFLES").flatMap { Int(String(cString: $0)) } ?? 60

    @Test("F45: whatever the order of completion, the bytes are the same, and memory is bounded")
    func shuffled() async throws {
        let streams = ["/aes128-explicit-iv/index.m3u8", "/fmp4/index.m3u8", "/separate-audio/index.m3u8"]
        var (same, peak) = (0, 0)
        var orders: Set<[String]> = []
        for seed in 0..<Self.runs {
            var options = OriginServer.Options()
            options.delays = RandomDelays(seed: UInt64(seed), upTo: .milliseconds(15))
            let harness = try SessionHarness(options: options)
            defer { harness.server.stop() }
            let path = streams[seed % streams.count]
            let run = await harness.run(path) { $0.jobs = [1, 3, 32][seed / 3 % 3] }
            #expect(run.isComplete, "seed \(seed): \(run.message)")
            let clean = try await Gold.shared.bytes(path)
            let isSame = harness.scratch.bytes("out.mp4") == clean
            #expect(isSame, "seed \(seed)")
            same += isSame ? 1 : 0
            peak = max(peak, run.summary.peakBufferedBytes)
            orders.insert(harness.server.requests.map(\.path))
        }
        #expect(peak <= 32 << 20)
        ReliabilityLog.add(
            "F45",
            "random delays and orders of completion, 1, 3 and 32 jobs, three streams",
            Place.stream.rawValue,
            promised: "exit 0, the same bytes, memory below the limit",
            shown: "\(same) of \(Self.runs) runs with the same bytes, at most \((peak >> 20) + 1) MiB held"
        )
    }

    @Test("F45: the first segment comes last", arguments: ["/aes128-explicit-iv/", "/fmp4/"])
    func firstComesLast(_ folder: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let first = folder == "/fmp4/" ? "0.m4s" : "000.ts"
        let others = folder == "/fmp4/" ? 2 : 5
        harness.server.script[folder + first] = .always(.stall(at: 0))
        let server = harness.server
        async let release: Void = {
            let all = await server.waitForRequests { requests in
                Set(requests.map(\.path).filter { $0.hasSuffix(".ts") || $0.hasSuffix(".m4s") }).count == others + 1
            }
            if all { server.release(folder + first) }
        }()
        let run = await harness.run(folder + "index.m3u8") { $0.jobs = 32 }
        await release
        #expect(run.isComplete, "\(run.message)")
        let isSame = try await Gold.shared.bytes(folder + "index.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isSame)
    }

    /// The Transport Stream of the fixture between null packets: large, and with the same media.
    private static func padded(_ segment: [UInt8], packets: Int) -> [UInt8] {
        let null: [UInt8] = [0x47, 0x1F, 0xFF, 0x10] + [UInt8](repeating: 0xFF, count: 184)
        return segment + [[UInt8]](repeating: null, count: packets).flatMap { $0 }
    }

    @Test("F46: the segment that everything waits for is slow, the others large: they wait, and memory is bounded")
    func slowHeadOfLine() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let limit = 4 << 20
        for number in 1..<6 {
            let path = "/clear/00\(number).ts"
            harness.server[path] = Self.padded(Files.bytes(Files.fixtures + path), packets: 20_000)
        }
        harness.server.script["/clear/000.ts"] = [.slow(bytesPerSecond: 50_000)]
        let run = await harness.run("/clear/index.m3u8") {
            $0.jobs = 10
            $0.maximumMemoryBytes = limit
        }
        #expect(run.isComplete, "\(run.message)")
        let isSame = try await Gold.shared.bytes("/clear/index.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isSame)
        // The head of line gets its memory also beyond the limit: two unread chunks, and what libcurl hands over at once.
        #expect(run.summary.peakBufferedBytes <= limit + (2 << 20), "\(run.summary.peakBufferedBytes)")
        ReliabilityLog.add(
            "F46",
            "the first segment at 50 KB/s, five of 3.8 MB behind it",
            Place.first.rawValue,
            promised: "exit 0, the same bytes, memory below the limit",
            shown: "exit 0, the same bytes, limit 4 MiB"
        )
    }

    struct Gap: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var numbers: [Int]
        /// Presentation end of the video, which begins with the first segment there is.
        var end: Double
    }

    static let gaps = [
        Gap(testDescription: "one in the middle", numbers: [3], end: 6),
        Gap(testDescription: "the last one", numbers: [5], end: 5),
        Gap(testDescription: "the first one", numbers: [0], end: 5),
        Gap(testDescription: "five of six", numbers: [0, 1, 2, 3, 4], end: 1),
        Gap(testDescription: "four in the middle", numbers: [1, 2, 3, 4], end: 6),
    ]

    @Test("F59: announced gaps keep their duration and are no loss", arguments: gaps, [true, false])
    func gap(_ row: Gap, _ isMissing: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        var text = Files.text(Files.fixtures + "/clear/index.m3u8")
        for number in row.numbers {
            text = text.replacing("00\(number).ts", with: "#EXT-X-GAP\n00\(number).ts")
            if isMissing { harness.server.script["/clear/00\(number).ts"] = .always(.status(404)) }
        }
        harness.server["/clear/index.m3u8"] = Array(text.utf8)
        let run = await harness.run("/clear/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == row.numbers.map(UInt64.init))
        #expect(run.summary.lostSegmentCount == 0)
        let end = run.summary.tracks.first?.endSeconds ?? 0
        #expect(abs(end - row.end) < 0.1, "\(end)")
        let asked = harness.server.requests.map(\.path).filter { path in
            row.numbers.contains { path.hasSuffix("00\($0).ts") }
        }
        #expect(asked == [])
        ReliabilityLog.add(
            "F59",
            "EXT-X-GAP on \(row.testDescription)" + (isMissing ? ", 404" : ""),
            Place.playlist.rawValue,
            promised: "exit 0, the gap keeps its duration, nothing is asked of it",
            shown: "exit \(Promise.exitStatus(run.code)), the video ends at \(Int(end.rounded())) s"
        )
    }

    /// Nothing but the media tells: the end of the connection is the end of the body, and no packet is cut.
    @Test("F13: a clear segment without a declared length that ends between two packets: what is left out is told")
    func endsBetweenPackets() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/clear/002.ts"] = .always(.withoutContentLength.cut(after: 188 * 60))
        let run = await harness.run("/clear/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let tells = run.summary.warnings.contains { $0.contains("Media Segment 3: the h264 stream leaves out 640 ms") }
        #expect(tells, "\(run.summary.warnings)")
        ReliabilityLog.add(
            "F13",
            "clear MPEG-2 TS, no Content-Length, closed between two packets",
            Place.middle.rawValue,
            promised: "exit 0, warns how much is left out",
            shown: tells ? "exit 0, warns how much is left out" : "no warning"
        )
    }

    @Test("F18: a byte range of the playlist answered with something else", arguments: [0, 3, 5])
    func byteRange(_ segment: Int) async throws {
        let starts = [0, 25_004, 50_196, 78_960, 109_040, 137_804]
        let answers: [(String, Answer)] = [
            ("another range", .contentRange("bytes 0-9/10")), ("no Content-Range", .withoutContentRange),
            ("the whole", .ignoringRange), ("416", .status(416)), ("a cut at 50 %", .cut(after: 12_000)),
            ("multipart/byteranges", .withoutContentRange.header("Content-Type", "multipart/byteranges; boundary=a")),
        ]
        for (name, answer) in answers {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            let (range, asked) = ("bytes=\(starts[segment])-", Counter())
            harness.server.script["/byteranges/all.ts"] = .deciding { _, request in
                request.range?.hasPrefix(range) == true && asked.next() == 0 ? answer : .normal
            }
            let run = await harness.run("/byteranges/index.m3u8")
            #expect(run.isComplete, "\(name): \(run.message)")
            let isSame = try await Gold.shared.bytes("/byteranges/index.m3u8") == harness.scratch.bytes("out.mp4")
            #expect(isSame, "\(name)")
            #expect(asked.next() > 0, "the answer was given")
            ReliabilityLog.add(
                "F18",
                "a byte range of the playlist is answered with \(name)",
                [0: Place.first, 3: .middle, 5: .last][segment, default: .first].rawValue,
                promised: Promise.same().text,
                shown: isSame ? Promise.same().text : "the output differs"
            )
        }
    }
}
