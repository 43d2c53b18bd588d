import OriginServer
import Remux
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Two runs on one output, outputs that nobody reads, and refusals that cost no request.
@Suite struct SinkTests {
    @Test("a run on an output that another one is writing is refused; the other one completes")
    func twoRuns() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let clean = try await harness.clean("/clear/index.m3u8")
        let gate = harness.server
        gate.script["/clear/005.ts"] = .always(.stall(at: 10_000))
        let first = RemuxSession(
            RemuxConfiguration(input: gate.url("/clear/index.m3u8"), output: .file(path: harness.out))
        )
        let work = Task { try await first.run() }
        while !harness.scratch.names.contains("out.mp4.part") { try await Task.sleep(for: .milliseconds(5)) }
        let other = try SessionHarness()
        defer { other.server.stop() }
        let second = await other.run("/clear/index.m3u8", output: .file(path: harness.out)) { $0.restarts = true }
        #expect(second.code == .output)
        #expect(second.message.contains("another run is writing"), "\(second.message)")
        #expect(harness.scratch.names == ["out.mp4.part"])
        work.cancel()
        _ = await work.result
        #expect(first.summary.outputBytes == UInt64(harness.scratch.bytes("out.mp4.part").count))
        let third = await other.run("/clear/index.m3u8", output: .file(path: harness.out)) { $0.restarts = true }
        #expect(third.isComplete, "\(third.message)")
        let isSame = harness.scratch.bytes("out.mp4") == clean
        #expect(isSame)
    }

    @Test(
        "cancelled while nobody reads the output: ends, and it is no failure of the output",
        .timeLimit(.minutes(1)),
        arguments: [false, true]
    )
    func blocked(_ hasReader: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        mkfifo(harness.out, 0o600)
        let reader = hasReader ? open(harness.out, O_RDONLY | O_NONBLOCK) : -1
        defer { if hasReader { close(reader) } }
        let run = await harness.run("/clear/index.m3u8", cancelWhen: { $0.segmentCount == 6 })
        guard case .failure(is CancellationError) = run.result else {
            Issue.record("not cancelled: \(run.message)")
            return
        }
        #expect(harness.scratch.names == ["out.mp4"])
    }

    @Test(
        "what plainly cannot be written is refused before anything is requested",
        arguments: [
            ("out.mp4", "out.mp4", "-y"), ("out.mp4", "out.mp4.part", "--restart"), ("out.mp4", "link", "-y"),
            ("none/out.mp4", "", "none"), ("", "", "folder"),
        ]
    )
    func early(_ name: String, _ present: String, _ says: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        switch present {
        case "": break
        case "link": symlink("nowhere", harness.scratch.path + "/" + name)
        default: harness.scratch.write([1], to: present)
        }
        let output = RemuxConfiguration.Output.file(path: harness.scratch.path + "/" + name)
        let run = await harness.run("/clear/index.m3u8", output: output)
        #expect(run.code == .output)
        #expect(run.message.contains(says), "\(run.message)")
        #expect(harness.server.requests.isEmpty)
    }
}
