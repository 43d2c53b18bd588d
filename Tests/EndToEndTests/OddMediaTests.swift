import OriginServer
import Remux
import Testing

/// Media that is unusual, and either taken as it is or told by its name: nothing is missing with exit 0.
@Suite struct OddMediaTests {
    private static func bytes(_ path: String) -> [UInt8] { Files.bytes(Files.fixtures + path) }

    private static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]

    private static func pid(_ packet: ArraySlice<UInt8>) -> Int {
        Int(packet[packet.startIndex + 1] & 0x1F) << 8 | Int(packet[packet.startIndex + 2])
    }

    private static func packets(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: 188).map { bytes[$0..<$0 + 188] }
    }

    /// Without the timestamps of a stream: its PES say that there are none.
    private static func withoutTimestamps(_ bytes: [UInt8], pid: Int) -> [UInt8] {
        packets(bytes).flatMap { packet -> [UInt8] in
            var packet = Array(packet)
            guard Self.pid(packet[...]) == pid, packet[1] & 0x40 != 0 else { return packet }
            let payload = packet[3] & 0x20 != 0 ? 5 + Int(packet[4]) : 4
            packet[payload + 7] &= 0x3F
            return packet
        }
    }

    @Test("a stream without any timestamp is no silent loss", arguments: [0x100, 0x101])
    func withoutTimestamps(_ pid: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for number in 0..<6 {
            let path = "/clear/00\(number).ts"
            harness.server[path] = Self.withoutTimestamps(Self.bytes(path), pid: pid)
        }
        let run = await harness.run("/clear/index.m3u8")
        #expect(run.code == .media)
        #expect(run.message.contains("no timestamps"), "\(run.message)")
    }

    @Test("a segment of tables only, of stuffing only: its media is missing", arguments: [true, false])
    func withoutMedia(_ isTables: Bool) async throws {
        let tables = Self.packets(Self.bytes("/clear/002.ts")).filter { Self.pid($0) < 0x100 || Self.pid($0) >= 0x1000 }
        let null = [0x47, 0x1F, 0xFF, 0x10] + [UInt8](repeating: 0xFF, count: 184)
        let segment = isTables ? Array(tables.joined()) : (0..<20).flatMap { _ in null }
        for policy in RemuxConfiguration.MissingSegmentPolicy.allCases {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            harness.server["/clear/002.ts"] = segment
            let run = await harness.run("/clear/index.m3u8") { $0.missingSegments = policy }
            #expect(run.code == .incomplete, "\(run.message)")
            if policy == .fail { #expect(run.message.contains("Media Segment 2"), "\(run.message)") }
            if policy == .gap { #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [2]) }
        }
    }

    @Test("AES-256-GCM: one segment is damaged, the key is right for those before it")
    func damagedTag() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        var body = Self.bytes("/aes256-gcm/003.ts")
        body[9000] ^= 1
        harness.server["/aes256-gcm/003.ts"] = body
        let run = await harness.run("/aes256-gcm/index.m3u8") { $0.missingSegments = .gap }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [3])
        // The first one proves nothing.
        let other = try SessionHarness()
        defer { other.server.stop() }
        other.server["/aes256-gcm/000.ts"] = [1] + Self.bytes("/aes256-gcm/000.ts").dropFirst()
        let first = await other.run("/aes256-gcm/index.m3u8") { $0.missingSegments = .gap }
        #expect(first.code == .key, "\(first.message)")
    }

    @Test("AES-256-GCM behind an image")
    func disguised() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for number in 0..<6 {
            let path = "/aes256-gcm/00\(number).ts"
            harness.server[path] = Self.png + Self.bytes(path)
        }
        let run = await harness.run("/aes256-gcm/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        #expect(run.notes.count { $0.contains("an image") } == 1)
        let isEqual = try await harness.clean("/clear/index.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
    }

    @Test("zeros behind the last box", arguments: [1, 7, 8, 12, 100_000])
    func zeros(_ count: Int) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for number in 0..<3 {
            let path = "/fmp4/\(number).m4s"
            harness.server[path] = Self.bytes(path) + [UInt8](repeating: 0, count: count)
        }
        let run = await harness.run("/fmp4/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let isEqual = try await harness.clean("/fmp4/index.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
    }

    private static func put32(_ value: Int, _ offset: Int, into bytes: inout [UInt8]) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
    }

    private static func number32(_ bytes: [UInt8], _ offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    /// The offset of a box by its type.
    private static func find(_ type: String, in bytes: [UInt8]) -> Int {
        let code = Array(type.utf8)
        return bytes.indices.dropFirst(4).first { bytes[$0...].starts(with: code) }.map { $0 - 4 } ?? 0
    }

    /// Moves the encryption data of a segment behind its samples: into the end of its `mdat`, or a box of its own.
    private static func withLateEncryptionData(_ bytes: [UInt8], inMedia: Bool) -> [UInt8] {
        var bytes = bytes
        let (moof, senc, saio) = (find("moof", in: bytes), find("senc", in: bytes), find("saio", in: bytes))
        let media = find("mdat", in: bytes)
        let data = Array(bytes[(senc + 16)..<(senc + number32(bytes, senc))])
        bytes.replaceSubrange((senc + 4)..<(senc + 8), with: Array("skip".utf8))
        for index in (senc + 16)..<(senc + 16 + data.count) { bytes[index] = 0xEE }
        put32(bytes.count + (inMedia ? 0 : 8) - moof, saio + 16, into: &bytes)
        if inMedia {
            put32(number32(bytes, media) + data.count, media, into: &bytes)
        } else {
            bytes += [0, 0, 0, 0] + Array("free".utf8)
            put32(8 + data.count, bytes.count - 8, into: &bytes)
        }
        return bytes + data
    }

    @Test("encryption data behind the samples", arguments: [true, false])
    func lateEncryptionData(_ inMedia: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        for number in 1...4 {
            let path = "/cenc/protected-video-\(number).m4s"
            guard Self.find("senc", in: Self.bytes(path)) > 0 else { continue }
            harness.server[path] = Self.withLateEncryptionData(Self.bytes(path), inMedia: inMedia)
        }
        let run = await harness.run("/cenc/protected.m3u8")
        #expect(run.isComplete, "\(run.message) \(run.notes)")
        let isEqual = try await harness.clean("/cenc/clear.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
    }

    /// Takes the durations of all samples away.
    private static func withoutDurations(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for offset in bytes.indices.dropLast(16) where bytes[(offset + 4)...].starts(with: Array("trun".utf8)) {
            let (flags, count) = (number32(bytes, offset + 8) & 0xFF_FFFF, number32(bytes, offset + 12))
            var field = offset + 16 + 4 * ((flags & 0x01) + (flags & 0x04) / 4)
            let fields = (flags >> 8 & 0x0F).nonzeroBitCount
            guard flags & 0x100 != 0 else { continue }
            for _ in 0..<count {
                put32(0, field, into: &bytes)
                field += 4 * fields
            }
        }
        return bytes
    }

    @Test("sound without durations: its frames have a length")
    func withoutDurations() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        // The last one has a single sample, which is shorter.
        for number in 0..<3 {
            let path = "/fmp4-separate/a/\(number).m4s"
            let changed = Self.withoutDurations(Self.bytes(path))
            #expect(changed != Self.bytes(path))
            harness.server[path] = changed
        }
        let run = await harness.run("/fmp4-separate/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let isEqual = try await harness.clean("/fmp4-separate/index.m3u8") == harness.scratch.bytes("out.mp4")
        #expect(isEqual)
    }

    @Test("pictures without durations: nothing says how long they last, and nothing is dropped without a word")
    func picturesWithoutDurations() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/fmp4-separate/v/1.m4s"] = Self.withoutDurations(Self.bytes("/fmp4-separate/v/1.m4s"))
        let run = await harness.run("/fmp4-separate/index.m3u8")
        #expect(run.code == .media)
        #expect(run.message.contains("how long"), "\(run.message)")
    }
}
