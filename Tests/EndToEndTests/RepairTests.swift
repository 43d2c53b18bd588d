import OriginServer
import Remux
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The flat layout, and `hls2mp4 repair`, with whole sessions.
@Suite struct RepairTests {
    private func repair(
        _ harness: SessionHarness,
        _ name: String = "out.mp4.part",
        _ change: (inout RecordingRepair) -> Void = { _ in }
    ) async throws -> RecordingRepair.Summary {
        var repair = RecordingRepair(path: harness.scratch.path + "/" + name)
        change(&repair)
        return try await repair.run()
    }

    /// What refuses, as code and message.
    private func refusal(
        _ harness: SessionHarness,
        _ name: String = "out.mp4.part",
        _ change: (inout RecordingRepair) -> Void = { _ in }
    ) async -> (code: RemuxError.Code?, message: String) {
        do {
            _ = try await repair(harness, name, change)
            return (nil, "")
        } catch {
            return ((error as? RemuxError)?.code, "\(error)")
        }
    }

    @Test("a flat file has its moov in front, and the same bytes every time")
    func flat() async throws {
        var outputs: [[UInt8]] = []
        for jobs in [1, 10] {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            let run = await harness.run("/clear/index.m3u8") {
                $0.layout = .flat
                $0.jobs = jobs
            }
            #expect(run.isComplete, "\(run.message)")
            #expect(harness.scratch.names == ["out.mp4"])
            let bytes = harness.scratch.bytes("out.mp4")
            #expect(run.summary.outputBytes == UInt64(bytes.count))
            #expect(Boxes.types(bytes).prefix(3) == ["ftyp", "moov", "free"])
            outputs.append(bytes)
        }
        let isSame = outputs[0] == outputs[1]
        #expect(isSame)
    }

    @Test(
        "a stopped run for the flat layout leaves fragments, and is finished in either layout",
        arguments: MP4Layout.allCases
    )
    func stopped(_ layout: MP4Layout) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/clear/004.ts"] = .always(.stall(at: 10_000))
        let run = await harness.run(
            "/clear/index.m3u8",
            { $0.layout = .flat },
            cancelWhen: { $0.positionSeconds > 2.5 }
        )
        guard case .failure(is CancellationError) = run.result else {
            Issue.record("not cancelled: \(run.message)")
            return
        }
        #expect(Boxes.types(harness.scratch.bytes("out.mp4.part")).contains("moof"))
        let summary = try await repair(harness) { $0.layout = layout }
        #expect(harness.scratch.names == ["out.mp4"])
        #expect(summary.layout == layout && summary.path == harness.out && summary.droppedBytes == 0)
        #expect((summary.durationSeconds ?? 0) > 2)
        let types = Boxes.types(harness.scratch.bytes("out.mp4"))
        #expect(types.contains("moof") == (layout == .fragmented))
    }

    @Test("a finished recording under its .part name gets its name; cut off, it is the fragments before the cut")
    func renamed() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let clean = try await harness.clean("/clear/index.m3u8")
        harness.scratch.write(clean, to: "out.mp4.part")
        let whole = try await repair(harness)
        #expect(whole.droppedBytes == 0 && whole.fragmentCount > 2)
        let isSame = harness.scratch.bytes("out.mp4") == clean
        #expect(isSame)
        harness.scratch.write(Array(clean.dropLast(1)), to: "cut.mp4.part")
        let cut = try await repair(harness, "cut.mp4.part")
        #expect(cut.fragmentCount == whole.fragmentCount - 1)
        #expect(cut.droppedBytes + cut.outputBytes == UInt64(clean.count - 1))
        let seconds = ((whole.durationSeconds ?? 0), (cut.durationSeconds ?? 0))
        #expect(seconds.1 > 0 && seconds.1 < seconds.0)
    }

    @Test("what is being written is refused, and goes on")
    func busy() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let clean = try await harness.clean("/clear/index.m3u8")
        harness.server.script["/clear/005.ts"] = .always(.stall(at: 10_000))
        let session = RemuxSession(
            RemuxConfiguration(input: harness.server.url("/clear/index.m3u8"), output: .file(path: harness.out))
        )
        let work = Task { try await session.run() }
        while harness.scratch.bytes("out.mp4.part").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let refusal = await refusal(harness)
        #expect(refusal.code == .output && refusal.message.contains("still being written"), "\(refusal)")
        work.cancel()
        _ = await work.result
        let summary = try await repair(harness)
        #expect(summary.fragmentCount > 0 && summary.outputBytes < UInt64(clean.count))
    }

    @Test("what there is nothing to repair in, or no way to, is refused and left as it is")
    func refusals() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let scratch = harness.scratch
        let clean = try await harness.clean("/clear/index.m3u8")
        scratch.write(clean, to: "done.mp4")
        scratch.write(clean, to: "done.mp4.part")
        scratch.write(Array(clean.prefix(900)), to: "short.mp4.part")
        scratch.write(Array("#EXTM3U\n".utf8), to: "text.part")
        scratch.write([], to: "empty.part")
        symlink("done.mp4", scratch.path + "/link.part")
        mkdir(scratch.path + "/folder.part", 0o755)
        defer { rmdir(scratch.path + "/folder.part") }
        for (name, code, says) in [
            ("done.mp4", RemuxError.Code.media, "nothing to repair"), ("short.mp4.part", .media, "nothing to save"),
            ("text.part", .media, "no MP4"), ("empty.part", .media, "no MP4"),
            ("link.part", .output, "no regular file"),
            ("folder.part", .output, "no regular file"), ("none.part", .output, "No such file"),
            ("done.mp4.part", .output, "-y replaces it"),
        ] {
            let refusal = await refusal(harness, name)
            #expect(refusal.code == code && refusal.message.contains(says), "\(name): \(refusal)")
        }
        let isSame = scratch.bytes("done.mp4") == clean && scratch.bytes("done.mp4.part") == clean
        #expect(isSame && scratch.bytes("short.mp4.part") == Array(clean.prefix(900)))
        // A finished one may still change its layout, and does so once.
        let summary = try await repair(harness, "done.mp4") { $0.layout = .flat }
        #expect(summary.layout == .flat && !Boxes.types(scratch.bytes("done.mp4")).contains("moof"))
        let again = await refusal(harness, "done.mp4") { $0.layout = .flat }
        #expect(again.code == .media && again.message.contains("nothing to repair"))
        let back = await refusal(harness, "done.mp4") { $0.layout = .fragmented }
        #expect(back.code == .media && back.message.contains("ffmpeg"))
    }

    @Test("the flat layout needs a file: a pipe and a client's sink are refused before anything is requested")
    func needsFile() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let pipe = harness.scratch.path + "/pipe"
        mkfifo(pipe, 0o600)
        let store = Store()
        for output in [
            RemuxConfiguration.Output.standardOutput, .file(path: pipe), .custom { PipeSink(store) },
        ] {
            let run = await harness.run("/clear/index.m3u8", output: output) { $0.layout = .flat }
            #expect(run.code == .configuration && run.message.contains("needs a file"), "\(run.message)")
        }
        let matroska = await harness.run("/clear/index.m3u8") {
            $0.layout = .flat
            $0.container = .mkv
        }
        #expect(matroska.code == .configuration && matroska.message.contains("no flat layout"), "\(matroska.message)")
        #expect(harness.server.requests.isEmpty)
    }
}
