import OriginServer
import Remux
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What bad input gets: a clear sentence, the right code, and no file under the final name.
@Suite struct RefusalTests {
    private static let media = Files.text(Files.fixtures + "/aes128-explicit-iv/index.m3u8")

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: RemuxError.Code
        var says: String
        var playlist: @Sendable (String) -> String = { $0 }
        var script: [String: Script] = [:]
        var segmentsAreFetched = true
    }

    static let cases = [
        Case(
            testDescription: "404 playlist",
            code: .playlistUnreachable,
            says: "404",
            script: ["index.m3u8": .always(.status(404))],
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "a playlist that is none",
            code: .playlistRefused,
            says: "#EXTM3U",
            playlist: { _ in "<html><body>Hello</body></html>" },
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "no segments",
            code: .playlistRefused,
            says: "no Media Segments",
            playlist: { _ in "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-ENDLIST\n" },
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "live: no EXT-X-ENDLIST, no type",
            code: .playlistRefused,
            says: "EXT-X-ENDLIST",
            playlist: { text in
                text.split(separator: "\n").filter { !$0.contains("ENDLIST") && !$0.contains("PLAYLIST-TYPE") }
                    .joined(separator: "\n")
            },
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "DRM, named",
            code: .key,
            says: "FairPlay",
            playlist: { text in
                Self.withKey(text, "METHOD=SAMPLE-AES,URI=\"skd://a\",KEYFORMAT=\"com.apple.streamingkeydelivery\"")
            },
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "an unknown method",
            code: .key,
            says: "AES-999",
            playlist: { Self.withKey($0, "METHOD=AES-999,URI=\"key.bin\"") },
            segmentsAreFetched: false
        ),
        Case(testDescription: "key 404", code: .key, says: "key", script: ["key.bin": .always(.status(404))]),
        Case(
            testDescription: "key of 15 bytes",
            code: .key,
            says: "15",
            script: ["key.bin": .always(.body([UInt8](repeating: 7, count: 15)))]
        ),
        Case(
            testDescription: "key that is a page",
            code: .key,
            says: "HTML",
            script: ["key.bin": .always(.body("<!DOCTYPE html><html>please log in</html>"))]
        ),
        Case(
            testDescription: "wrong key",
            code: .key,
            says: "the first decrypted bytes are no media",
            script: ["key.bin": .always(.body([UInt8](repeating: 7, count: 16)))]
        ),
        Case(
            testDescription: "wrong IV",
            code: .key,
            says: "initialization vector",
            playlist: { Self.withKey($0, "METHOD=AES-128,URI=\"key.bin\",IV=0x00000000000000000000000000000099") }
        ),
        Case(
            testDescription: "F02 a segment missing after retries",
            code: .incomplete,
            says: "Media Segment 3",
            script: ["003.ts": .always(.status(404))]
        ),
        Case(
            testDescription: "F09 a page in place of a segment, for ever",
            code: .incomplete,
            says: "an HTML page",
            script: ["002.ts": .always(.body("<!doctype html><h1>403 Forbidden</h1>"))]
        ),
        Case(
            testDescription: "F12 a body that is always cut",
            code: .incomplete,
            says: "Media Segment 1",
            script: ["001.ts": .always(.cut(after: 0))]
        ),
        Case(
            testDescription: "F19 a redirect to a file",
            code: .playlistRefused,
            says: "refused",
            script: ["index.m3u8": .always(.redirect(to: "file:///etc/passwd"))],
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "F19 a redirect loop",
            code: .playlistUnreachable,
            says: "redirects",
            script: ["index.m3u8": .always(.redirect(to: "index.m3u8"))],
            segmentsAreFetched: false
        ),
        Case(
            testDescription: "S4 a remote playlist names a local file",
            code: .playlistRefused,
            says: "local file",
            playlist: { $0.replacingFirst("000.ts", with: "file:///etc/hostname") }
        ),
    ]

    private static func withKey(_ text: String, _ attributes: String) -> String {
        text.split(separator: "\n").map { $0.hasPrefix("#EXT-X-KEY") ? "#EXT-X-KEY:" + attributes : String($0) }
            .joined(separator: "\n")
    }

    @Test("bad input", arguments: cases)
    func refused(_ row: Case) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let folder = "/aes128-explicit-iv/"
        harness.server[folder + "index.m3u8"] = Array(row.playlist(Self.media).utf8)
        for (name, script) in row.script { harness.server.script[folder + name] = script }
        let run = await harness.run(folder + "index.m3u8")
        #expect(run.code == row.code, "\(run.message)")
        #expect(run.message.contains(row.says), "\(run.message)")
        #expect(!harness.scratch.names.contains("out.mp4"))
        let fetched = harness.server.requests.contains { $0.target.hasSuffix(".ts") }
        if !row.segmentsAreFetched {
            #expect(!fetched)
            #expect(harness.scratch.names == [])
        }
    }

    @Test("an unreachable host")
    func unreachable() async throws {
        let harness = try SessionHarness()
        let url = harness.server.url("/clear/index.m3u8")
        harness.server.stop()
        let run = await harness.run(url)
        #expect(run.code == .playlistUnreachable)
        #expect(harness.scratch.names == [])
    }

    @Test("a lost segment: what came before stays in the .part, finalised; nothing under the final name")
    func lost() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/clear/003.ts"] = .always(.status(404))
        let run = await harness.run("/clear/index.m3u8")
        #expect(run.code == .incomplete)
        #expect(harness.scratch.names == ["out.mp4.part"])
        let types = Boxes.types(harness.scratch.bytes("out.mp4.part"))
        #expect(types.contains("sidx") && types.contains("moof") && !types.contains("(cut)"))
    }

    @Test("--on-missing gap goes on, keeps the gap, names it, and is still incomplete")
    func gap() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/clear/003.ts"] = .always(.status(404))
        let run = await harness.run("/clear/index.m3u8") { $0.missingSegments = .gap }
        #expect(run.code == .incomplete)
        #expect(run.message.contains("1 of 6 Media Segments: 3"), "\(run.message)")
        #expect(harness.scratch.names == ["out.mp4"])
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [3])
        let whole = try SessionHarness()
        defer { whole.server.stop() }
        let complete = await whole.run("/clear/index.m3u8")
        #expect(abs(run.summary.durationSeconds - complete.summary.durationSeconds) < 0.001)
    }

    // MARK: - Output

    @Test("an existing output is kept without -y, and replaced with it")
    func exists() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write([1, 2, 3], to: "out.mp4")
        let refused = await harness.run("/clear/index.m3u8")
        #expect(refused.code == .output)
        #expect(refused.message.contains("-y"))
        #expect(harness.scratch.bytes("out.mp4") == [1, 2, 3])
        #expect(await harness.run("/clear/index.m3u8") { $0.overwrites = true }.isComplete)
        #expect(harness.scratch.bytes("out.mp4").count > 1000)
    }

    @Test("a .part of an earlier run is refused without --restart, and discarded with it")
    func part() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write([1, 2, 3], to: "out.mp4.part")
        let refused = await harness.run("/clear/index.m3u8") { $0.overwrites = true }
        #expect(refused.code == .output)
        #expect(refused.message.contains("--restart"))
        #expect(harness.scratch.bytes("out.mp4.part") == [1, 2, 3])
        #expect(await harness.run("/clear/index.m3u8") { $0.restarts = true }.isComplete)
        #expect(harness.scratch.names == ["out.mp4"])
    }

    @Test("an output that is the input is refused, also through a link and as its .part")
    func isInput() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write(Files.bytes(Files.fixtures + "/clear/index.m3u8"), to: "list.m3u8")
        symlink(harness.scratch.path + "/list.m3u8", harness.scratch.path + "/link.m3u8")
        for name in ["list.m3u8", "link.m3u8"] {
            let output = RemuxConfiguration.Output.file(path: harness.scratch.path + "/" + name)
            let run = await harness.run("file://" + harness.scratch.path + "/list.m3u8", output: output) {
                $0.overwrites = true
            }
            #expect(run.code == .output)
            #expect(run.message.contains("is the input"), "\(run.message)")
        }
        #expect(harness.scratch.bytes("list.m3u8").count > 100)
    }

    @Test(
        "outputs that cannot be written",
        arguments: ["/nonexistent-folder/out.mp4", "/proc/out.mp4", "/tmp", "/dev/full"]
    )
    func unwritable(_ path: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/clear/index.m3u8", output: .file(path: path)) { $0.overwrites = true }
        #expect(run.code == .output, "\(run.message)")
    }

    @Test("a sink of the client's that fails ends the session with its words", arguments: [0, 100_000])
    func failingSink(_ room: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("/clear/index.m3u8", output: .custom { FailingSink(room: room) })
        #expect(run.code == .output)
        #expect(run.message.contains("the tape is full"), "\(run.message)")
    }
}

extension String {
    fileprivate func replacingFirst(_ old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return replacingCharacters(in: range, with: new)
    }

    private func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        self[..<range.lowerBound] + new + self[range.upperBound...]
    }
}
