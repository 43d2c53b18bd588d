import CFFmpeg
import Testing

@testable import Remux

/// PES that leave times out: the pictures get those that the same stream has with one access unit in each PES.
@Suite struct PictureClockTests {
    struct Times: Equatable {
        var pts: Int64?
        var dts: Int64?
    }

    static let streams: [(codec: String, segments: [String])] = [
        ("h264", ["clear/000.ts", "clear/001.ts", "clear/002.ts"]),
        ("h264", ["long-gop/000.ts", "long-gop/001.ts"]),
        ("h264", ["open-gop/000.ts", "open-gop/001.ts"]),
        ("h264", ["ts-plain-rendition/v/0.ts", "ts-plain-rendition/v/1.ts"]),
        ("hevc", ["hevc/000.ts", "hevc/001.ts"]),
        ("mpeg2video", ["ts-mpeg2/0.ts", "ts-mpeg2/1.ts"]),
    ]

    private func payloads(_ stream: Int) throws -> [FixturePayloads.Payload] {
        let (codec, segments) = Self.streams[stream]
        let payloads = try FixturePayloads.load(segments).filter { $0.codec == codec }
        try #require(payloads.count > 20)
        return payloads
    }

    private func reader(_ codec: String) throws -> any StreamReader {
        switch codec {
        case "hevc": try HEVCReader.cuttingUnits()
        case "mpeg2video": try MPEGVideoReader(codec: AV_CODEC_ID_MPEG2VIDEO)
        default: AVCReader()
        }
    }

    /// Times of all pictures behind PictureClock, and how many have another payload than in `truth`.
    private func times(_ payloads: [FixturePayloads.Payload], _ codec: String) throws -> [Times] {
        let reader = try reader(codec)
        var clock = PictureClock<Void>()
        var times: [Times] = []
        let take: (TimedPicture<Void>) -> Void = { times.append(Times(pts: $0.pts, dts: $0.dts)) }
        let push: (DemuxedSample) -> Void = { sample in
            let size = sample.packet.size
            let (pts, dts, order) = (sample.pts, sample.dts, sample.order)
            clock.push(TimedPicture(pts: pts, dts: dts, order: order, byteCount: size, payload: ()), take)
        }
        for payload in payloads { try reader.accept(try payload.packet(), push) }
        try reader.finish(push)
        clock.finish(take)
        return times
    }

    private func compare(_ have: [Times], _ want: [Times], from first: Int = 0) {
        #expect(have.count == want.count)
        let off = zip(have, want).enumerated().dropFirst(first).filter { _, pair in
            abs((pair.0.pts ?? .max / 4) - (pair.1.pts ?? 0)) > 1
                || abs((pair.0.dts ?? .max / 4) - (pair.1.dts ?? 0)) > 1
        }
        #expect(off.isEmpty, "\(off.count) of \(want.count), first \(String(describing: off.first))")
    }

    /// Several access units in each PES, from one on: the PES has the times of the first.
    private func joined(_ payloads: [FixturePayloads.Payload], _ count: Int, from first: Int) -> [FixturePayloads
        .Payload]
    {
        var joined: [FixturePayloads.Payload] = []
        for (number, payload) in payloads.enumerated() {
            if number > first, (number - first) % count != 0 {
                joined[joined.count - 1].bytes += payload.bytes
            } else {
                joined.append(payload)
            }
        }
        return joined
    }

    @Test("several access units in one PES", arguments: streams.indices, [2, 3, 5, 25])
    func several(_ stream: Int, _ count: Int) throws {
        let payloads = try payloads(stream)
        let codec = Self.streams[stream].codec
        let truth = try times(payloads, codec)
        for first in [0, 7] { compare(try times(joined(payloads, count, from: first), codec), truth) }
    }

    @Test("PES without times, at the start too", arguments: streams.indices, 0..<8 as Range<UInt64>)
    func missing(_ stream: Int, _ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let payloads = try payloads(stream)
        let codec = Self.streams[stream].codec
        let untimed = payloads.map { payload in
            guard Int.random(in: 0...2, using: &generator) > 0 else { return payload }
            var payload = payload
            (payload.pts, payload.dts) = (nil, nil)
            return payload
        }
        compare(try times(untimed, codec), try times(payloads, codec))
    }

    @Test("no decoding times: presentation times stay, decoding times increase and are never later")
    func noDecodingTimes() throws {
        for stream in Self.streams.indices {
            let payloads = try payloads(stream)
            let codec = Self.streams[stream].codec
            let truth = try times(payloads, codec)
            var bare = payloads
            for index in bare.indices { bare[index].dts = bare[index].pts }
            let have = try times(bare, codec)
            #expect(have.map(\.pts) == truth.map(\.pts))
            #expect(zip(have, have.dropFirst()).allSatisfy { ($0.dts ?? 0) < ($1.dts ?? 0) })
            #expect(have.allSatisfy { ($0.dts ?? .max) <= ($0.pts ?? 0) })
        }
    }

    @Test("no decoding times, and two access units in one PES")
    func noDecodingTimesJoined() throws {
        for stream in Self.streams.indices {
            let payloads = try payloads(stream)
            let codec = Self.streams[stream].codec
            let truth = try times(payloads, codec)
            var bare = payloads
            for index in bare.indices { bare[index].dts = bare[index].pts }
            let have = try times(joined(bare, 2, from: 0), codec)
            #expect(zip(have, truth).allSatisfy { abs(($0.pts ?? 0) - ($1.pts ?? .max / 4)) <= 1 }, "\(stream)")
            #expect(zip(have, have.dropFirst()).allSatisfy { ($0.dts ?? 0) < ($1.dts ?? 0) })
            #expect(have.allSatisfy { ($0.dts ?? .max) <= ($0.pts ?? 0) })
        }
    }

    @Test("a clock that wraps, and one that jumps, between PES of five")
    func wraps() throws {
        let payloads = try payloads(0)
        let codec = Self.streams[0].codec
        for (offset, jump) in [((1 << 33) - 200_000, 0), (0, 40 * 90_000), (1_000_000, -900_000)] as [(Int64, Int64)] {
            var moved = payloads
            for index in moved.indices {
                let move = offset + (index >= 50 ? jump : 0)
                let mask: Int64 = (1 << 33) - 1
                moved[index].pts = payloads[index].pts.map { ($0 + move) & mask }
                moved[index].dts = payloads[index].dts.map { ($0 + move) & mask }
            }
            let truth = try times(moved, codec)
            let have = try times(joined(moved, 5, from: 0), codec)
            #expect(have.count == truth.count)
            let off = zip(have, truth).filter { one, two in
                TimestampUnwrapper.signed((one.pts ?? 0) &- (two.pts ?? 0)).magnitude > 1
                    || TimestampUnwrapper.signed((one.dts ?? 0) &- (two.dts ?? 0)).magnitude > 1
            }
            #expect(off.isEmpty, "\(offset) \(jump): \(off)")
        }
    }
}
