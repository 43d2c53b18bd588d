import CFFmpeg
import Testing

@testable import Remux

/// What single damaged headers do to a stream of AAC, and what a change of format does.
@Suite struct ADTSDamageTests {
    /// A frame of 20 bytes: AAC LC.
    ///
    /// - Parameters:
    ///   - rate: index of the sampling frequency; 3 is 48 kHz, 4 is 44.1 kHz.
    ///   - blocks: raw data blocks in it.
    private static func frame(_ filler: UInt8, rate: UInt8 = 3, blocks: UInt8 = 1) -> [UInt8] {
        [0xFF, 0xF1, 0x40 | rate << 2, 0x80, 0x02, 0x9F, 0xFC | (blocks - 1)] + [UInt8](repeating: filler, count: 13)
    }

    private struct Outcome {
        var formats: [Int] = []
        /// First byte and presentation time of each sample.
        var samples: [(filler: UInt8?, pts90k: Int64?)] = []
        var counts = DemuxCounts()
    }

    private func read(_ payloads: [(frames: [[UInt8]], pts90k: Int64?)]) throws -> Outcome {
        let reader = ADTSReader()
        var outcome = Outcome()
        func take(_ sample: DemuxedSample) {
            if let format = reader.takeNewFormat() { outcome.formats.append(format.sampleRate) }
            outcome.samples.append((sample.packet.bytes.first, sample.pts))
        }
        for payload in payloads {
            let bytes = payload.frames.flatMap { $0 }
            let packet = try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
            packet.pts = payload.pts90k
            try reader.accept(packet, take)
        }
        try reader.finish(take)
        outcome.counts = reader.counts
        return outcome
    }

    @Test("one damaged header is no change of format, and moves nothing", arguments: [0, 2, 4])
    func damagedHeader(_ damaged: Int) throws {
        let frames = (0..<5).map { Self.frame(UInt8($0), rate: $0 == damaged ? 1 : 3) }
        for isSplit in [false, true] {
            let single: [(frames: [[UInt8]], pts90k: Int64?)] = frames.enumerated().map { number, frame in
                ([frame], 9000 + Int64(number) * 1920)
            }
            let joined: [(frames: [[UInt8]], pts90k: Int64?)] = [(frames, 9000 as Int64)]
            let outcome = try read(isSplit ? single : joined)
            #expect(outcome.formats == [48_000])
            #expect(outcome.counts.unreadablePackets == 1)
            let expected = (0..<5).filter { $0 != damaged }
            #expect(outcome.samples.map { $0.filler } == expected.map { UInt8?(UInt8($0)) })
            #expect(outcome.samples.map { $0.pts90k } == expected.map { Int64?(9000 + Int64($0) * 1920) })
        }
    }

    @Test func changeOfFormat() throws {
        let outcome = try read([
            ([Self.frame(0), Self.frame(1)], 0), ([Self.frame(2, rate: 4), Self.frame(3, rate: 4)], 3840),
            ([Self.frame(4, rate: 4)], nil),
        ])
        #expect(outcome.formats == [48_000, 44_100])
        #expect(outcome.samples.map(\.filler) == [0, 1, 2, 3, 4])
        #expect(outcome.samples.map(\.pts90k) == [0, 1920, 3840, 5930, 8020])
        #expect(outcome.counts.unreadablePackets == 0)
    }

    @Test("a frame alone is believed")
    func singleFrame() throws {
        let outcome = try read([([Self.frame(7)], 90)])
        #expect(outcome.formats == [48_000])
        #expect(outcome.samples.map(\.pts90k) == [90])
    }

    @Test("frames behind one of several raw data blocks keep their times")
    func severalBlocks() throws {
        let outcome = try read([([Self.frame(0), Self.frame(1), Self.frame(2, blocks: 2), Self.frame(3)], 0)])
        #expect(outcome.samples.map(\.filler) == [0, 1, 3])
        #expect(outcome.samples.map(\.pts90k) == [0, 1920, 7680])
        #expect(outcome.counts.unreadablePackets == 1)
    }
}
