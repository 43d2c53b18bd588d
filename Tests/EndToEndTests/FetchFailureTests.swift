import OriginServer
import Remux
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What one failing segment or key does to the rest, and segments that end too soon without a word from the network.
@Suite struct FetchFailureTests {
    private static let encrypted = "/aes128-explicit-iv"
    private static let names = (0..<6).map { "00\($0).ts" }

    // MARK: - Keys

    @Test("a segment that fails while the key is on its way is the only one that is lost", arguments: [false, true])
    func failureBeforeKey(_ keepsGap: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script[Self.encrypted + "/key.bin"] = .always(.delay(.milliseconds(300)))
        harness.server.script[Self.encrypted + "/003.ts"] = .always(.status(403))
        let run = await harness.run(Self.encrypted + "/index.m3u8") { $0.missingSegments = keepsGap ? .gap : .fail }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(harness.server.requests(for: Self.encrypted + "/key.bin").count == 1)
        if keepsGap {
            #expect(run.message.contains("1 of 6 Media Segments: 3"), "\(run.message)")
            #expect(run.summary.segmentCount == 5)
            #expect(harness.scratch.names == ["out.mp4"])
        } else {
            #expect(run.message.contains("Media Segment 3"), "\(run.message)")
            #expect(run.message.contains("403"), "\(run.message)")
            #expect(run.summary.segmentCount == 3)
        }
    }

    @Test("the last segment that waits for a key gives it up; a later one asks again")
    func everyWaiterLeaves() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script[Self.encrypted + "/key.bin"] = [.delay(.milliseconds(300))]
        harness.server.script[Self.encrypted + "/000.ts"] = .always(.status(403))
        let run = await harness.run(Self.encrypted + "/index.m3u8") {
            $0.missingSegments = .gap
            $0.jobs = 1
        }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [0])
        #expect(run.summary.segmentCount == 5)
    }

    @Test(
        "a key that fails for good is asked for once, with its retries, or once more behind a fresh playlist",
        arguments: [403, 503]
    )
    func failedKey(_ status: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script[Self.encrypted + "/key.bin"] = .always(.status(status))
        let run = await harness.run(Self.encrypted + "/index.m3u8") {
            $0.missingSegments = .gap
            $0.jobs = 2
        }
        #expect(run.code == .key, "\(run.message)")
        #expect(run.message.contains("\(status)"), "\(run.message)")
        #expect(harness.server.requests(for: Self.encrypted + "/key.bin").count == (status == 403 ? 2 : 8))
    }

    @Test("retries of playlists and keys are told and counted", arguments: ["index.m3u8", "key.bin"])
    func retriesAreTold(_ name: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["\(Self.encrypted)/\(name)"] = [.status(503), .status(503)]
        let run = await harness.run(Self.encrypted + "/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.retryCount == 2)
        let told = run.notes.filter { $0.contains(name) && $0.contains("attempt") && $0.contains("503") }
        #expect(told.count == 2, "\(run.notes)")
        #expect(told.allSatisfy { $0.hasPrefix(name == "key.bin" ? "key " : "playlist ") })
    }

    // MARK: - Ends that nothing announces

    struct Cut: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var folder: String
        var bytes: Int
        var says = "its media is cut off"

        /// No Content-Length: the end of the connection is the end of the body.
        var answer: Answer { .withoutContentLength.cut(after: bytes).closing }
        /// The bytes are on their way for long enough to be read before the end.
        var slowAnswer: Answer { answer.stall(at: bytes - 100, for: .milliseconds(150)) }
    }

    /// A block's end, with more than 16 KiB before it, whose last byte of media is 1: padding of one byte.
    private static let paddedByChance: Int = {
        let clear = Files.bytes(Files.fixtures + "/clear/002.ts")
        return stride(from: 17_008, to: clear.count, by: 16).first { clear[$0 - 1] == 1 && $0 % 188 != 0 } ?? 0
    }()

    static let cuts = [
        Cut(testDescription: "clear", folder: "/clear", bytes: 20_000),
        Cut(testDescription: "encrypted, whole blocks", folder: encrypted, bytes: 20_000),
        Cut(testDescription: "encrypted, the last block looks padded", folder: encrypted, bytes: paddedByChance),
        Cut(testDescription: "encrypted, no whole blocks", folder: encrypted, bytes: 20_001, says: "no multiple of 16"),
    ]

    @Test("a segment cut once, without Content-Length, is mended", arguments: cuts, [true, false])
    func mended(_ cut: Cut, _ hasValidators: Bool) async throws {
        let clean = try await SessionHarness().clean(cut.folder + "/index.m3u8")
        for answer in [cut.answer, cut.slowAnswer] {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            func known(_ answer: Answer) -> Answer {
                hasValidators ? answer : answer.withoutHeader("ETag").withoutHeader("Last-Modified")
            }
            let path = cut.folder + "/002.ts"
            harness.server.script[path] = Script([known(answer), known(answer)], then: known(.normal))
            let run = await harness.run(cut.folder + "/index.m3u8")
            #expect(run.isComplete, "\(run.message)")
            #expect(run.summary.warnings == [])
            #expect(run.summary.retryCount >= 1)
            expectOutput(of: harness, is: clean)
        }
    }

    @Test("a segment that is always cut is lost, and named", arguments: cuts, [true, false])
    func lost(_ cut: Cut, _ isRead: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script[cut.folder + "/002.ts"] = .always((isRead ? cut.slowAnswer : cut.answer).ignoringRange)
        let run = await harness.run(cut.folder + "/index.m3u8") { $0.missingSegments = .gap }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [2])
        #expect(run.summary.gaps.allSatisfy { $0.cause.contains("Media Segment 2") && $0.cause.contains(cut.says) })
        #expect(run.summary.segmentCount == 5)
    }

    @Test("a session that fails at a segment that was cut half-way keeps what came before", arguments: cuts)
    func failed(_ cut: Cut) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script[cut.folder + "/002.ts"] = .always(cut.slowAnswer.ignoringRange)
        let run = await harness.run(cut.folder + "/index.m3u8")
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.message.contains("Media Segment 2") && run.message.contains(cut.says), "\(run.message)")
        #expect(run.summary.segmentCount == 2)
        #expect(harness.scratch.names == ["out.mp4.part"])
    }

    @Test("an encrypted file that was cut on the server between two blocks is lost, not a leniency")
    func cutFile() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let path = Self.encrypted + "/002.ts"
        harness.server[path] = Array(Files.bytes(Files.fixtures + path).prefix(20_000))
        let run = await harness.run(Self.encrypted + "/index.m3u8")
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.message.contains("its media is cut off"), "\(run.message)")
        #expect(!run.summary.warnings.contains { $0.contains("padding") })
    }

    @Test("a whole segment without padding is kept, with one warning")
    func noPadding() async throws {
        let clean = try await SessionHarness().clean(Self.encrypted + "/index.m3u8")
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        // 30,080 bytes of media are whole blocks: the last block is nothing but padding.
        let path = Self.encrypted + "/003.ts"
        harness.server[path] = Files.bytes(Files.fixtures + path).dropLast(16)
        let run = await harness.run(Self.encrypted + "/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.warnings.count { $0.contains("padding") } == 1)
        expectOutput(of: harness, is: clean)
    }

    // MARK: - Other formats

    @Test(
        "segments that hold no media are named, encrypted or clear, at once",
        arguments: [
            ("ID3\u{4}\0\0\0\0\0\u{3F}PRIV\0\0", "ID3"), ("WEBVTT\n\n00:00.000", "WebVTT"),
        ],
        [false, true]
    )
    func formats(_ row: (head: String, says: String), isEncrypted: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let head = Array(row.head.utf8.prefix(16))
        let clear = Files.bytes(Files.fixtures + "/clear/000.ts")
        let folder = isEncrypted ? Self.encrypted : "/clear"
        if !isEncrypted { harness.server["/clear/000.ts"] = head + clear.dropFirst(head.count) }
        let run = await harness.run(folder + "/index.m3u8") { configuration in
            if isEncrypted { configuration.initializationVector = Self.vector(turning: clear, into: head) }
        }
        #expect(run.code == .media, "\(run.message)")
        #expect(run.message.contains(row.says), "\(run.message)")
        #expect(harness.server.requests(for: folder + "/000.ts").count == 1)
    }

    @Test("an encrypted segment that holds nothing but padding is empty; the key is not blamed")
    func empty() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let path = Self.encrypted + "/000.ts"
        harness.server[path] = Array(Files.bytes(Files.fixtures + path).prefix(16))
        let clear = Files.bytes(Files.fixtures + "/clear/000.ts")
        let run = await harness.run(Self.encrypted + "/index.m3u8") {
            $0.initializationVector = Self.vector(turning: clear, into: [UInt8](repeating: 16, count: 16))
        }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.message.contains("Media Segment 0: it is empty"), "\(run.message)")
    }

    /// The initialization vector under which the first block of the encrypted fixture becomes `block` (CBC: the first
    /// plaintext block is the decrypted one, exclusive-or the vector).
    private static func vector(turning plain: [UInt8], into block: [UInt8]) -> [UInt8] {
        let own: [UInt8] = [
            0x0F, 0x1E, 0x2D, 0x3C, 0x4B, 0x5A, 0x69, 0x78, 0x87, 0x96, 0xA5, 0xB4, 0xC3, 0xD2, 0xE1, 0xF0,
        ]
        return zip(own, zip(plain, block)).map { $0 ^ $1.0 ^ $1.1 }
    }

    // MARK: - Local playlists

    @Test("a missing segment of a local playlist is lost, like one of a server", arguments: [false, true])
    func missingFile(_ keepsGap: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        copy("/clear", Self.names.filter { $0 != "002.ts" } + ["index.m3u8"], to: harness.scratch)
        let run = await harness.run("file://" + harness.scratch.path + "/index.m3u8") {
            $0.missingSegments = keepsGap ? .gap : .fail
        }
        #expect(run.code == .incomplete, "\(run.message)")
        if keepsGap {
            #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [2])
            #expect(run.summary.segmentCount == 5)
            #expect(harness.scratch.names.contains("out.mp4"))
        } else {
            #expect(run.message.contains("Media Segment 2 is lost: there is no file"), "\(run.message)")
            #expect(run.error?.context.mediaSequenceNumber == 2)
        }
    }

    @Test("a missing key of a local playlist is a key's failure")
    func missingKeyFile() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        copy(Self.encrypted, Self.names + ["index.m3u8"], to: harness.scratch)
        let run = await harness.run("file://" + harness.scratch.path + "/index.m3u8") { $0.missingSegments = .gap }
        #expect(run.code == .key, "\(run.message)")
        #expect(run.message.contains("key.bin"), "\(run.message)")
    }

    /// Compares outside of the expectation, which would spend minutes on the difference of two long arrays.
    private func expectOutput(of harness: SessionHarness, is clean: [UInt8]) {
        let isClean = harness.scratch.bytes("out.mp4") == clean
        #expect(isClean)
    }

    private func copy(_ folder: String, _ names: [String], to scratch: Scratch) {
        for name in names { scratch.write(Files.bytes("\(Files.fixtures)\(folder)/\(name)"), to: name) }
    }
}
