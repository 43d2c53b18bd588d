import OriginServer
import Remux
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Where a playlist may come from, and what it may name from there.
@Suite struct InputTests {
    private static let media = Files.text(Files.fixtures + "/clear/index.m3u8")

    private func base64URI(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var output = "data:application/vnd.apple.mpegurl;base64,"
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            for index in 0..<4 {
                output += index <= part.count ? String(alphabet[bits >> (18 - 6 * index) & 63]) : "="
            }
        }
        return output
    }

    private func absolute(_ text: String, _ prefix: String) -> String {
        text.split(separator: "\n").map { $0.hasPrefix("#") ? String($0) : prefix + $0 }.joined(separator: "\n")
    }

    // MARK: - Bytes that the client has

    @Test("bytes with a URL they come from give the same output as that URL")
    func bytesWithURL() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let secret = [try RemuxConfiguration.HeaderField(name: "Authorization", value: "secret")]
        let run = await harness.run("-") {
            $0.playlist = Array(Self.media.utf8)
            $0.baseURL = harness.server.url("/clear/index.m3u8?session=1")
            $0.headers = secret
        }
        #expect(run.isComplete, "\(run.message)")
        let isSame = try await harness.scratch.bytes("out.mp4") == harness.clean("/clear/index.m3u8")
        #expect(isSame)
        // Credentials go to the origin it came from; the playlist itself is not asked for.
        #expect(harness.server.requests.allSatisfy { $0.header("Authorization") == "secret" })
        #expect(!harness.server.requests.contains { $0.path.hasSuffix(".m3u8") })
    }

    @Test("bytes with a folder or a file they come from", arguments: ["/clear", "/clear/", "/clear/saved.m3u8"])
    func bytesWithFolder(_ base: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for prefix in ["", "file://"] {
            let run = await harness.run("-") {
                $0.playlist = Array(Self.media.utf8)
                $0.baseURL = prefix + Files.fixtures + base
                $0.overwrites = true
            }
            #expect(run.isComplete, "\(run.message)")
        }
        #expect(harness.server.requests.isEmpty)
    }

    @Test("bytes without a URL: absolute URIs are fetched, a relative one is refused and the option named")
    func bytesAlone() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let secret = [try RemuxConfiguration.HeaderField(name: "Authorization", value: "secret")]
        let complete = await harness.run("-") {
            $0.playlist = Array(absolute(Self.media, harness.server.url("/clear/")).utf8)
            $0.headers = secret
        }
        #expect(complete.isComplete, "\(complete.message)")
        // Nobody knows whose the credentials are.
        #expect(harness.server.requests.allSatisfy { $0.header("Authorization") == nil })
        let refused = await harness.run("-") {
            $0.playlist = Array(Self.media.utf8)
            $0.overwrites = true
        }
        #expect(refused.code == .playlistRefused)
        #expect(refused.message.contains("--base-url") && refused.message.contains("line"), "\(refused.message)")
    }

    @Test("bytes that are no playlist", arguments: [[], [0, 255, 254, 10, 0], [0x1F, 0x8B, 8, 0, 0]] as [[UInt8]])
    func noPlaylist(_ bytes: [UInt8]) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("-") { $0.playlist = bytes }
        #expect(run.code == .playlistRefused)
        #expect(run.message.contains("#EXTM3U"), "\(run.message)")
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entry: String
        var base: @Sendable (SessionHarness) -> String?
        var says: String
    }

    static let refusals = [
        Refusal(
            testDescription: "a file named by bytes from a URL",
            entry: "file:///etc/hostname",
            base: { $0.server.url("/clear/") },
            says: "local file"
        ),
        Refusal(
            testDescription: "a file named by bytes alone",
            entry: "file:///etc/hostname",
            base: { _ in nil },
            says: "local file"
        ),
        Refusal(
            testDescription: "a file outside of the folder they come from",
            entry: "file:///etc/hostname",
            base: { _ in Files.fixtures + "/clear" },
            says: "outside"
        ),
        Refusal(
            testDescription: "a climb out of that folder",
            entry: "../hevc/000.ts",
            base: { _ in Files.fixtures + "/clear/" },
            says: "outside"
        ),
        Refusal(testDescription: "a base that is none", entry: "a.ts", base: { _ in "ftp://a/b" }, says: "--base-url"),
        Refusal(
            testDescription: "a base that is not there",
            entry: "a.ts",
            base: { _ in "/nowhere/at/all/" },
            says: "--base-url"
        ),
        Refusal(testDescription: "a data: base", entry: "a.ts", base: { _ in "data:," }, says: "--base-url"),
    ]

    @Test("what bytes may not name", arguments: refusals)
    func mayNotName(_ row: Refusal) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run("-") {
            $0.playlist = Array("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n\(row.entry)\n#EXT-X-ENDLIST\n".utf8)
            $0.baseURL = row.base(harness)
        }
        #expect(run.code == (row.says == "--base-url" ? .configuration : .playlistRefused))
        #expect(run.message.contains(row.says), "\(run.message)")
    }

    // MARK: - Files

    @Test("a saved playlist, with the URL it came from: counts as remote")
    func savedPlaylist() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write(Array(Self.media.utf8), to: "saved: a film.m3u8")
        harness.scratch.write(Array((absolute(Self.media, "file://\(harness.scratch.path)/")).utf8), to: "local.m3u8")
        let base = harness.server.url("/clear/index.m3u8")
        let run = await harness.run("file://" + harness.scratch.path + "/saved:%20a%20film.m3u8") { $0.baseURL = base }
        #expect(run.isComplete, "\(run.message)")
        let local = await harness.run("file://" + harness.scratch.path + "/local.m3u8") {
            $0.baseURL = base
            $0.overwrites = true
        }
        #expect(local.code == .playlistRefused)
        #expect(local.message.contains("local file"), "\(local.message)")
    }

    @Test("an output that is the input is refused, with a URL it came from as well")
    func outputIsInput() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write(Array(Self.media.utf8), to: "out.mp4")
        let run = await harness.run("file://" + harness.out) {
            $0.baseURL = harness.server.url("/clear/")
            $0.overwrites = true
        }
        #expect(run.code == .output)
        #expect(run.message.contains("is the input"), "\(run.message)")
    }

    @Test("names with blanks, percent signs, question marks and others, as path and as file: URL")
    func names() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let names = ["a film.m3u8", "100%25 %.m3u8", "a?b#c.m3u8", "ä{|}.m3u8", "x:y.m3u8"]
        let media = Self.media.split(separator: "\n").map { line in
            line.hasPrefix("#") ? String(line) : "s%20" + line + "?token=1"
        }
        for segment in 0..<6 {
            harness.scratch.write(Files.bytes(Files.fixtures + "/clear/00\(segment).ts"), to: "s 00\(segment).ts")
        }
        for name in names {
            harness.scratch.write(Array(media.joined(separator: "\n").utf8), to: name)
            let path = harness.scratch.path + "/" + name
            let escaped = path.utf8.map { byte in
                let isPlain =
                    (0x2D...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            for input in [
                "file://" + escaped.joined(), "file://localhost" + escaped.joined(), "file:" + escaped.joined(),
            ] {
                let run = await harness.run(input) { $0.overwrites = true }
                #expect(run.isComplete, "\(input): \(run.message)")
            }
            // The harness takes a path for one of its server.
            let run = await harness.run("-") { configuration in
                configuration.input = path
                configuration.overwrites = true
            }
            #expect(run.isComplete, "\(path): \(run.message)")
        }
    }

    @Test(
        "inputs that are no file of this machine",
        arguments: [
            ("file://other.example/a.m3u8", "file:///"), ("file:a.m3u8", "file:///"),
            ("file:///nowhere/a.m3u8", "no file"),
            ("file:///dev/null", "standard input"), ("file:///tmp", "regular file"), ("gopher://a/b", "scheme"),
        ]
    )
    func noFile(_ input: String, _ says: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run(input)
        #expect(run.code == (says == "no file" ? .playlistUnreachable : .playlistRefused))
        #expect(run.message.contains(says), "\(run.message)")
    }

    // MARK: - data:

    @Test("a data: playlist as the input, and with a URL its relative URIs are relative to")
    func dataInput() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let absolute = await harness.run(base64URI(absolute(Self.media, harness.server.url("/clear/"))))
        #expect(absolute.isComplete, "\(absolute.message)")
        let withBase = await harness.run(base64URI(Self.media)) {
            $0.baseURL = harness.server.url("/clear/")
            $0.overwrites = true
        }
        #expect(withBase.isComplete, "\(withBase.message)")
        let relative = await harness.run(base64URI(Self.media)) { $0.overwrites = true }
        #expect(relative.code == .playlistRefused)
        #expect(relative.message.contains("--base-url") && relative.message.contains("data:…"), "\(relative.message)")
        let broken = await harness.run("data:;base64,%%%") { $0.overwrites = true }
        #expect(broken.code == .playlistRefused)
        #expect(broken.message.contains("Base64"), "\(broken.message)")
    }

    @Test("data: Media Playlists within a Multivariant Playlist; a remote one names no file through them")
    func dataMedia() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        func master(_ media: String) -> [UInt8] {
            Array("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n\(base64URI(media))\n".utf8)
        }
        harness.server["/master.m3u8"] = master(absolute(Self.media, harness.server.url("/clear/")))
        let run = await harness.run("/master.m3u8")
        #expect(run.isComplete, "\(run.message)")
        harness.server["/relative.m3u8"] = master(Self.media)
        let relative = await harness.run("/relative.m3u8") { $0.overwrites = true }
        #expect(relative.code == .playlistRefused)
        #expect(relative.message.contains("--base-url"), "\(relative.message)")
        harness.server["/file.m3u8"] = master(absolute(Self.media, "file://" + Files.fixtures + "/clear/"))
        let file = await harness.run("/file.m3u8") { $0.overwrites = true }
        #expect(file.code == .playlistRefused)
        #expect(file.message.contains("local file"), "\(file.message)")
    }

    @Test("a remote playlist names no local file, though a local one led to it", arguments: ["segment", "map", "key"])
    func remoteBelowLocal(_ what: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let clear = absolute(Self.media, harness.server.url("/clear/"))
        let local = "file://\(harness.scratch.path)/secret"
        let tag: String
        switch what {
        case "segment": tag = "#EXTINF:1,\n\(local)\n"
        case "map": tag = "#EXT-X-MAP:URI=\"\(local)\"\n"
        default: tag = "#EXT-X-KEY:METHOD=AES-128,URI=\"\(local)\"\n"
        }
        harness.scratch.write(Array(repeating: 0, count: 16), to: "secret")
        harness.server["/media.m3u8"] = Array(
            clear.replacing("#EXTM3U\n", with: "#EXTM3U\n\(tag)", maxReplacements: 1).utf8
        )
        let master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n\(harness.server.url("/media.m3u8"))\n"
        harness.scratch.write(Array(master.utf8), to: "master.m3u8")
        let run = await harness.run("file://\(harness.scratch.path)/master.m3u8")
        #expect(run.code == .playlistRefused, "\(run.message)")
        #expect(run.message.contains("local file"), "\(run.message)")
        #expect(!harness.server.requests.contains { $0.path.hasPrefix("/clear/") })
    }

    // MARK: - Listing

    @Test("a listing fetches the playlist alone, also of a live stream; errors are those of a session")
    func listing() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/live.m3u8"] = Array("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n".utf8)
        func list(_ path: String) async throws -> StreamListing {
            let input = harness.server.url(path)
            return try await StreamListing.load(RemuxConfiguration(input: input, output: .standardOutput))
        }
        guard case .media(let live) = try await list("/live.m3u8?token=secret").content else {
            throw RemuxError(.media, "")
        }
        #expect(live.segments.map(\.uri) == ["a.ts"] && !live.isComplete)
        guard case .multivariant(let master) = try await list("/multivariant/index.m3u8").content else {
            throw RemuxError(.media, "")
        }
        #expect(master.variants.count { $0.isSelected } == 1)
        #expect(harness.server.requests.count == 2)
        let url = try await list("/live.m3u8?token=secret").url
        #expect(!url.contains("secret"))
        for (path, code) in [
            ("/nothing.m3u8", RemuxError.Code.playlistUnreachable), ("/clear/000.ts", .playlistRefused),
        ] {
            let error = await #expect(throws: RemuxError.self) { try await list(path) }
            #expect(error?.code == code)
        }
    }
}
