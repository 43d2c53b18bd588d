import OriginServer
import Remux
import Testing

/// Keys and encryption: what was encrypted gives, byte for byte, the output of what was not.
@Suite struct KeyTests {
    static let keyA = bytes("00112233445566778899aabbccddeeff")
    static let keyB = bytes("ffeeddccbbaa99887766554433221100")
    static let keyID = bytes("0123456789abcdef0123456789abcdef")

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    struct Twins: Sendable, CustomTestStringConvertible {
        var encrypted: String
        var clear: String
        var testDescription: String { encrypted }

        init(_ encrypted: String, _ clear: String) { (self.encrypted, self.clear) = (encrypted, clear) }
    }

    static let twins = [
        Twins("/aes128-rotation/index.m3u8", "/clear/index.m3u8"),
        Twins("/aes128-map/index.m3u8", "/aes128-map/clear.m3u8"),
        Twins("/aes128-map/chain.m3u8", "/aes128-map/clear.m3u8"),
        Twins("/aes256-gcm/index.m3u8", "/clear/index.m3u8"),
        Twins("/sample-aes-ts/index.m3u8", "/clear/index.m3u8"),
        Twins("/sample-aes-audio/aac-packed-sample-aes.m3u8", "/sample-aes-audio/aac-packed-clear.m3u8"),
        Twins("/sample-aes-audio/ac3-packed-sample-aes.m3u8", "/sample-aes-audio/ac3-packed-clear.m3u8"),
        Twins("/sample-aes-audio/eac3-packed-sample-aes.m3u8", "/sample-aes-audio/eac3-packed-clear.m3u8"),
        Twins("/sample-aes-audio/ac3-ts-sample-aes.m3u8", "/sample-aes-audio/ac3-ts-clear.m3u8"),
        Twins("/sample-aes-audio/eac3-ts-sample-aes.m3u8", "/sample-aes-audio/eac3-ts-clear.m3u8"),
        Twins("/cbcs/protected.m3u8", "/cbcs/clear.m3u8"),
        Twins("/cbcs-hevc/protected.m3u8", "/cbcs-hevc/clear.m3u8"),
        Twins("/cenc/protected.m3u8", "/cenc/clear.m3u8"),
    ]

    @Test("the output is that of the clear stream", arguments: twins)
    func twin(_ twins: Twins) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run(twins.encrypted)
        #expect(run.isComplete, "\(run.message)")
        let isEqual = try await harness.clean(twins.clear) == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
        // One request for each key.
        for (path, count) in Dictionary(grouping: harness.server.requests, by: \.path) where path.hasSuffix(".bin") {
            #expect(count.count == 1 || path.hasSuffix("all.bin") || path.hasSuffix("chain.bin"), "\(path)")
        }
    }

    @Test("a stream type that packagers leave as it was, and a section named by its clear size")
    func wildCases() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let short = Files.text(Files.fixtures + "/clear/index.m3u8").replacing(
            /#EXTINF:1.000000,\n00[345].ts\n/,
            with: ""
        )
        harness.server["/clear/short.m3u8"] = Array(short.utf8)
        #expect(await harness.run("/clear/short.m3u8").isComplete)
        let clear = harness.scratch.bytes("out.mp4")
        #expect(await harness.run("/sample-aes-clear-types/index.m3u8") { $0.overwrites = true }.isComplete)
        let isEqual = clear == harness.scratch.bytes("out.mp4")
        #expect(isEqual)

        let sized = Files.text(Files.fixtures + "/aes128-map/index.m3u8")
            .replacing("\"init.mp4\"", with: "\"init.mp4\",BYTERANGE=\"1353@0\"")
        harness.server["/aes128-map/sized.m3u8"] = Array(sized.utf8)
        #expect(await harness.run("/aes128-map/sized.m3u8") { $0.overwrites = true }.isComplete)
        let isEqualToo = try await harness.clean("/aes128-map/clear.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqualToo)
    }

    /// `saiz` and `saio` are left, which point into what was `senc`, or to the front of the media data.
    @Test("encryption data elsewhere", arguments: [false, true])
    func auxiliaryInformation(_ isInMediaData: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for number in 1...4 {
            let name = "/cenc/protected-video-\(number).m4s"
            let segment = Files.bytes(Files.fixtures + name)
            let body: [UInt8] = try #require(Self.withoutSampleEncryption(segment, isInMediaData: isInMediaData))
            harness.server[name] = body
        }
        let run = await harness.run("/cenc/protected.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let isEqual = try await harness.clean("/cenc/clear.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
    }

    private static func withoutSampleEncryption(_ segment: [UInt8], isInMediaData: Bool) -> [UInt8]? {
        var bytes = segment
        func place(_ type: String) -> Int? {
            let code = Array(type.utf8)
            return bytes.indices.first { bytes[$0...].starts(with: code) }
        }
        func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        func write(_ value: Int, _ at: Int) {
            for index in 0..<4 { bytes[at + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
        }
        guard let encryption = place("senc"), let offsets = place("saio"), let run = place("trun"),
            let media = place("mdat"), let fragment = place("moof"), place("saiz") != nil
        else { return nil }
        bytes.replaceSubrange(encryption..<encryption + 4, with: Array("free".utf8))
        guard isInMediaData else { return bytes }
        // Behind type, version and flags, and a count: one sample's data behind the other.
        let data = Array(bytes[(encryption + 12)..<(encryption - 4 + number(encryption - 4))])
        for index in encryption + 12..<encryption + 12 + data.count { bytes[index] = 0 }
        write(number(media - 4) + data.count, media - 4)
        write(media + 4 - (fragment - 4), offsets + 12)
        write(number(run + 12) + data.count, run + 12)
        bytes.insert(contentsOf: data, at: media + 4)
        return bytes
    }

    // MARK: - Keys given by hand

    struct Given: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var stream: String
        var clear: String
        var keys: [RemuxConfiguration.ContentKey] = []
        var initializationVector: [UInt8]?
        /// Replaces the attributes of every EXT-X-KEY.
        var attributes: String?
        var keyIsFetched = false
    }

    private static let byID = RemuxConfiguration.ContentKey(keyID: keyID, bytes: keyA)
    private static let plain = RemuxConfiguration.ContentKey(bytes: keyA)
    private static let other = RemuxConfiguration.ContentKey(keyID: keyB, bytes: keyB)
    private static let fairPlay = "METHOD=SAMPLE-AES,URI=\"skd://a\",KEYFORMAT=\"com.apple.streamingkeydelivery\""

    static let given = [
        Given(
            testDescription: "one key for everything: nothing is requested",
            stream: "/cbcs/protected",
            clear: "/cbcs/clear",
            keys: [plain]
        ),
        Given(
            testDescription: "by key ID, where the playlist's own cannot be had",
            stream: "/cenc/protected",
            clear: "/cenc/clear",
            keys: [other, byID],
            keyIsFetched: true
        ),
        Given(
            testDescription: "the key ID of others: the playlist's own is taken",
            stream: "/cbcs/protected",
            clear: "/cbcs/clear",
            keys: [other],
            attributes: "METHOD=SAMPLE-AES,URI=\"data:;base64,ABEiM0RVZneImaq7zN3u/w==\"",
        ),
        Given(
            testDescription: "FairPlay, by key ID",
            stream: "/cbcs/protected",
            clear: "/cbcs/clear",
            keys: [byID],
            attributes: fairPlay
        ),
        Given(
            testDescription: "FairPlay, one key for everything",
            stream: "/cbcs-hevc/protected",
            clear: "/cbcs-hevc/clear",
            keys: [plain],
            attributes: fairPlay
        ),
        Given(
            testDescription: "samples that the playlist does not call encrypted, by key ID",
            stream: "/cenc/protected",
            clear: "/cenc/clear",
            keys: [byID],
            attributes: "METHOD=NONE"
        ),
        Given(
            testDescription: "AES-256-GCM",
            stream: "/aes256-gcm/index",
            clear: "/clear/index",
            keys: [RemuxConfiguration.ContentKey(bytes: keyA + keyB)]
        ),
        Given(
            testDescription: "AES-128 and its vector, of a system that is not known",
            stream: "/aes128-explicit-iv/index",
            clear: "/clear/index",
            keys: [plain],
            initializationVector: bytes("0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            attributes: "METHOD=AES-128,URI=\"x\",KEYFORMAT=\"org.example\",IV=0x01"
        ),
    ]

    @Test("keys given by hand", arguments: given)
    func givenKeys(_ row: Given) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let folder = row.stream.prefix { $0 != "." }.split(separator: "/").first.map { "/\($0)/" } ?? ""
        harness.server.script[folder + "key.bin"] = .always(.status(403))
        if let attributes = row.attributes {
            for name in ["index.m3u8", "protected-video.m3u8", "protected-audio.m3u8"] {
                let text = Files.text(Files.fixtures + folder + name)
                guard !text.isEmpty else { continue }
                harness.server[folder + name] = Array(
                    text.replacing(/#EXT-X-KEY:.*/, with: "#EXT-X-KEY:" + attributes).utf8
                )
            }
        }
        let run = await harness.run(row.stream + ".m3u8") {
            $0.keys = row.keys
            $0.initializationVector = row.initializationVector
        }
        #expect(run.isComplete, "\(run.message)")
        let isEqual = try await harness.clean(row.clear + ".m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
        let isFetched = harness.server.requests.contains { $0.path.hasSuffix("key.bin") }
        #expect(isFetched == row.keyIsFetched)
    }

    @Test("--key-file")
    func keyFile() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.scratch.write(Self.keyA, to: "key")
        let run = await harness.run("/aes128-explicit-iv/index.m3u8") { $0.keyFile = harness.scratch.path + "/key" }
        #expect(run.isComplete, "\(run.message)")
        #expect(!harness.server.requests.contains { $0.path.hasSuffix("key.bin") })
        harness.scratch.write(Array("00112233445566778899aabbccddeeff".utf8), to: "key")
        let text = await harness.run("/clear/index.m3u8") {
            $0.keyFile = harness.scratch.path + "/key"
            $0.overwrites = true
        }
        #expect(text.code == .key && text.message.contains("hexadecimal"), "\(text.message)")
        #expect(!text.message.contains("0011"))
        let none = await harness.run("/clear/index.m3u8") {
            $0.keyFile = harness.scratch.path + "/none"
            $0.overwrites = true
        }
        #expect(none.code == .key && none.message.contains("/none"), "\(none.message)")
    }

    // MARK: - What goes wrong, each by its name

    struct Failure: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var stream: String
        var code = RemuxError.Code.key
        var says: [String]
        var keys: [RemuxConfiguration.ContentKey] = []
        var initializationVector: [UInt8]?
        /// What these resources of the stream's folder are replaced with.
        var bodies: [String: @Sendable ([UInt8]) -> [UInt8]] = [:]
        var script: [String: Script] = [:]
    }

    private static let wrong = RemuxConfiguration.ContentKey(bytes: [UInt8](repeating: 0x5A, count: 16))
    private static let wrong256 = RemuxConfiguration.ContentKey(bytes: [UInt8](repeating: 0x5A, count: 32))
    private static let noMedia = "the key or its initialization vector is wrong"

    static let failures = [
        Failure(
            testDescription: "GCM, wrong key",
            stream: "/aes256-gcm/index",
            says: ["Media Segment 0", "the key is wrong"],
            keys: [wrong256]
        ),
        Failure(
            testDescription: "GCM, a key for AES-128",
            stream: "/aes256-gcm/index",
            says: ["AES-256-GCM", "32"],
            keys: [wrong]
        ),
        Failure(
            testDescription: "GCM, one bit of the last segment",
            stream: "/aes256-gcm/index",
            says: ["Media Segment 5", "authentication tag"],
            bodies: ["005.ts": { body in body.prefix(9000) + [body[9000] ^ 1] + body.dropFirst(9001) }]
        ),
        Failure(
            testDescription: "GCM, not encrypted",
            stream: "/aes256-gcm/index",
            says: ["Media Segment 2", "not encrypted"],
            bodies: ["002.ts": { _ in Files.bytes(Files.fixtures + "/clear/002.ts") }]
        ),
        Failure(
            testDescription: "GCM, an error page",
            stream: "/aes256-gcm/index",
            code: .incomplete,
            says: ["Media Segment 1", "HTML"],
            bodies: ["001.ts": { _ in Array("<!DOCTYPE html><html><body>Forbidden for you</body></html>".utf8) }]
        ),
        Failure(
            testDescription: "GCM, larger than the memory",
            stream: "/aes256-gcm/index",
            says: ["Media Segment 3", "--max-memory 6", "5500000 bytes"],
            bodies: ["003.ts": { _ in [UInt8](repeating: 0x11, count: 5_500_000) }]
        ),
        Failure(
            testDescription: "GCM, larger than the memory, and nobody said so",
            stream: "/aes256-gcm/index",
            says: ["Media Segment 3", "larger"],
            bodies: [
                "003.ts": { body in
                    // Plausible to the end: clear bytes would be found out by their first ones.
                    body + [UInt8](repeating: 0x11, count: 5_500_000)
                }
            ],
            script: ["003.ts": .always(.withoutContentLength)]
        ),
        Failure(
            testDescription: "AES-128, wrong key",
            stream: "/aes128-implicit-iv/index",
            says: ["Media Segment 7", "the key is wrong"],
            keys: [wrong]
        ),
        Failure(
            testDescription: "AES-128, wrong vector",
            stream: "/aes128-implicit-iv/index",
            says: ["Media Segment 7", "the key is right, the initialization vector is not"],
            initializationVector: [UInt8](repeating: 3, count: 16)
        ),
        Failure(
            testDescription: "AES-128, not encrypted",
            stream: "/aes128-implicit-iv/index",
            says: ["Media Segment 9", "not encrypted"],
            bodies: ["009.ts": { _ in Files.bytes(Files.fixtures + "/clear/002.ts") }]
        ),
        Failure(
            testDescription: "AES-128, packed audio that is not encrypted",
            stream: "/aes128-implicit-iv/index",
            says: ["Media Segment 7", "not encrypted"],
            bodies: ["007.ts": { _ in Files.bytes(Files.fixtures + "/sample-aes-audio/aac-clear-0.aac") }]
        ),
        Failure(
            testDescription: "AES-128, cut ciphertext",
            stream: "/aes128-implicit-iv/index",
            code: .incomplete,
            says: ["Media Segment 10", "no multiple of 16"],
            bodies: ["010.ts": { Array($0.dropLast(5)) }]
        ),
        Failure(
            testDescription: "AES-128, a section that other keys open",
            stream: "/aes128-map/index",
            says: ["Media Segment 7", "Media Initialization Section", "the key or its initialization vector"],
            bodies: ["init.mp4": { Array($0.reversed()) }]
        ),
        Failure(
            testDescription: "AES-128, a section that is not encrypted",
            stream: "/aes128-map/index",
            says: ["Media Segment 7", "Media Initialization Section", "not encrypted"],
            bodies: [
                "init.mp4": { _ in Files.bytes(Files.fixtures + "/aes128-map/clear.mp4") + [0, 0, 0, 0, 0, 0, 0] }
            ]
        ),
        Failure(
            testDescription: "AES-128, a segment of one block",
            stream: "/aes128-implicit-iv/index",
            says: ["Media Segment 7", "the key is wrong"],
            keys: [wrong],
            bodies: ["007.ts": { Array($0.prefix(16)) }]
        ),
        Failure(
            testDescription: "a key that is a page",
            stream: "/sample-aes-audio/ac3-ts-sample-aes",
            says: ["Media Segment 0", "HTML"],
            bodies: ["a.bin": { _ in Array("<!DOCTYPE html><html>please log in</html>".utf8) }]
        ),
        Failure(
            testDescription: "SAMPLE-AES in a transport stream, wrong key",
            stream: "/sample-aes-ts/index",
            says: ["Media Segment", noMedia],
            keys: [wrong]
        ),
        Failure(
            testDescription: "SAMPLE-AES of AC-3, wrong key",
            stream: "/sample-aes-audio/ac3-packed-sample-aes",
            says: ["Media Segment 0", noMedia],
            keys: [wrong]
        ),
        Failure(
            testDescription: "SAMPLE-AES of Enhanced AC-3, wrong vector",
            stream: "/sample-aes-audio/eac3-ts-sample-aes",
            says: ["Media Segment 0", noMedia],
            initializationVector: [UInt8](repeating: 3, count: 16)
        ),
        Failure(
            testDescription: "SAMPLE-AES of AC-3, not encrypted",
            stream: "/sample-aes-audio/ac3-ts-sample-aes",
            says: ["Media Segment 0", "not encrypted"],
            bodies: ["ac3-sample-aes-0.ts": { _ in Files.bytes(Files.fixtures + "/sample-aes-audio/ac3-clear-0.ts") }]
        ),
        Failure(
            testDescription: "SAMPLE-AES without a key that is not for a key ID",
            stream: "/sample-aes-audio/ac3-ts-sample-aes",
            says: ["Media Segment 0", "could not be loaded", "--key HEX"],
            keys: [other],
            script: ["a.bin": .always(.status(403))]
        ),
        Failure(
            testDescription: "cbcs, wrong key",
            stream: "/cbcs/protected",
            says: ["Media Segment", noMedia],
            keys: [wrong]
        ),
        Failure(
            testDescription: "cenc, wrong key",
            stream: "/cenc/protected",
            says: ["Media Segment 0", noMedia],
            keys: [wrong]
        ),
        Failure(
            testDescription: "cenc, a key ID that is not known",
            stream: "/cenc/protected",
            says: ["Media Segment 0", "--key 0123456789abcdef0123456789abcdef:HEX"],
            keys: [other],
            script: ["key.bin": .always(.status(404))]
        ),
        Failure(
            testDescription: "samples that the playlist does not call encrypted",
            stream: "/cenc/protected",
            says: ["Media Segment 0", "--key 0123456789abcdef0123456789abcdef:HEX"],
            bodies: [
                "protected-video.m3u8": {
                    Array(String(decoding: $0, as: UTF8.self).replacing(/#EXT-X-KEY.*\n/, with: "").utf8)
                }
            ]
        ),
        Failure(
            testDescription: "a scheme that is not known",
            stream: "/cenc/protected",
            says: ["Media Segment 0", "scheme abcd"],
            bodies: [
                "protected-video.mp4": { body in Self.replacing(body, "schm\0\0\0\0cenc", with: "schm\0\0\0\0abcd") }
            ]
        ),
        Failure(
            testDescription: "DRM: what would help is said",
            stream: "/cbcs/protected",
            says: ["FairPlay", "circumvents no DRM", "--key [KID:]HEX"],
            bodies: [
                "protected-video.m3u8": {
                    let text = String(decoding: $0, as: UTF8.self)
                    return Array(text.replacing(/#EXT-X-KEY.*/, with: "#EXT-X-KEY:" + fairPlay).utf8)
                }
            ]
        ),
    ]

    private static func replacing(_ bytes: [UInt8], _ text: String, with other: String) -> [UInt8] {
        var bytes = bytes
        let (old, new) = (Array(text.utf8), Array(other.utf8))
        for start in 0..<max(0, bytes.count - old.count) where bytes[start...].starts(with: old) {
            bytes.replaceSubrange(start..<start + old.count, with: new)
        }
        return bytes
    }

    @Test("what goes wrong is told by its name and place, and no key is in any message", arguments: failures)
    func failure(_ row: Failure) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let folder = row.stream.split(separator: "/").first.map { "/\($0)/" } ?? ""
        for (name, body) in row.bodies {
            harness.server[folder + name] = body(Files.bytes(Files.fixtures + folder + name))
        }
        for (name, script) in row.script { harness.server.script[folder + name] = script }
        let run = await harness.run(row.stream + ".m3u8") {
            $0.keys = row.keys
            $0.initializationVector = row.initializationVector
            $0.maximumMemoryBytes = 4 << 20
        }
        #expect(run.code == row.code, "\(run.message)")
        for words in row.says { #expect(run.message.contains(words), "\(run.message)") }
        #expect(!harness.scratch.names.contains("out.mp4"))
        let said = ([run.message] + run.notes + ["\(run.result)"]).joined(separator: "\n").lowercased()
        for secret in ["00112233445566", "ffeeddccbbaa", "5a5a5a5a", "abeim0rv"] { #expect(!said.contains(secret)) }
    }

    @Test("the key's own retries do not hold up the segments")
    func keyIsRetried() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for (folder, key) in [("/sample-aes-ts/", "a.bin"), ("/aes256-gcm/", "key.bin"), ("/cbcs/", "key.bin")] {
            harness.server.script[folder + key] = [.status(503), .unanswered, .status(503)]
            let name = folder == "/cbcs/" ? "protected.m3u8" : "index.m3u8"
            let run = await harness.run(folder + name) { $0.overwrites = true }
            #expect(run.isComplete, "\(run.message)")
            #expect(harness.server.requests(for: folder + key).count == 4)
        }
    }
}
