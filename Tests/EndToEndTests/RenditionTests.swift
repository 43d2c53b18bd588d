import OriginServer
import Remux
import Testing

/// Several Media Playlists in one output.
@Suite struct RenditionTests {
    private static let master = """
        #EXTM3U
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="audio-only/index.m3u8"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",URI="clear/index.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64000d,mp4a.40.2",AUDIO="a"
        video-only/index.m3u8
        """

    private func run(
        _ change: (inout RemuxConfiguration) -> Void,
        _ script: (OriginServer) -> Void = { _ in }
    ) async throws -> SessionHarness.Run {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/master.m3u8"] = Array(Self.master.utf8)
        script(harness.server)
        return await harness.run("/master.m3u8", change)
    }

    @Test("video and the default audio from playlists of their own")
    func defaultAudio() async throws {
        let run = try await run { _ in }
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.tracks.map(\.kind) == [.video, .audio])
        #expect(run.summary.tracks.map(\.language) == [nil, "en"])
    }

    @Test("all audio, one language, none, audio only")
    func choices() async throws {
        let all = try await run { $0.selection.audio = .all }
        #expect(Set(all.summary.tracks.compactMap(\.language)) == ["en", "de"])
        #expect(all.summary.tracks.count == 3)
        let german = try await run { $0.selection.audio = .matching([.language("de")]) }
        #expect(german.summary.tracks.compactMap(\.language) == ["de"])
        #expect(try await run { $0.selection.audio = .none }.summary.tracks.map(\.kind) == [.video])
        #expect(try await run { $0.selection.video = .none }.summary.tracks.map(\.kind) == [.audio])
        let missing = try await run { $0.selection.audio = .matching([.language("fr")]) }
        #expect(missing.code == .playlistRefused)
        #expect(missing.message.contains("--audio"), "\(missing.message)")
    }

    @Test(
        "sound that CODECS promises is waited for, though the program map lists it late; else it is refused by name",
        arguments: [
            true, false,
        ]
    )
    func promised(_ isPromised: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let segments = ["video-only/000", "video-only/001", "clear/002", "clear/003"].map { "#EXTINF:1,\n/\($0).ts\n" }
        harness.server["/late.m3u8"] = Array(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n\(segments.joined())#EXT-X-ENDLIST\n".utf8
        )
        let codecs = isPromised ? ",CODECS=\"avc1.64000d,mp4a.40.2\"" : ""
        harness.server["/late-master.m3u8"] = Array(
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\(codecs)\n/late.m3u8\n".utf8
        )
        let run = await harness.run("/late-master.m3u8")
        guard isPromised else {
            #expect(run.code == .media)
            #expect(run.message.contains("that was not there at the start"), "\(run.message)")
            return
        }
        #expect(run.isComplete, "\(run.message)")
        #expect(Set(run.summary.tracks.map(\.kind)) == [.video, .audio])
    }

    @Test("a lost segment of a Rendition is a loss, named with the Rendition")
    func lost() async throws {
        let run = try await run({ _ in }) { $0.script["/audio-only/003.ts"] = .always(.status(404)) }
        #expect(run.code == .incomplete)
        #expect(run.message.contains("English") && run.message.contains("Media Segment 3"), "\(run.message)")
    }

    @Test("a Rendition's playlist that is not there")
    func unreachable() async throws {
        let run = try await run({ _ in }) { $0.script["/audio-only/index.m3u8"] = .always(.status(404)) }
        #expect(run.code == .playlistUnreachable)
    }

    @Test(
        "one source far slower than the other does not block, with little memory",
        arguments: ["/video-only", "/audio-only"]
    )
    func slow(_ folder: String) async throws {
        let run = try await run({ $0.maximumMemoryBytes = 4 << 20 }) { server in
            for segment in 0..<6 { server.script["\(folder)/00\(segment).ts"] = .always(.delay(.milliseconds(120))) }
        }
        #expect(run.isComplete, "\(run.message)")
    }
}
