import OriginServer
import Remux
import Testing

/// Subtitles beside video and audio, and what happens when they fail. Cue times are compared in Tests/tools/endtoend.py.
@Suite struct SubtitleTests {
    private static let path = "/subtitles/index.m3u8"

    private struct Outcome {
        var run: SessionHarness.Run
        var names: [String]
        var files: [String: [UInt8]]

        func text(_ name: String) -> String { String(decoding: files[name] ?? [], as: UTF8.self) }
    }

    private func run(
        output: RemuxConfiguration.Output? = nil,
        _ change: (inout RemuxConfiguration) -> Void = { _ in },
        _ script: (OriginServer) -> Void = { _ in }
    ) async throws -> Outcome {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        script(harness.server)
        let run = await harness.run(Self.path, output: output) { configuration in
            configuration.selection.subtitles = .all
            change(&configuration)
        }
        let names = harness.scratch.names
        return Outcome(
            run: run,
            names: names,
            files: Dictionary(names.map { ($0, harness.scratch.bytes($0)) }, uniquingKeysWith: { first, _ in first })
        )
    }

    @Test("text tracks with the languages of their Renditions; the same bytes each time")
    func tracks() async throws {
        let first = try await run()
        #expect(first.run.isComplete, "\(first.run.message)")
        #expect(first.run.summary.tracks.map(\.kind) == [.video, .audio, .subtitles, .subtitles])
        #expect(first.run.summary.tracks.map(\.language) == [nil, "en", "en", "de"])
        #expect(first.names == ["out.mp4"])
        // Slow subtitles change nothing: what is written depends on media time alone.
        let second = try await run({ _ in }) { server in
            for number in 0..<5 {
                server.script["/subtitles/subtitles-en/\(number).vtt"] = .always(.delay(.milliseconds(60)))
            }
        }
        let isSame = first.files["out.mp4"] == second.files["out.mp4"]
        #expect(isSame)
    }

    @Test("without --subtitles none are taken")
    func none() async throws {
        let outcome = try await run { $0.selection.subtitles = .none }
        #expect(outcome.run.summary.tracks.map(\.kind) == [.video, .audio])
        // Neither Rendition is DEFAULT.
        let unmarked = try await run { $0.selection.subtitles = .default }
        #expect(unmarked.run.summary.tracks.map(\.kind) == [.video, .audio])
        let missing = try await run { $0.selection.subtitles = .matching([.language("fr")]) }
        #expect(
            missing.run.code == .playlistRefused && missing.run.message.contains("--subtitles"),
            "\(missing.run.message)"
        )
    }

    static let faults: [(String, Answer)] = [
        ("status 404", .status(404)), ("an HTML page", .body(Array("<!DOCTYPE html><p>gone".utf8))),
        ("a playlist", .body(Array("#EXTM3U\n".utf8))), ("noise", .body([0xFF, 0xD8, 0, 1, 2, 3, 4, 5])),
        ("fragmented MP4", .body([0, 0, 0, 8] + Array("styp".utf8))),
    ]

    @Test("a lost segment: video and audio are whole and named, the session is incomplete", arguments: faults)
    func lost(_ name: String, _ plan: Answer) async throws {
        let clean = try await run({ $0.selection.subtitles = .none })
        let outcome = try await run({ _ in }) { $0.script["/subtitles/subtitles-en/1.vtt"] = .always(plan) }
        #expect(outcome.run.code == .incomplete, "\(outcome.run.message)")
        #expect(outcome.names == ["out.mp4"])
        #expect(outcome.run.summary.subtitleGaps.map(\.mediaSequenceNumber) == [1])
        #expect(outcome.run.summary.lostSegmentCount == 0)
        #expect(outcome.run.summary.warnings.contains { $0.contains("English") && $0.contains("Media Segment 1") })
        let samples = { (run: SessionHarness.Run) in run.summary.tracks.prefix(2).map(\.sampleCount) }
        #expect(samples(outcome.run) == samples(clean.run))
    }

    @Test("where nothing comes, the rest is not tried: video and audio do not wait for it")
    func givesUp() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        var lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1"]
        for number in 0..<40 { lines += ["#EXTINF:0.25,", "none-\(number).vtt"] }
        harness.server["/subtitles/subtitles-de/index.m3u8"] = Array(
            (lines + ["#EXT-X-ENDLIST"]).joined(separator: "\n").utf8
        )
        let run = await harness.run(Self.path) {
            $0.selection.subtitles = .all
            $0.jobs = 1
        }
        #expect(run.code == .incomplete)
        #expect(run.summary.subtitleGaps.count == 5)
        #expect(run.summary.warnings.contains { $0.contains("5 segments in a row") })
        #expect(harness.scratch.names == ["out.mp4"])
    }

    @Test("a Media Initialization Section that holds the header; one of fragmented MP4 that cannot be read is refused")
    func initializationSection() async throws {
        let playlist = """
            #EXTM3U
            #EXT-X-TARGETDURATION:10
            #EXT-X-MAP:URI="header.vtt"
            #EXTINF:10,
            body.vtt
            #EXT-X-ENDLIST
            """
        for (header, isTaken) in [
            (Array("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00.000,MPEGTS:900000\n".utf8), true),
            ([0, 0, 0, 8] + Array("ftyp".utf8), false),
        ] {
            let outcome = try await run({
                $0.sidecar = .subRip
                $0.selection.video = .none
                $0.selection.audio = .none
            }) { server in
                server["/subtitles/subtitles-de/index.m3u8"] = Array(playlist.utf8)
                server["/subtitles/subtitles-de/header.vtt"] = header
                server["/subtitles/subtitles-de/body.vtt"] = Array("00:01.000 --> 00:02.000\nbody\n".utf8)
            }
            if isTaken {
                #expect(outcome.run.isComplete, "\(outcome.run.message)")
                #expect(outcome.text("out.de.forced.srt") == "1\n00:00:01,000 --> 00:00:02,000\nbody\n\n")
            } else {
                #expect(
                    outcome.run.code == .playlistRefused && outcome.run.message.contains("moov"),
                    "\(outcome.run.message)"
                )
            }
        }
    }

    @Test("a Media Playlist of subtitles")
    func mediaPlaylist() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/subtitles/subtitles-en/index.m3u8") {
            $0.selection.video = .none
            $0.selection.audio = .none
            $0.selection.subtitles = .all
            $0.sidecar = .webVTT
        }
        #expect(run.isComplete, "\(run.message)")
        #expect(harness.scratch.names == ["out.und.vtt"])
        let refused = await harness.run("/clear/index.m3u8") { $0.selection.subtitles = .matching([.language("en")]) }
        #expect(refused.code == .playlistRefused && refused.message.contains("--subtitles"), "\(refused.message)")
    }

    @Test("a playlist of subtitles that is not there")
    func unreachable() async throws {
        let outcome = try await run({ _ in }) {
            $0.script["/subtitles/subtitles-de/index.m3u8"] = .always(.status(404))
        }
        #expect(outcome.run.code == .playlistUnreachable)
    }

    @Test("files beside the output, and none of a failed session under their names")
    func sidecars() async throws {
        let outcome = try await run { $0.sidecar = .webVTT }
        #expect(outcome.run.isComplete, "\(outcome.run.message)")
        #expect(outcome.names == ["out.de.forced.vtt", "out.en.vtt", "out.mp4"])
        #expect(outcome.run.summary.sidecars.map(\.cueCount) == [8, 2])
        #expect(outcome.run.summary.tracks.map(\.kind) == [.video, .audio])
        #expect(outcome.text("out.en.vtt").hasPrefix("WEBVTT\n\n1\n00:00:00.200 --> 00:00:01.000 line:0 align:start\n"))
        let failed = try await run({ $0.sidecar = .subRip }) {
            $0.script["/subtitles/v3/a1.ts"] = .always(.status(404))
        }
        #expect(failed.run.code == .incomplete)
        #expect(failed.names.allSatisfy { $0.hasSuffix(".part") } && !failed.names.isEmpty, "\(failed.names)")
    }

    @Test("subtitles alone")
    func alone() async throws {
        let outcome = try await run {
            $0.sidecar = .subRip
            $0.selection.video = .none
            $0.selection.audio = .none
        }
        #expect(outcome.run.isComplete, "\(outcome.run.message)")
        #expect(outcome.names == ["out.de.forced.srt", "out.en.srt"])
        #expect(
            outcome.text("out.de.forced.srt").hasPrefix(
                "1\n00:00:01,000 --> 00:00:02,000\nSchild: Zürich\n\n2\n00:00:07"
            )
        )
        let track = try await run {
            $0.selection.video = .none
            $0.selection.audio = .none
        }
        #expect(track.run.summary.tracks.map(\.kind) == [.subtitles, .subtitles], "\(track.run.message)")
    }

    @Test("a file that is there already is not replaced, and nothing is left behind")
    func exists() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write([1], to: "out.de.forced.vtt")
        let run = await harness.run(Self.path) {
            $0.selection.subtitles = .all
            $0.sidecar = .webVTT
        }
        #expect(run.code == .output && run.message.contains("out.de.forced.vtt"), "\(run.message)")
        #expect(harness.scratch.names == ["out.de.forced.vtt"])
    }

    @Test("no files beside what is no file")
    func noFile() async throws {
        let outcome = try await run(output: .custom { PipeSink(Store()) }) { $0.sidecar = .webVTT }
        #expect(outcome.run.code == .output && outcome.run.message.contains("-o"), "\(outcome.run.message)")
    }

    @Test("encrypted with AES-128; compressed by the server")
    func encryptedAndCompressed() async throws {
        let (ciphertext, key) = Self.encrypted
        let outcome = try await run({ $0.sidecar = .subRip }) { server in
            server["/subtitles/subtitles-de/index.m3u8"] = Array(
                """
                #EXTM3U
                #EXT-X-TARGETDURATION:10
                #EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x00000000000000000000000000000000
                #EXTINF:10,
                cipher.vtt
                #EXT-X-KEY:METHOD=NONE
                #EXTINF:10,
                packed.vtt
                #EXT-X-ENDLIST
                """.utf8
            )
            server["/subtitles/subtitles-de/key"] = key
            server["/subtitles/subtitles-de/cipher.vtt"] = ciphertext
            server["/subtitles/subtitles-de/packed.vtt"] = Self.compressed
            server.script["/subtitles/subtitles-de/packed.vtt"] = .always(.header("Content-Encoding", "gzip"))
        }
        #expect(outcome.run.isComplete, "\(outcome.run.message)")
        let text = outcome.text("out.de.forced.srt")
        #expect(text.contains("\nsecret\n\n") && text.contains("\npacked\n\n"), "\(text)")
        #expect(outcome.run.summary.sidecars.last?.cueCount == 2)
    }

    /// `WEBVTT` and the cue `secret` from 1 to 2 s, encrypted with `openssl enc -aes-128-cbc` and an IV of zeros; the key.
    private static let encrypted: ([UInt8], [UInt8]) = (
        [
            0xB2, 0x19, 0x31, 0xE4, 0xCE, 0x4B, 0x5D, 0x33, 0xA1, 0x23, 0x46, 0x49, 0xD1, 0x7A, 0xA5, 0x0E,
            0xF9, 0x09, 0x97, 0x89, 0x5B, 0x35, 0x93, 0x5B, 0xC0, 0xEA, 0x51, 0x35, 0x14, 0x02, 0x2E, 0xB9,
            0x4A, 0x23, 0xEA, 0x40, 0x22, 0xCE, 0x57, 0x2B, 0xD7, 0x88, 0x97, 0x7E, 0x7D, 0xF4, 0x76, 0x37,
        ], Array(0..<16)
    )
    /// The same with the cue `packed`, compressed with gzip.
    private static let compressed: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x0B, 0x77, 0x75, 0x0A, 0x0B, 0x09,
        0xE1, 0xE2, 0x32, 0x30, 0xB0, 0x32, 0x30, 0xD4, 0x33, 0x30, 0x30, 0x50, 0xD0, 0xD5, 0xB5, 0x53,
        0x00, 0xF1, 0x8C, 0x40, 0x3C, 0xAE, 0x82, 0xC4, 0xE4, 0xEC, 0xD4, 0x14, 0x2E, 0x00, 0x7B, 0xFF,
        0xD6, 0xF2, 0x27, 0x00, 0x00, 0x00,
    ]
}
