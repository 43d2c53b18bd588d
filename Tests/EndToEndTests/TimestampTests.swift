import OriginServer
import Remux
import Testing

/// What is said about timestamps, and what is refused; that packets and times are right is compared by Tests/tools/endtoend.py.
@Suite struct TimestampTests {
    private func end(_ run: SessionHarness.Run) -> Double { run.summary.tracks.map(\.endSeconds).max() ?? 0 }

    @Test("each jump is told once, with its segment; the duration is that of the playlist")
    func jumps() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/jumps/index.m3u8")
        #expect(run.isComplete)
        let notes = run.notes.filter { $0.contains("jump") }
        #expect(notes.count == 6)
        for (note, number) in zip(notes, [3, 6, 9, 12, 15, 18]) { #expect(note.contains("Media Segment \(number):")) }
        #expect(abs(end(run) - 4) < 0.05)
    }

    @Test("jumps in two playlists are one each")
    func separate() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/jumps-separate/index.m3u8")
        #expect(run.isComplete)
        #expect(run.notes.filter { $0.contains("taken as one") }.count == 6, "\(run.notes)")
        #expect(run.notes.allSatisfy { !$0.contains("alone") })
    }

    @Test("what only the playlist knows: a Discontinuity Sequence without media keeps its duration")
    func emptyRun() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/empty-run/index.m3u8")
        #expect(run.isComplete)
        #expect(abs(end(run) - 5.5) < 0.05)
    }

    @Test("80 hours, three times around the clock")
    func wraps() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/wraps/index.m3u8")
        #expect(run.isComplete)
        // The last segment but one ends the last whole gap.
        #expect(abs(end(run) - (19 * 14_400 + 3.8 + 0.2)) < 0.3)
    }

    @Test("a time beyond all times ends in exit 7, with its segment")
    func beyond() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/fmp4-beyond/index.m3u8")
        #expect(run.code == .media)
        #expect(run.error?.context.mediaSequenceNumber == 1)
        #expect(run.message.contains("9223372036854775807"))
        #expect(harness.scratch.names.contains("out.mp4") == false)
    }
}
