import OriginServer
import Remux
import Testing

/// What becomes of formats that change, seen from the session; the media themselves are compared by changecheck.py.
@Suite struct FormatChangeTests {
    @Test("several files: all have their names, the summary lists them, each with its start and tracks")
    func files() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/changes/everything.m3u8") { $0.formatChange = .split }
        #expect(run.isComplete, "\(run.message)")
        #expect(harness.scratch.names == ["out-2.mp4", "out-3.mp4", "out.mp4"])
        let files = run.summary.files
        #expect(files.map { $0.path.split(separator: "/").last } == ["out.mp4", "out-2.mp4", "out-3.mp4"])
        #expect(files.map { $0.tracks.map(\.codec) } == [["h264", "aac"], ["hevc", "ac3"], ["h264", "aac"]])
        for (file, name) in zip(files, ["out.mp4", "out-2.mp4", "out-3.mp4"]) {
            #expect(file.byteCount == UInt64(harness.scratch.bytes(name).count))
        }
        for (file, next) in zip(files, files.dropFirst()) {
            #expect(abs(file.startSeconds + file.durationSeconds - next.startSeconds) < 0.1)
        }
        #expect(abs(run.summary.durationSeconds - 8) < 0.1)
        #expect(run.summary.outputBytes == files.reduce(0) { $0 + $1.byteCount })
        #expect(run.summary.warnings.count { $0.contains("the next file begins") } == 4)
    }

    @Test("nothing changes: one file, and none is listed")
    func oneFile() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let clean = try await harness.clean("/clear/index.m3u8")
        let run = await harness.run("/clear/index.m3u8") { $0.formatChange = .split }
        #expect(run.isComplete)
        #expect(run.summary.files.isEmpty)
        let isSame = harness.scratch.bytes("out.mp4") == clean
        #expect(isSame)
    }

    @Test(
        "a change that one track cannot hold is named with its place and what would do",
        arguments: [
            ("rate", "aac 48000 Hz, 1 channels to aac 44100 Hz"), ("sound-codec", "to ac3"),
            ("picture-codec", "to hevc"),
            ("sound-begins", "an audio track"),
        ]
    )
    func refused(_ stream: String, _ text: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/changes/\(stream).m3u8")
        #expect(run.code == .media)
        #expect(run.message.contains("Media Segment 3"))
        #expect(run.message.contains(text))
        #expect(run.message.contains("--on-format-change split"))
        #expect(run.error?.context.mediaSequenceNumber == 3)
        #expect(harness.scratch.names == ["out.mp4.part"])
    }

    @Test("a failure behind a cut: no file has its name, all that was written stays as .part")
    func failure() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/changes/rate/1.ts"] = .always(.status(404))
        let run = await harness.run("/changes/rate.m3u8") { $0.formatChange = .split }
        #expect(run.code == .incomplete)
        #expect(harness.scratch.names == ["out-2.mp4.part", "out.mp4.part"])
        for name in harness.scratch.names {
            let types = Boxes.types(harness.scratch.bytes(name))
            #expect(types.first == "ftyp" && types.contains("moov") && types.contains("moof"))
            #expect(!types.contains("(cut)"))
        }
    }

    @Test("names that are taken: refused before anything is fetched, replaced where that is wanted")
    func taken() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write([1], to: "out-2.mp4")
        let refused = await harness.run("/changes/rate.m3u8") { $0.formatChange = .split }
        #expect(refused.code == .output)
        #expect(refused.message.contains("out-2.mp4 exists"))
        #expect(harness.server.requests(for: "/changes/rate.m3u8").isEmpty)
        #expect(harness.scratch.names == ["out-2.mp4"])
        let replaced = await harness.run("/changes/rate.m3u8") {
            $0.formatChange = .split
            $0.overwrites = true
        }
        #expect(replaced.isComplete, "\(replaced.message)")
        #expect(harness.scratch.bytes("out-2.mp4").count > 1000)
    }

    @Test("only a file can be split, and neither chapters nor copied segments go with it")
    func refusals() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let store = Store()
        let run = await harness.run("/changes/rate.m3u8", output: .custom { PipeSink(store) }) {
            $0.formatChange = .split
        }
        #expect(run.code == .output)
        #expect(run.message.contains("only a file can be split"))
        for change: @Sendable (inout RemuxConfiguration) -> Void in [
            { $0.takesChapters = true }, { $0.container = .copy },
        ] {
            let run = await harness.run("/changes/rate.m3u8") {
                $0.formatChange = .split
                change(&$0)
            }
            #expect(run.code == .configuration)
        }
        #expect(harness.scratch.names.isEmpty)
    }

    @Test("a part of a stream that changes: its end and its start in the right files")
    func clip() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/changes/rate.m3u8") {
            $0.formatChange = .split
            $0.timeRange = .init(start: .mediaTime(.seconds(2)), end: .at(.mediaTime(.seconds(4))))
        }
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.files.count == 2)
        for file in run.summary.files { #expect(abs(file.durationSeconds - 1) < 0.1) }
    }

    @Test("the bytes of split files do not depend on the network's order")
    func deterministic() async throws {
        let (first, second) = (try SessionHarness(), try SessionHarness())
        defer {
            first.server.stop()
            second.server.stop()
        }
        _ = await first.run("/changes/separate.m3u8") {
            $0.formatChange = .split; $0.jobs = 1
        }
        _ = await second.run("/changes/separate.m3u8") {
            $0.formatChange = .split; $0.jobs = 10
        }
        #expect(first.scratch.names == ["out-2.mp4", "out.mp4"])
        for name in first.scratch.names {
            let isSame = first.scratch.bytes(name) == second.scratch.bytes(name)
            #expect(isSame)
        }
    }
}
