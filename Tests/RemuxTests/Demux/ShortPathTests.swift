import Testing

@testable import Remux

/// The short path of a stream class must give what libavcodec's parser gives: payloads, timestamps, key flags.
@Suite struct ShortPathTests {
    struct Unit: Equatable {
        var pts: Int64?
        var dts: Int64?
        var isKey: Bool
        var bytes: [UInt8]
    }

    private func units(_ payloads: [FixturePayloads.Payload], shortPath: Bool) throws -> [Unit] {
        let reader = AVCReader(takesShortPath: shortPath)
        var units: [Unit] = []
        let take: (DemuxedSample) -> Void = { sample in
            units.append(
                Unit(pts: sample.pts, dts: sample.dts, isKey: sample.isKey, bytes: Array(sample.packet.bytes))
            )
        }
        for payload in payloads { try reader.accept(try payload.packet(), take) }
        try reader.finish(take)
        return units
    }

    private func video(_ segments: [String]) throws -> [FixturePayloads.Payload] {
        let payloads = try FixturePayloads.load(segments).filter { $0.codec == "h264" }
        try #require(payloads.count > 20)
        return payloads
    }

    static let streams = [
        ["clear/000.ts", "clear/001.ts", "clear/002.ts"], ["long-gop/000.ts", "long-gop/001.ts"],
        ["video-only/000.ts", "video-only/001.ts"], ["late-audio/000.ts", "late-audio/001.ts"],
    ]

    @Test("one access unit a PES", arguments: streams)
    func plain(_ segments: [String]) throws {
        let payloads = try video(segments)
        let short = try units(payloads, shortPath: true)
        let parsed = try units(payloads, shortPath: false)
        #expect(short == parsed)
        #expect(short.count == payloads.count)
        #expect(short.contains { $0.isKey })
    }

    @Test("access units cut over two PES anywhere, from any unit on", arguments: 0..<30 as Range<UInt64>)
    func split(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var odd: [FixturePayloads.Payload] = []
        for (number, payload) in try video(Self.streams[Int(seed) % Self.streams.count]).enumerated() {
            let cut = Int.random(in: 1..<payload.bytes.count, using: &generator)
            if number >= Int(seed), Bool.random(using: &generator) {
                var (first, second) = (payload, payload)
                first.bytes = Array(payload.bytes[..<cut])
                second.bytes = Array(payload.bytes[cut...])
                second.pts = nil
                second.dts = nil
                odd += [first, second]
            } else {
                odd.append(payload)
            }
        }
        #expect(try units(odd, shortPath: true) == (try units(odd, shortPath: false)))
    }

    @Test("two access units in one PES, from any unit on", arguments: 0..<30 as Range<UInt64>)
    func joined(_ seed: UInt64) throws {
        var odd: [FixturePayloads.Payload] = []
        for (number, payload) in try video(Self.streams[Int(seed) % Self.streams.count]).enumerated() {
            if number > Int(seed), (number - Int(seed)) % 2 == 0 {
                odd[odd.count - 1].bytes += payload.bytes
            } else {
                odd.append(payload)
            }
        }
        #expect(try units(odd, shortPath: true) == (try units(odd, shortPath: false)))
    }

    @Test("no access unit delimiters, three-byte start codes, junk in front", arguments: 0..<3)
    func forms(_ form: Int) throws {
        let payloads = try video(Self.streams[0]).map { payload in
            var payload = payload
            var bytes: [UInt8] = form == 2 ? [0xFF, 0x00] : []
            payload.bytes.withUnsafeBytes { source in
                NALUnits.forEach(in: source) { offset, length in
                    if form == 0, source[offset] & 0x1F == 9 { return }
                    bytes += form == 1 ? [0, 0, 1] : [0, 0, 0, 1]
                    bytes += source[offset..<(offset + length)]
                }
            }
            payload.bytes = bytes
            return payload
        }
        #expect(try units(payloads, shortPath: true) == (try units(payloads, shortPath: false)))
    }

    @Test("damaged payloads never trap", arguments: 0..<20 as Range<UInt64>)
    func damaged(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let payloads = try FixturePayloads.load(Self.streams[0]).map { payload in
            var payload = payload
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !payload.bytes.isEmpty {
                let index = Int.random(in: 0..<payload.bytes.count, using: &generator)
                payload.bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            if Int.random(in: 0..<10, using: &generator) == 0 { payload.bytes.removeLast(payload.bytes.count / 2) }
            return payload
        }
        let readers: [any StreamReader] = [
            AVCReader(), AVCReader(takesShortPath: false), ADTSReader(), try HEVCReader.cuttingUnits(),
        ]
        for reader in readers {
            for payload in payloads where !payload.bytes.isEmpty { try reader.accept(try payload.packet()) { _ in } }
            try reader.finish { _ in }
        }
    }
}

@Suite struct ADTSReaderTests {
    private func blocks(_ payloads: [FixturePayloads.Payload]) throws -> [ShortPathTests.Unit] {
        let reader = ADTSReader()
        var blocks: [ShortPathTests.Unit] = []
        let take: (DemuxedSample) -> Void = { sample in
            let bytes = Array(sample.packet.bytes)
            blocks.append(ShortPathTests.Unit(pts: sample.pts, dts: sample.dts, isKey: sample.isKey, bytes: bytes))
        }
        for payload in payloads { try reader.accept(try payload.packet(), take) }
        try reader.finish(take)
        return blocks
    }

    private func audio() throws -> [FixturePayloads.Payload] {
        try FixturePayloads.load(["clear/000.ts", "clear/001.ts", "clear/002.ts"]).filter { $0.codec == "aac" }
    }

    @Test(
        "frames that straddle PES in any way give the same blocks, and times within a tick",
        arguments: 0..<40 as Range<UInt64>
    )
    func straddle(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let payloads = try audio()
        let truth = try blocks(payloads)
        try #require(truth.count > 50)
        // The same bytes cut elsewhere; a PES has the time of the first frame that starts in it.
        let all = payloads.flatMap(\.bytes)
        var starts: [Int: Int64] = [:]
        var position = 0
        for block in truth {
            starts[position] = block.pts
            position += block.bytes.count + 7
        }
        var cut: [FixturePayloads.Payload] = []
        var offset = 0
        while offset < all.count {
            let count = min(all.count - offset, Int.random(in: 1...1500, using: &generator))
            let first = starts.keys.filter { (offset..<(offset + count)).contains($0) }.min()
            cut.append(
                FixturePayloads.Payload(
                    codec: "aac",
                    pts: first.flatMap { starts[$0] },
                    dts: nil,
                    bytes: Array(all[offset..<(offset + count)])
                )
            )
            offset += count
        }
        let result = try blocks(cut)
        #expect(result.map(\.bytes) == truth.map(\.bytes))
        for (a, b) in zip(result, truth) { #expect(abs((a.pts ?? 0) - (b.pts ?? .min)) <= 1) }
    }

    @Test("junk between frames loses no frame but those it hits")
    func junk() throws {
        var payloads = try audio()
        let truth = try blocks(payloads)
        payloads[1].bytes.insert(contentsOf: [0x00, 0x12, 0xFF, 0x00, 0xFF, 0xF1], at: 0)
        let result = try blocks(payloads)
        #expect(result.map(\.bytes) == truth.map(\.bytes))
    }
}
