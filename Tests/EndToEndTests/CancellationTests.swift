import OriginServer
import Remux
import Testing

/// Cancelling a session at any moment ends it soon and leaves a `.part` that is finalised, or nothing.
@Suite struct CancellationTests {
    @Test("cancelled while segments stall: the .part is whole up to there", arguments: [0, 1, 4])
    func stalled(_ segment: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/clear/00\(segment).ts"] = .always(.stall(at: 10_000))
        let run = await harness.run(
            "/clear/index.m3u8",
            cancelWhen: { progress in
                progress.segmentCount >= segment && (segment < 2 || progress.positionSeconds > 1)
            }
        )
        guard case .failure(is CancellationError) = run.result else {
            Issue.record("not cancelled: \(run.message)")
            return
        }
        #expect(!harness.scratch.names.contains("out.mp4"))
        if segment > 1 {
            let types = Boxes.types(harness.scratch.bytes("out.mp4.part"))
            #expect(types.contains("sidx") && types.contains("moof") && !types.contains("(cut)"))
        }
    }

    @Test("cancelled while the playlist or the key does not come", arguments: ["index.m3u8", "key.bin"])
    func waiting(_ name: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/aes128-explicit-iv/" + name] = .always(.stall(at: 0))
        let run = await harness.run("/aes128-explicit-iv/index.m3u8", cancelAfter: .milliseconds(300))
        guard case .failure(is CancellationError) = run.result else {
            Issue.record("not cancelled: \(run.message)")
            return
        }
        #expect(harness.scratch.names == [])
    }

    @Test("cancelled at random moments", arguments: 0..<25)
    func random(_ step: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/clear/index.m3u8", cancelAfter: .milliseconds(step * 3))
        let types =
            run.isComplete
            ? Boxes.types(harness.scratch.bytes("out.mp4"))
            : harness.scratch.names.contains("out.mp4.part") ? Boxes.types(harness.scratch.bytes("out.mp4.part")) : []
        #expect(!types.contains("(cut)"))
        #expect(harness.scratch.names.count <= 1)
    }
}
