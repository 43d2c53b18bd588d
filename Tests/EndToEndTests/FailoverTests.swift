import OriginServer
import Remux
import Testing

/// Redundant Variant Streams: what one server cannot bring comes from another.
@Suite struct FailoverTests {
    private static let names = (0..<6).map { "00\($0).ts" }

    /// Two servers with the same stream, and a playlist of both.
    private struct Pair {
        let harness: SessionHarness
        let second = OriginServer(root: Files.fixtures)
        var first: OriginServer { harness.server }

        init(_ folder: String = "/clear", second other: String? = nil) throws {
            harness = try SessionHarness()
            try second.start()
            let tag = #"#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS="avc1.64000d,mp4a.40.2",RESOLUTION=320x180"#
            let playlists = [first.url(folder + "/index.m3u8"), second.url((other ?? folder) + "/index.m3u8")]
            harness.server["/master.m3u8"] = Array(
                ("#EXTM3U\n" + playlists.map { "\(tag)\n\($0)\n" }.joined()).utf8
            )
        }

        func stop() {
            first.stop()
            second.stop()
        }

        func run(_ change: (inout RemuxConfiguration) -> Void = { _ in }) async -> SessionHarness.Run {
            await harness.run("/master.m3u8", change)
        }

        func isClean(_ folder: String = "/clear") async throws -> Bool {
            try await harness.scratch.bytes("out.mp4") == harness.clean(folder + "/index.m3u8")
        }
    }

    struct Death: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var segments: [Int]
        var script: Script
    }

    /// The first answer breaks off within the body, later ones bring nothing.
    private static func cutThenDead(_ bytes: Int) -> Script { Script([.cut(after: bytes)], then: .status(503)) }

    static let deaths = [
        Death(testDescription: "the first segment", segments: [0], script: .always(.status(404))),
        Death(testDescription: "one in the middle", segments: [3], script: .always(.status(404))),
        Death(testDescription: "the last", segments: [5], script: .always(.status(403))),
        Death(testDescription: "everything", segments: [0, 1, 2, 3, 4, 5], script: .always(.unanswered)),
        Death(testDescription: "everything from one on", segments: [2, 3, 4, 5], script: .always(.unanswered)),
        Death(testDescription: "within the first body", segments: [0], script: cutThenDead(20_000)),
        Death(testDescription: "within a body in the middle", segments: [3], script: cutThenDead(20_000)),
        Death(testDescription: "within every body", segments: [0, 1, 2, 3, 4, 5], script: cutThenDead(20_001)),
        Death(testDescription: "an error page", segments: [4], script: .always(.body("<html>no</html>"))),
    ]

    @Test("the output is that of an undisturbed run", arguments: deaths, [1, 10])
    func death(_ row: Death, _ jobs: Int) async throws {
        let pair = try Pair()
        defer { pair.stop() }
        for segment in row.segments { pair.first.script["/clear/" + Self.names[segment]] = row.script }
        let run = await pair.run { $0.jobs = jobs }
        #expect(run.isComplete, "\(run.message)")
        #expect(try await pair.isClean())
        let told = run.summary.warnings.filter { $0.contains(pair.second.baseURL) }
        #expect(told.count == 1, "\(run.summary.warnings)")
        #expect(run.summary.gaps.isEmpty)
    }

    @Test("where another server has the segment, the first is not asked with all retries")
    func brief() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        pair.first.script["/clear/003.ts"] = .always(.status(503))
        let run = await pair.run { $0.jobs = 1 }
        #expect(run.isComplete, "\(run.message)")
        #expect(pair.first.requests(for: "/clear/003.ts").count == 3)
    }

    @Test("where that one fails too, the first is asked with all retries")
    func patient() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        // Comes with the sixth request: later than a short time, sooner than the end of patience.
        pair.first.script["/clear/003.ts"] = Script(Array(repeating: .status(503), count: 5))
        pair.second.script["/clear/003.ts"] = .always(.status(404))
        let run = await pair.run { $0.jobs = 1 }
        #expect(run.isComplete, "\(run.message)")
        #expect(try await pair.isClean())
    }

    @Test("nothing is asked of the redundant server while the first one answers")
    func undisturbed() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        #expect(await pair.run().isComplete)
        #expect(pair.second.requests.isEmpty)
    }

    @Test("a server that failed is not asked for the segments behind")
    func penalised() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        pair.first.script["/clear/002.ts"] = .always(.status(503))
        let run = await pair.run { $0.jobs = 1 }
        #expect(run.isComplete, "\(run.message)")
        let asked = pair.first.requests.map(\.path)
        #expect(asked.contains("/clear/001.ts") && !asked.contains("/clear/003.ts"), "\(asked)")
        #expect(pair.second.requests.map(\.path).first == "/clear/index.m3u8")
        #expect(pair.second.requests(for: "/clear/index.m3u8").count == 1)
    }

    @Test("what the second server lacks is asked of the failed one, but not with all retries")
    func secondChance() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        for name in ["002.ts", "004.ts"] { pair.first.script["/clear/" + name] = .always(.status(503)) }
        pair.second.script["/clear/004.ts"] = .always(.status(410))
        let run = await pair.run { $0.jobs = 1 }
        #expect(run.code == .incomplete)
        #expect(run.message.contains("410"), "\(run.message)")
        #expect(pair.first.requests(for: "/clear/002.ts").count == 3)
        #expect(pair.first.requests(for: "/clear/004.ts").count == 2)
    }

    @Test("both servers have gaps of their own: each brings what it has")
    func alternate() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        for name in ["000.ts", "003.ts"] { pair.first.script["/clear/" + name] = .always(.status(404)) }
        for name in ["001.ts", "002.ts", "005.ts"] { pair.second.script["/clear/" + name] = .always(.status(404)) }
        for jobs in [1, 6] {
            let run = await pair.run {
                $0.jobs = jobs
                $0.overwrites = true
            }
            #expect(run.isComplete, "\(run.message)")
            #expect(try await pair.isClean())
        }
    }

    @Test("the redundant stream may be encrypted with a key of its own, and the first one too")
    func encrypted() async throws {
        for (first, second) in [("/clear", "/aes128-explicit-iv"), ("/aes128-explicit-iv", "/clear")] {
            for script in [Script.always(.status(404)), Self.cutThenDead(20_000)] {
                let pair = try Pair(first, second: second)
                defer { pair.stop() }
                pair.first.script[first + "/003.ts"] = script
                let run = await pair.run()
                #expect(run.isComplete, "\(run.message)")
                #expect(try await pair.isClean())
            }
        }
    }

    @Test("a key that cannot be loaded from the first server", arguments: [403, 503])
    func key(_ status: Int) async throws {
        let pair = try Pair("/aes128-explicit-iv")
        defer { pair.stop() }
        pair.first.script["/aes128-explicit-iv/key.bin"] = .always(.status(status))
        let run = await pair.run()
        #expect(run.isComplete, "\(run.message)")
        #expect(try await pair.isClean())
    }

    @Test("a Media Initialization Section that cannot be had from the first server", arguments: [1, 10])
    func initializationSection(_ jobs: Int) async throws {
        let pair = try Pair()
        defer { pair.stop() }
        let text = Files.text(Files.fixtures + "/clear/index.m3u8")
            .replacing("#EXT-X-PLAYLIST-TYPE", with: "#EXT-X-MAP:URI=\"init.ts\"\n#EXT-X-PLAYLIST-TYPE")
            .replacing("VERSION:3", with: "VERSION:6")
        for server in [pair.first, pair.second] {
            server["/clear/index.m3u8"] = Array(text.utf8)
            // Program Association and Program Map (the first packet is a service description).
            server["/clear/init.ts"] = Array(Files.bytes(Files.fixtures + "/clear/000.ts").prefix(3 * 188))
        }
        let clean = await pair.run { $0.jobs = jobs }
        #expect(clean.isComplete, "\(clean.message)")
        let expected = pair.harness.scratch.bytes("out.mp4")
        pair.first.script["/clear/init.ts"] = .always(.status(404))
        let run = await pair.run {
            $0.jobs = jobs
            $0.overwrites = true
        }
        #expect(run.isComplete, "\(run.message)")
        let isSame = pair.harness.scratch.bytes("out.mp4") == expected
        #expect(isSame)
    }

    // MARK: - What is not joined

    @Test("other bytes where some were handed on already: the segment is lost, and nothing wrong is in the file")
    func otherBytes() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        pair.first.script["/clear/003.ts"] = Self.cutThenDead(20_000)
        pair.second["/clear/003.ts"] = Files.bytes(Files.fixtures + "/clear/002.ts")
        let run = await pair.run { $0.jobs = 1 }
        #expect(run.code == .incomplete)
        // The first cause is named.
        #expect(run.message.contains("Media Segment 3") && run.message.contains("503"), "\(run.message)")
    }

    @Test(
        "a playlist that does not match is not used, and that is said",
        arguments: ["EXTINF", "DISCONTINUITY", "live", "none"]
    )
    func noMatch(_ kind: String) async throws {
        let pair = try Pair()
        defer { pair.stop() }
        pair.first.script["/clear/003.ts"] = .always(.status(404))
        let text = Files.text(Files.fixtures + "/clear/index.m3u8")
        let other: String =
            switch kind {
            case "EXTINF": text.replacing("#EXTINF:1", with: "#EXTINF:0.9")
            case "DISCONTINUITY": text.replacing("002.ts", with: "002.ts\n#EXT-X-DISCONTINUITY")
            case "live": text.replacing("#EXT-X-ENDLIST", with: "").replacing("#EXT-X-PLAYLIST-TYPE:VOD", with: "")
            default: "<html>"
            }
        pair.second["/clear/index.m3u8"] = Array(other.utf8)
        let run = await pair.run()
        #expect(run.code == .incomplete)
        #expect(run.message.contains("Media Segment 3") && run.message.contains("404"), "\(run.message)")
        #expect(run.summary.warnings.contains { $0.contains(pair.second.baseURL) }, "\(run.summary.warnings)")
    }

    @Test(
        "all servers fail: the first cause is named; with --on-missing gap the rest is there",
        arguments: [false, true]
    )
    func allFail(_ keepsGap: Bool) async throws {
        let pair = try Pair()
        defer { pair.stop() }
        pair.first.script["/clear/003.ts"] = .always(.status(404))
        pair.second.script["/clear/003.ts"] = .always(.status(410))
        let run = await pair.run { $0.missingSegments = keepsGap ? .gap : .fail }
        #expect(run.code == .incomplete)
        if keepsGap {
            #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [3])
            #expect(run.summary.gaps.first?.cause.contains("404") == true)
            #expect(run.summary.segmentCount == 5)
        } else {
            #expect(run.message.contains("404"), "\(run.message)")
        }
    }

    @Test("a wrong key is no matter of the server: nothing else is asked")
    func wrongKey() async throws {
        let pair = try Pair("/aes128-explicit-iv")
        defer { pair.stop() }
        pair.first.script["/aes128-explicit-iv/key.bin"] = .always(.body([UInt8](repeating: 7, count: 16)))
        let run = await pair.run()
        #expect(run.code == .key)
        #expect(pair.second.requests.isEmpty)
    }

    // MARK: - At the start

    @Test("a Media Playlist that cannot be loaded at the start", arguments: ["404", "page", "silence"])
    func start(_ kind: String) async throws {
        let pair = try Pair()
        defer { pair.stop() }
        let answer: Answer = kind == "404" ? .status(404) : kind == "page" ? .body("<html>") : .unanswered
        pair.first.script["/clear/index.m3u8"] = .always(answer)
        let run = await pair.run()
        #expect(run.isComplete, "\(run.message)")
        #expect(try await pair.isClean())
        #expect(run.summary.warnings.contains { $0.contains(pair.second.baseURL) }, "\(run.summary.warnings)")
        pair.second.script["/clear/index.m3u8"] = .always(.status(410))
        let none = await pair.run { $0.overwrites = true }
        #expect(none.code == (kind == "page" ? .playlistRefused : .playlistUnreachable))
        #expect(none.message.contains(pair.first.baseURL), "\(none.message)")
    }

    @Test("a Rendition fails over for itself, at the start and in the middle")
    func renditions() async throws {
        let pair = try Pair()
        defer { pair.stop() }
        let media = #"#EXT-X-MEDIA:TYPE=AUDIO,NAME="English",LANGUAGE="en",DEFAULT=YES"#
        let tag = #"#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64000d,mp4a.40.2""#
        pair.first["/master.m3u8"] = Array(
            """
            #EXTM3U
            \(media),GROUP-ID="a",URI="audio-only/index.m3u8"
            \(media),GROUP-ID="b",URI="\(pair.second.url("/audio-only/index.m3u8"))"
            \(tag),AUDIO="a"
            video-only/index.m3u8
            \(tag),AUDIO="b"
            \(pair.second.url("/video-only/index.m3u8"))
            """.utf8
        )
        let clean = await pair.run()
        #expect(clean.isComplete, "\(clean.message)")
        let expected = pair.harness.scratch.bytes("out.mp4")
        pair.first.script["/audio-only/003.ts"] = .always(.status(404))
        let middle = await pair.run { $0.overwrites = true }
        #expect(middle.isComplete, "\(middle.message)")
        #expect(pair.second.requests.allSatisfy { $0.path.hasPrefix("/audio-only") })
        let isSame = pair.harness.scratch.bytes("out.mp4") == expected
        #expect(isSame)
        pair.first.script["/audio-only/index.m3u8"] = .always(.status(404))
        let start = await pair.run { $0.overwrites = true }
        #expect(start.isComplete, "\(start.message)")
        let isSameAgain = pair.harness.scratch.bytes("out.mp4") == expected
        #expect(isSameAgain)
    }

    @Test(
        "stopping in the middle of a fail-over ends the session at once",
        .timeLimit(.minutes(1)),
        arguments: ["/clear/index.m3u8", "/clear/001.ts"]
    )
    func stopped(_ path: String) async throws {
        let pair = try Pair()
        defer { pair.stop() }
        pair.first.script["/clear/001.ts"] = .always(.status(404))
        pair.second.script[path] = .always(.normal.stall(at: 100))
        let run = await pair.harness.run("/master.m3u8") {
            $0.jobs = 1
        } cancelWhen: { [second = pair.second] _ in
            !second.requests(for: path).isEmpty
        }
        #expect(!run.isComplete && run.error == nil, "\(run.message)")
        #expect(!run.notes.contains { $0.contains("cannot be used") })
    }
}
