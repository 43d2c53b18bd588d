import Testing

@testable import Remux

/// PIDs that hold another stream from one Media Segment to the next, without a discontinuity.
@Suite struct SwappedStreamsTests {
    private static func bytes(_ path: String) -> [UInt8] {
        FixturePayloads.bytes(of: FixturePayloads.root + "/" + path)
    }

    /// Video on the PID of the audio and the other way round; the program map says so, with a new checksum.
    private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bytes.count, by: 188).flatMap { start -> [UInt8] in
            var packet = Array(bytes[start..<start + 188])
            let pid = Int(packet[1] & 0x1F) << 8 | Int(packet[2])
            switch pid {
            case 0x100, 0x101: packet[2] ^= 1
            case 0x1000:
                let length = 3 + (Int(packet[6] & 0x0F) << 8 | Int(packet[7]))
                var offset = 5 + 12 + (Int(packet[15] & 0x0F) << 8 | Int(packet[16]))
                while offset + 5 <= 5 + length - 4 {
                    packet[offset + 2] ^= 1
                    offset += 5 + (Int(packet[offset + 3] & 0x0F) << 8 | Int(packet[offset + 4]))
                }
                let sum = checksum(packet[5..<(5 + length - 4)])
                for index in 0..<4 {
                    packet[5 + length - 4 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index))
                }
            default: break
            }
            return packet
        }
    }

    /// ISO/IEC 13818-1 Annex A.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte) << 24
            for _ in 0..<8 { sum = sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
        }
        return sum
    }

    private func story(_ segments: [[UInt8]]) async throws -> RingFeed.Story {
        let items = segments.enumerated().map { number, bytes in
            var mark = RingFeed.mark(UInt64(number), .transportStream(.plain))
            mark.streams = ProgramStreams(head: Array(bytes.prefix(4096)), layout: .plain)
            return RingFeed.Item.segment(mark, bytes)
        }
        return try RingFeed.read(await RingFeed.ring(items, chunkBytes: 10_000))
    }

    @Test("the samples are those of the stream that is not swapped")
    func swap() async throws {
        let segments = (0..<4).map { Self.bytes("clear/00\($0).ts") }
        let truth = try await story(segments)
        try #require(truth.samples.count > 100)
        let changed = [segments[0], Self.swapped(segments[1]), Self.swapped(segments[2]), segments[3]]
        #expect(changed[1] != segments[1])
        let have = try await story(changed)
        for kind in [TrackFormat.Kind.video, .audio] {
            let (one, two) = [have, truth].map { $0.samples.filter { $0.track.kind == kind } }.pair
            #expect(one.count == two.count)
            #expect(one.map(\.pts) == two.map(\.pts))
            let isEqual = one.map(\.bytes) == two.map(\.bytes)
            #expect(isEqual)
        }
    }

    @Test("clear and encrypted types are the same stream; other PIDs say nothing")
    func types() throws {
        let head = Array(Self.bytes("clear/000.ts").prefix(4096))
        let clear = try #require(ProgramStreams(head: head, layout: .plain))
        #expect(clear.types == [0x100: 0x1B, 0x101: 0x0F])
        let encrypted = try #require(
            ProgramStreams(head: Array(Self.bytes("sample-aes-ts/000.ts").prefix(4096)), layout: .plain)
        )
        #expect(encrypted.types != clear.types)
        #expect(!encrypted.contradict(clear))
        #expect(ProgramStreams(head: [0x47] + [UInt8](repeating: 0xFF, count: 600), layout: .plain) == nil)
    }
}

extension Array {
    fileprivate var pair: (Element, Element) { (self[0], self[1]) }
}
