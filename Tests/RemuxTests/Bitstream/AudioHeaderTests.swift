import Testing

@testable import Remux

@Suite struct AudioFrameHeaderTests {
    private func mpeg(_ bytes: [UInt8]) -> AudioFrameHeader? {
        bytes.withUnsafeBytes { AudioFrameHeader(mpegAudio: $0) }
    }
    private func opus(_ bytes: [UInt8]) -> AudioFrameHeader? { bytes.withUnsafeBytes { AudioFrameHeader(opus: $0) } }
    private func ac3(_ bytes: [UInt8]) -> AudioFrameHeader? { bytes.withUnsafeBytes { AudioFrameHeader(ac3: $0) } }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var rate: Int
        var channels: Int
        var samples: Int
        var layer = 0
        var length: Int?
    }

    static let mpegRows: [Row] = [
        Row(
            testDescription: "Layer III, 44.1 kHz, 128 kbit/s",
            bytes: [0xFF, 0xFB, 0x90, 0x00],
            rate: 44_100,
            channels: 2,
            samples: 1152,
            layer: 3,
            length: 417
        ),
        Row(
            testDescription: "the same, padded, mono",
            bytes: [0xFF, 0xFB, 0x92, 0xC0],
            rate: 44_100,
            channels: 1,
            samples: 1152,
            layer: 3,
            length: 418
        ),
        Row(
            testDescription: "Layer II, 48 kHz, 192 kbit/s",
            bytes: [0xFF, 0xFD, 0xA4, 0x00],
            rate: 48_000,
            channels: 2,
            samples: 1152,
            layer: 2,
            length: 576
        ),
        Row(
            testDescription: "Layer I, 32 kHz, 448 kbit/s",
            bytes: [0xFF, 0xFF, 0xE8, 0x00],
            rate: 32_000,
            channels: 2,
            samples: 384,
            layer: 1,
            length: 672
        ),
        Row(
            testDescription: "version 2, Layer III, 24 kHz, 64 kbit/s",
            bytes: [0xFF, 0xF3, 0x84, 0xC0],
            rate: 24_000,
            channels: 1,
            samples: 576,
            layer: 3,
            length: 192
        ),
        Row(
            testDescription: "version 2.5, Layer III, 8 kHz, 8 kbit/s",
            bytes: [0xFF, 0xE3, 0x18, 0x00],
            rate: 8000,
            channels: 2,
            samples: 576,
            layer: 3,
            length: 72
        ),
        Row(
            testDescription: "version 2, Layer II, 16 kHz, 160 kbit/s",
            bytes: [0xFF, 0xF5, 0xE8, 0x00],
            rate: 16_000,
            channels: 2,
            samples: 1152,
            layer: 2,
            length: 1440
        ),
        Row(
            testDescription: "free format",
            bytes: [0xFF, 0xFB, 0x00, 0x00],
            rate: 44_100,
            channels: 2,
            samples: 1152,
            layer: 3,
            length: nil
        ),
    ]

    private func check(_ header: AudioFrameHeader?, _ row: Row) {
        #expect(header?.sampleRate == row.rate)
        #expect(header?.channelCount == row.channels)
        #expect(header?.sampleCount == row.samples)
        #expect(header?.layer == row.layer)
        #expect(header?.frameBytes == row.length)
    }

    @Test("MPEG audio", arguments: mpegRows)
    func mpegAudio(_ row: Row) { check(mpeg(row.bytes), row) }

    @Test(
        "what is no MPEG audio",
        arguments: [
            [0xFF, 0xEB, 0x90, 0x00], [0xFF, 0xF9, 0x90, 0x00], [0xFF, 0xFB, 0xF0, 0x00], [0xFF, 0xFB, 0x9C, 0x00],
            [0xFF, 0xDB, 0x90, 0x00], [0xFE, 0xFB, 0x90, 0x00], [0xFF, 0xFB, 0x90], [],
        ] as [[UInt8]]
    )
    func noMpegAudio(_ bytes: [UInt8]) { #expect(mpeg(bytes) == nil) }

    static let ac3Rows: [Row] = [
        Row(
            testDescription: "AC-3, 48 kHz, 384 kbit/s, 3/2.1",
            bytes: [0x0B, 0x77, 0, 0, 28, 0x40, 0xE1],
            rate: 48_000,
            channels: 6,
            samples: 1536,
            length: 1536
        ),
        Row(
            testDescription: "AC-3, 44.1 kHz, 192 kbit/s, stereo, odd",
            bytes: [0x0B, 0x77, 0, 0, 0x40 | 21, 0x40, 0x40],
            rate: 44_100,
            channels: 2,
            samples: 1536,
            length: 836
        ),
        Row(
            testDescription: "AC-3, 32 kHz, 64 kbit/s, mono",
            bytes: [0x0B, 0x77, 0, 0, 0x80 | 8, 0x40, 0x20],
            rate: 32_000,
            channels: 1,
            samples: 1536,
            length: 384
        ),
        Row(
            testDescription: "AC-3 at half the rate",
            bytes: [0x0B, 0x77, 0, 0, 20, 9 << 3, 0x40],
            rate: 24_000,
            channels: 2,
            samples: 1536,
            length: 768
        ),
        Row(
            testDescription: "E-AC-3, six blocks, 3/2.1",
            bytes: [0x0B, 0x77, 0x02, 0xFF, 0x3F, 0x80, 0],
            rate: 48_000,
            channels: 6,
            samples: 1536,
            length: 1536
        ),
        Row(
            testDescription: "E-AC-3, two blocks, stereo",
            bytes: [0x0B, 0x77, 0x00, 0xFF, 0x14, 0x80, 0],
            rate: 48_000,
            channels: 2,
            samples: 512,
            length: 512
        ),
        Row(
            testDescription: "E-AC-3, reduced rate",
            bytes: [0x0B, 0x77, 0x00, 0x7F, 0xC4, 0x80, 0],
            rate: 24_000,
            channels: 2,
            samples: 1536,
            length: 256
        ),
    ]

    @Test("AC-3 and Enhanced AC-3", arguments: ac3Rows)
    func ac3Header(_ row: Row) { check(ac3(row.bytes), row) }

    @Test(
        "what is no AC-3",
        arguments: [
            [0x0B, 0x78, 0, 0, 28, 0x40, 0xE1], [0x0B, 0x77, 0, 0, 28, 17 << 3, 0xE1],
            [0x0B, 0x77, 0, 0, 0xC0, 0x40, 0xE1],
            [0x0B, 0x77, 0, 0, 0xF0, 0x80, 0], [0x0B, 0x77, 0, 0, 28, 0x40], [],
        ] as [[UInt8]]
    )
    func noAC3(_ bytes: [UInt8]) { #expect(ac3(bytes) == nil) }

    @Test(
        "Opus packets by their first bytes (RFC 6716 table 2)",
        arguments: [
            ([0x00], 480), ([0x08], 960), ([0x10], 1920), ([0x18], 2880), ([0x60], 480), ([0x68], 960), ([0x80], 120),
            ([0xF8], 960), ([0xF9], 1920), ([0xFA], 1920), ([0xFB, 6], 5760), ([0x1B, 2], 5760),
        ] as [([UInt8], Int)]
    )
    func opusPacket(_ bytes: [UInt8], _ samples: Int) {
        #expect(opus(bytes)?.sampleCount == samples)
        #expect(opus(bytes)?.sampleRate == 48_000)
    }

    @Test("Opus packets that cannot be", arguments: [[], [0xFB], [0xFB, 0], [0xFB, 7], [0x1B, 3]] as [[UInt8]])
    func noOpus(_ bytes: [UInt8]) { #expect(opus(bytes) == nil) }

    @Test(
        "lengths of real frames are those of the headers",
        arguments: [
            ("packed-mp3/0.mp3", "mp3"), ("packed-ac3/0.ac3", "ac3"), ("packed-eac3/0.ec3", "ac3"),
        ]
    )
    func realFrames(_ path: String, _ codec: String) throws {
        let bytes = FixturePayloads.bytes(of: FixturePayloads.root + "/" + path)
        var offset = 0
        while let tag = ID3Tag.byteCount(header: bytes[offset...]) { offset += tag }
        var count = 0
        while offset < bytes.count {
            let rest = Array(bytes[offset...])
            let header = try #require(codec == "mp3" ? mpeg(rest) : ac3(rest))
            offset += try #require(header.frameBytes)
            count += 1
        }
        #expect(offset == bytes.count)
        #expect(count > 25)
    }
}

/// Samples of sound from frames.
@Suite struct ParsedAudioReaderTests {
    private func frames(_ path: String) throws -> [[UInt8]] {
        let bytes = FixturePayloads.bytes(of: FixturePayloads.root + "/" + path)
        var offset = 0
        while let tag = ID3Tag.byteCount(header: bytes[offset...]) { offset += tag }
        var frames: [[UInt8]] = []
        while offset < bytes.count {
            let header = bytes[offset...].withUnsafeBytes { AudioFrameHeader(ac3: $0) }
            let length = try #require(header?.frameBytes)
            frames.append(Array(bytes[offset..<offset + length]))
            offset += length
        }
        return frames
    }

    private func samples(
        _ bytes: [UInt8],
        cuts: Int
    ) async throws -> (samples: [[UInt8]], pts: [Int64?], counts: DemuxCounts) {
        let mark = RingFeed.mark(0, .packedAudio)
        let story = try RingFeed.read(await RingFeed.ring([.segment(mark, bytes)], chunkBytes: cuts))
        return (story.samples.map(\.bytes), story.samples.map(\.pts), story.counts)
    }

    @Test("a dependent substream goes into the sample of the independent one", arguments: [100, 777, 100_000])
    func dependent(_ cuts: Int) async throws {
        let frames = try frames("packed-eac3/0.ec3")
        let pairs = frames.map { frame in
            var other = frame
            other[2] = other[2] & 0x3F | 0x40
            return frame + other
        }
        let result = try await samples(Array(pairs.joined()), cuts: cuts)
        let isResultEqual = result.samples == pairs
        #expect(isResultEqual)
        #expect(result.counts == DemuxCounts())
        #expect(result.pts == pairs.indices.map { Int64($0) * 2880 })
    }

    @Test("frames of fewer than six blocks are joined to samples of six", arguments: [(0, 1), (1, 2), (2, 3)])
    func blocks(_ code: UInt8, _ blocks: Int) async throws {
        let frames = try frames("packed-eac3/0.ec3").prefix(24).map { frame in
            var short = frame
            short[4] = short[4] & 0xCF | code << 4
            return short
        }
        let count = 6 / blocks
        let result = try await samples(Array(frames.joined()), cuts: 500)
        let joined = stride(from: 0, to: frames.count, by: count).map { Array(frames[$0..<$0 + count].joined()) }
        let isResultEqual = result.samples == joined
        #expect(isResultEqual)
        #expect(result.pts == joined.indices.map { Int64($0) * 2880 })
        let odd = try await samples(Array(frames.dropLast().joined()), cuts: 500)
        let isOddEqual = odd.samples == Array(joined.dropLast())
        #expect(isOddEqual)
        #expect(odd.counts.unreadablePackets == 1)
    }

    @Test("half of a frame at the end is none")
    func half() async throws {
        let frames = try frames("packed-eac3/0.ec3")
        let bytes = Array(frames.joined().dropLast(20))
        let result = try await samples(bytes, cuts: 300)
        let isResultEqual = result.samples == Array(frames.dropLast())
        #expect(isResultEqual)
        #expect(result.counts.unreadablePackets == 1)
    }
}
