import OriginServer
import Remux
import Testing

/// Containers other than MP4. Packets and times are compared in Tests/tools/endtoend.py.
@Suite struct ContainerTests {
    private struct Outcome {
        var run: SessionHarness.Run
        var names: [String]
        var bytes: [UInt8]
        var hits: Int
    }

    private func run(
        _ path: String,
        _ container: RemuxConfiguration.Container,
        name: String = "out",
        _ change: (inout RemuxConfiguration) -> Void = { _ in },
        script: (OriginServer) -> Void = { _ in }
    ) async throws -> Outcome {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        script(harness.server)
        let run = await harness.run(path, output: .file(path: harness.scratch.path + "/" + name)) {
            $0.container = container
            change(&$0)
        }
        let names = harness.scratch.names
        let segments = harness.server.requests.filter { !$0.path.contains(".m3u8") }.count
        return Outcome(run: run, names: names, bytes: names.first.map(harness.scratch.bytes) ?? [], hits: segments)
    }

    private func files(_ folder: String, _ names: [String]) -> [UInt8] {
        names.flatMap { Files.bytes(Files.fixtures + "/\(folder)/\($0)") }
    }

    // MARK: - Copy

    static let copies: [(path: String, name: String, folder: String, files: [String])] = [
        ("clear", "out.ts", "clear", (0..<6).map { "00\($0).ts" }),
        ("aes128-explicit-iv", "out.ts", "clear", (0..<6).map { "00\($0).ts" }),
        ("fmp4", "out.mp4", "fmp4", ["init.mp4", "0.m4s", "1.m4s", "2.m4s"]),
        ("fmp4-aes128", "out.mp4", "fmp4", ["init.mp4", "0.m4s", "1.m4s", "2.m4s"]),
        (
            "fmp4-maps", "out.mp4", "fmp4-maps",
            ["0-init.mp4", "0-0.m4s", "0-1.m4s", "0-2.m4s", "1-init.mp4", "1-0.m4s", "1-1.m4s", "2-init.mp4"]
                + ["2-0.m4s", "2-1.m4s", "2-2.m4s"]
        ),
        ("packed-mp3", "out.mp3", "packed-mp3", ["0.mp3", "1.mp3", "2.mp3"]),
        ("discontinuity", "out.ts", "discontinuity", ["a0.ts", "a1.ts", "a2.ts", "b0.ts", "b1.ts", "b2.ts"]),
        ("ts-192", "out.m2ts", "ts-192", ["0.ts", "1.ts", "2.ts"]),
    ]

    @Test("copy: the decrypted segments, named by what they hold", arguments: copies.indices)
    func copy(_ index: Int) async throws {
        let row = Self.copies[index]
        let outcome = try await run("/\(row.path)/index.m3u8", .copy) { $0.addsExtension = true }
        #expect(outcome.run.isComplete, "\(outcome.run.message)")
        #expect(outcome.names == [row.name])
        let isSame = outcome.bytes == files(row.folder, row.files)
        #expect(isSame)
        let jumps = outcome.run.summary.warnings.filter { $0.contains("timestamps") }.count
        #expect(jumps == (row.path == "discontinuity" ? 1 : 0))
        #expect(outcome.run.summary.copiedSeconds > 1)
    }

    @Test("copy to a pipe gives the same bytes, and an image in front is not copied")
    func copyToPipe() async throws {
        let store = Store()
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/disguised-png/index.m3u8", output: .custom { PipeSink(store) }) {
            $0.container = .copy
        }
        #expect(run.isComplete, "\(run.message)")
        let bytes = store.bytes
        #expect(bytes.first == 0x47 && bytes.count.isMultiple(of: 188))
    }

    static let refusals:
        [(path: String, container: RemuxConfiguration.Container, code: RemuxError.Code, says: String)] = [
            ("separate-audio", .copy, .playlistRefused, "--audio none"),
            ("sample-aes-ts", .copy, .playlistRefused, "encrypted samples"),
            ("cbcs/protected-video", .copy, .playlistRefused, "encrypted samples"),
            ("fmp4-vp9", .ts, .media, "--format mp4 or mkv can"), ("fmp4-av1", .mov, .media, "av1"),
            ("video-only", .m4a, .media, "nothing that can be used"),
        ]

    @Test("what a container cannot hold is said, and nothing is left", arguments: refusals.indices)
    func refused(_ index: Int) async throws {
        let row = Self.refusals[index]
        let outcome = try await run("/\(row.path)" + (row.path.contains("/") ? ".m3u8" : "/index.m3u8"), row.container)
        #expect(outcome.run.code == row.code, "\(outcome.run.message)")
        #expect(outcome.run.message.contains(row.says), "\(outcome.run.message)")
        #expect(outcome.names == [])
        if row.code == .playlistRefused { #expect(outcome.hits == 0) }
    }

    @Test("subtitles in ts, TTML in mkv: refused before a segment is fetched")
    func refusedSubtitles() async throws {
        let inTS = try await run("/subtitles/index.m3u8", .ts) { $0.selection.subtitles = .all }
        #expect(inTS.run.code == .playlistRefused && inTS.run.message.contains("--sidecar"), "\(inTS.run.message)")
        let inMKV = try await run("/subtitles-mp4/index.m3u8", .mkv) { $0.selection.subtitles = .all }
        #expect(inMKV.run.code == .playlistRefused && inMKV.run.message.contains("stpp"), "\(inMKV.run.message)")
        #expect(inTS.hits == 0)
    }

    @Test(
        "a lost segment of a copy: the rest, and status 5; one that is cut leaves no half box",
        arguments: ["clear", "fmp4"]
    )
    func copyWithGap(_ stream: String) async throws {
        let names = stream == "clear" ? (0..<6).map { "00\($0).ts" } : ["init.mp4", "0.m4s", "1.m4s", "2.m4s"]
        let lost = stream == "clear" ? "001.ts" : "1.m4s"
        let outcome = try await run("/\(stream)/index.m3u8", .copy) {
            $0.missingSegments = .gap
        } script: { server in
            server.script["/\(stream)/\(lost)"] = .always(.status(404))
        }
        #expect(outcome.run.code == .incomplete)
        let isSame = outcome.bytes == files(stream, names.filter { $0 != lost })
        #expect(isSame)
    }

    // MARK: - All

    @Test("the same bytes each time", arguments: [RemuxConfiguration.Container.mkv, .ts, .mov, .m4a])
    func deterministic(_ container: RemuxConfiguration.Container) async throws {
        let first = try await run("/discontinuity/index.m3u8", container) { $0.takesChapters = true }
        #expect(first.run.isComplete, "\(first.run.message)")
        let second = try await run("/discontinuity/index.m3u8", container) {
            $0.takesChapters = true
        } script: { server in
            server.script["/discontinuity/a1.ts"] = .always(.delay(.milliseconds(50)))
        }
        let isSame = first.bytes == second.bytes
        #expect(isSame && !first.bytes.isEmpty)
        #expect(first.names == ["out"])
    }

    @Test("a stopped recording keeps whole clusters and packets", arguments: [RemuxConfiguration.Container.mkv, .ts])
    func stopped(_ container: RemuxConfiguration.Container) async throws {
        let outcome = try await run(
            "/clear/index.m3u8",
            container,
            script: { server in
                server.script["/clear/004.ts"] = .always(.status(404))
            }
        )
        #expect(outcome.run.code == .incomplete)
        #expect(outcome.names == ["out.part"])
        #expect(outcome.bytes.count > 60_000)
        if container == .ts { #expect(outcome.bytes.count.isMultiple(of: 188)) }
    }
}
