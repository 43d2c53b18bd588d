import OriginServer
import Remux
import Testing

/// Media that changes or is damaged inside what arrived whole: never exit 0 without a word.
@Suite struct DamageTests {
    private func playlist(_ lines: [String]) -> [UInt8] {
        let head = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2"]
        return Array((head + lines + ["#EXT-X-ENDLIST", ""]).joined(separator: "\n").utf8)
    }

    @Test(
        "a codec that changes at a Discontinuity is refused, naming both",
        arguments: [
            (["clear", "hevc"], "h264", "hevc"), (["hevc", "clear"], "hevc", "h264"),
        ]
    )
    func codecChange(_ folders: [String], _ old: String, _ new: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/mixed.m3u8"] = playlist([
            "#EXTINF:1,", "\(folders[0])/000.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:1,", "\(folders[1])/000.ts",
        ])
        let run = await harness.run("/mixed.m3u8")
        #expect(run.code == .media)
        #expect(run.message.contains("from \(old)") && run.message.contains("to \(new)"), "\(run.message)")
        #expect(!harness.scratch.names.contains("out.mp4"))
    }

    @Test("lost transport packets beyond 1 % fail the segment; --on-missing gap keeps the rest and is incomplete")
    func lostPackets() async throws {
        for policy in RemuxConfiguration.MissingSegmentPolicy.allCases {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            var bytes = Files.bytes(Files.fixtures + "/clear/002.ts")
            bytes.removeSubrange((30 * 188)..<(40 * 188))
            harness.server["/clear/002.ts"] = bytes
            let run = await harness.run("/clear/index.m3u8") { $0.missingSegments = policy }
            #expect(run.code == (policy == .fail ? .media : .incomplete), "\(run.message)")
            #expect(harness.scratch.names.contains("out.mp4") == (policy == .gap))
            #expect(
                run.summary.warnings.contains { $0.contains("Media Segment 2") }
                    || run.message.contains("Media Segment 2")
            )
        }
    }

    @Test("a gap keeps its duration, also in front of a Discontinuity", arguments: [false, true])
    func gap(_ hasDiscontinuity: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let base = harness.server
        base["/gap.m3u8"] = playlist(
            ["#EXTINF:2,", "clear/000.ts", "#EXT-X-GAP", "#EXTINF:2,", "nothing.ts"]
                + (hasDiscontinuity ? ["#EXT-X-DISCONTINUITY"] : []) + ["#EXTINF:2,", "clear/002.ts"]
        )
        base["/first.m3u8"] = playlist(["#EXTINF:2,", "clear/000.ts"])
        let run = await harness.run("/gap.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let other = try SessionHarness()
        defer { other.server.stop() }
        let first = await other.run(base.url("/first.m3u8"))
        let ends = (run.summary.tracks.first?.endSeconds ?? 0, first.summary.tracks.first?.endSeconds ?? 0)
        // Two segments and the hole between them: with a Discontinuity the hole is what the playlist says.
        let hole = hasDiscontinuity ? 2 : 1.0
        #expect(abs(ends.0 - (2 * ends.1 + hole)) < 0.1, "\(ends)")
        #expect(run.summary.gaps.map(\.isAnnounced) == [true])
    }
}
