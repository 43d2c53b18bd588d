import CFFmpeg
import Decryption
import Testing

@testable import Remux

/// The readers in front of readers: what they decrypt is what the clear stream holds, however payloads are cut.
@Suite struct SampleAESReaderTests {
    private static let keyBytes = hex("00112233445566778899aabbccddeeff")

    private func keys(_ key: [UInt8] = keyBytes) throws -> SampleKeys {
        SampleKeys(
            method: .chaining,
            playlistKey: try DecryptionKey(keyFile: key),
            vector: try InitializationVector(hex("0f1e2d3c4b5a69788796a5b4c3d2e1f0"))
        )
    }

    struct Sound: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var codec: AVCodecID
    }

    static let sounds = [
        Sound(testDescription: "aac", codec: AV_CODEC_ID_AAC), Sound(testDescription: "ac3", codec: AV_CODEC_ID_AC3),
        Sound(testDescription: "eac3", codec: AV_CODEC_ID_EAC3),
    ]

    /// The frames of packed audio, without its ID3 tag.
    private func frames(_ sound: Sound, _ kind: String) throws -> [UInt8] {
        let suffix = sound.testDescription == "eac3" ? "ec3" : sound.testDescription
        let path = "/sample-aes-audio/\(sound.testDescription)-\(kind)-0.\(suffix)"
        let bytes = FixturePayloads.bytes(of: FixturePayloads.root + path)
        let tag = try #require(ID3Tag.byteCount(header: bytes))
        return Array(bytes.dropFirst(tag))
    }

    private func samples(
        _ reader: any StreamReader,
        _ codec: AVCodecID,
        _ payloads: [(bytes: [UInt8], pts: Int64?, keys: SampleKeys?)]
    ) throws -> [(pts: Int64?, bytes: [UInt8])] {
        var samples: [(Int64?, [UInt8])] = []
        var reader = reader
        for payload in payloads {
            reader = try SampleAESReaders.reader(reader, of: codec, opening: payload.keys)
            let packet = try Packet(count: payload.bytes.count) { $0.copyBytes(from: payload.bytes) }
            packet.pts = payload.pts
            packet.dts = payload.pts
            try reader.accept(packet) { samples.append(($0.pts, Array($0.packet.bytes))) }
        }
        try reader.finish { samples.append(($0.pts, Array($0.packet.bytes))) }
        return samples
    }

    @Test("sound in pieces of any size", arguments: sounds, [1, 2, 5, 6, 7, 8, 100, 333, 1000, 100_000])
    func pieces(_ sound: Sound, _ size: Int) throws {
        func read(_ kind: String, _ keys: SampleKeys?) throws -> [(pts: Int64?, bytes: [UInt8])] {
            let bytes = try frames(sound, kind)
            let pieces = stride(from: 0, to: bytes.count, by: size).map { start in
                (Array(bytes[start..<min(start + size, bytes.count)]), start == 0 ? Int64(9000) : nil, keys)
            }
            let reader = try #require(try StreamReaders.reader(for: sound.codec))
            return try samples(reader, sound.codec, pieces)
        }
        let clear = try read("clear", nil)
        let opened = try read("sample-aes", try keys())
        #expect(clear.count > 20)
        let isEqual = clear.elementsEqual(opened, by: ==)
        #expect(isEqual, "\(clear.count) samples against \(opened.count)")
    }

    /// Clear, key A, clear, key B: each payload ends in the middle of a frame, which keeps the key it began with.
    @Test("keys change in the middle of frames", arguments: sounds)
    func rotation(_ sound: Sound) throws {
        let clear = try frames(sound, "clear")
        let other = try frames(sound, "sample-aes")
        let keys = try keys()
        // Frames are as long in both: where the mixture switches from one to the other lies behind the header of a frame.
        let scan = sound.codec == AV_CODEC_ID_AAC ? EncryptedFrame.Codec.adts : .dolby
        var starts: [Int] = []
        var position = 0
        clear.withUnsafeBytes { bytes in
            while position < bytes.count,
                case .frame(let frame) = EncryptedFrame.find(scan, at: .init(rebasing: bytes[position...]))
            {
                starts.append(position)
                position += frame.byteCount
            }
        }
        try #require(starts.count > 20 && position == clear.count)
        let (first, second, third) = (starts[5], starts[11], starts[17])
        let mixture = clear[..<first] + other[first..<second] + clear[second..<third] + other[third...]
        var payloads: [(bytes: [UInt8], pts: Int64?, keys: SampleKeys?)] = []
        // The last payload of a span holds the beginning of the next span's first frame only where both have keys: here the
        // clear spans end with a frame, the encrypted ones in the middle of one.
        let middle = starts[8] + 9
        for (range, keys) in [
            (0..<first, nil), (first..<middle, keys), (middle..<second, keys), (second..<third, nil),
            (third..<clear.count, keys),
        ] as [(Range<Int>, SampleKeys?)] {
            payloads.append((Array(mixture[range]), range.lowerBound == 0 ? 9000 : nil, keys))
        }
        let reader = try #require(try StreamReaders.reader(for: sound.codec))
        let opened = try samples(reader, sound.codec, payloads).map(\.bytes)
        let plain = try #require(try StreamReaders.reader(for: sound.codec))
        let expected = try samples(plain, sound.codec, [(clear, 9000, nil)]).map(\.bytes)
        let isEqual = opened == expected
        #expect(isEqual)
    }

    @Test(
        "the wrong key is found before many frames have passed, and clear frames are named as such",
        arguments: sounds
    )
    func wrongKey(_ sound: Sound) throws {
        // A second of AAC has three frames whose last block is encrypted, half of which show it.
        let encrypted = try frames(sound, "sample-aes")
        let repeated = Array(repeatElement(encrypted, count: 4).joined())
        let reader = try #require(try StreamReaders.reader(for: sound.codec))
        let wrong = try keys([UInt8](repeating: 9, count: 16))
        #expect {
            try samples(reader, sound.codec, [(repeated, 0, wrong)])
        } throws: { error in
            (error as? RemuxError)?.code == .key && "\(error)".contains("the key or its initialization vector is wrong")
        }
        let clear = Array(repeatElement(try frames(sound, "clear"), count: 4).joined())
        let second = try #require(try StreamReaders.reader(for: sound.codec))
        let right = try keys()
        #expect {
            try samples(second, sound.codec, [(clear, 0, right)])
        } throws: { error in
            (error as? RemuxError)?.code == .key && "\(error)".contains("not encrypted")
        }
    }

    @Test("video: NAL units that go on in the next payload")
    func video() throws {
        let clear = try FixturePayloads.load(["clear/000.ts"]).filter { $0.codec == "h264" }
        let encrypted = try FixturePayloads.load(["sample-aes-ts/000.ts"]).filter { $0.codec == "h264" }
        try #require(clear.count == encrypted.count && clear.count > 20)
        let expected = try samples(AVCReader(), AV_CODEC_ID_H264, clear.map { ($0.bytes, $0.pts, nil) }).map(\.bytes)
        let keys = try keys()
        for seed in 0..<20 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var payloads: [(bytes: [UInt8], pts: Int64?, keys: SampleKeys?)] = []
            for payload in encrypted {
                let cut = Int.random(in: 4...payload.bytes.count, using: &generator)
                payloads.append((Array(payload.bytes[..<cut]), payload.pts, keys))
                // A cut in front of a start code makes a payload of its own, without a time.
                guard cut < payload.bytes.count else { continue }
                payloads.append((Array(payload.bytes[cut...]), nil, keys))
            }
            let opened = try samples(AVCReader(), AV_CODEC_ID_H264, payloads).map(\.bytes)
            let isEqual = opened == expected
            #expect(isEqual, "seed \(seed)")
        }
    }

    @Test("what SAMPLE-AES does not define is refused")
    func undefined() throws {
        let keys = try keys()
        #expect(throws: RemuxError.self) {
            try SampleAESReaders.reader(HEVCReader(), of: AV_CODEC_ID_HEVC, opening: keys)
        }
        var counter = keys
        counter.method = .counter
        let reader = ADTSReader()
        #expect(throws: RemuxError.self) {
            try samples(reader, AV_CODEC_ID_AAC, [(try frames(Self.sounds[0], "sample-aes"), 0, counter)])
        }
    }
}
