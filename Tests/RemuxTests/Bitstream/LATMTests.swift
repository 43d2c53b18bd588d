import Testing

@testable import Remux

@Suite struct LATMTests {
    private struct Read {
        var payloads: [[UInt8]] = []
        var pts: [Int64?] = []
        var format: TrackFormat?
        var counts = DemuxCounts()
    }

    /// What a reader of AAC makes of the payloads of a stream.
    private func read(_ payloads: [FixturePayloads.Payload]) throws -> Read {
        let reader = AACReader()
        var result = Read()
        let take: (DemuxedSample) -> Void = { sample in
            result.payloads.append(Array(sample.packet.bytes))
            result.pts.append(sample.pts)
            if let format = reader.takeNewFormat() { result.format = format }
        }
        for payload in payloads { try reader.accept(try payload.packet(), take) }
        try reader.finish(take)
        result.counts = reader.counts
        return result
    }

    private func audio(_ folder: String, _ segments: [String]) throws -> [FixturePayloads.Payload] {
        let payloads = try FixturePayloads.load(segments.map { "\(folder)/\($0)" }).filter { $0.codec != "h264" }
        try #require(payloads.count > 1)
        return payloads
    }

    @Test("frames out of LATM are those of the same source in ADTS", arguments: ["ts-latm", "ts-latm-called-adts"])
    func sameFrames(_ folder: String) throws {
        let segments = ["0.ts", "1.ts", "2.ts"]
        let latm = try read(try audio(folder, segments))
        let adts = try read(try audio("ts-private-streams", segments).filter { $0.codec == "aac" })
        #expect(latm.payloads.count > 100)
        let isEqual = latm.payloads == adts.payloads
        #expect(isEqual)
        #expect(latm.counts == DemuxCounts())
        let formats = (try #require(latm.format), try #require(adts.format))
        #expect(formats.0 == formats.1)
        #expect(formats.0.extradata.starts(with: formats.1.extradata))
        let start = (latm.pts.first ?? 0, adts.pts.first ?? 0)
        for (one, other) in zip(latm.pts, adts.pts) {
            #expect(abs((one ?? 0) - (start.0 ?? 0) - ((other ?? .min) - (start.1 ?? 0))) <= 1)
        }
    }

    @Test("elements cut over payloads anywhere give the same frames", arguments: 0..<20 as Range<UInt64>)
    func cut(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let payloads = try audio("ts-latm", ["0.ts", "1.ts"])
        let truth = try read(payloads)
        var cut: [FixturePayloads.Payload] = []
        for payload in payloads {
            let place = Int.random(in: 2..<payload.bytes.count, using: &generator)
            var (first, second) = (payload, payload)
            first.bytes = Array(payload.bytes[..<place])
            second.bytes = Array(payload.bytes[place...])
            second.pts = nil
            second.dts = nil
            cut += Bool.random(using: &generator) ? [first, second] : [payload]
        }
        let result = try read(cut)
        let isEqual = result.payloads == truth.payloads
        #expect(isEqual)
        #expect(result.pts == truth.pts)
        #expect(result.counts == DemuxCounts())
    }

    @Test("junk costs what it hits; any bytes are read without a trap", arguments: 0..<20 as Range<UInt64>)
    func junk(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var payloads = try audio("ts-latm", ["0.ts"])
        let truth = try read(payloads)
        payloads[1].bytes.insert(contentsOf: [0x12, 0x56, 0x00, 0xFF], at: 0)
        let result = try read(payloads)
        let isEqual = result.payloads == truth.payloads
        #expect(isEqual)
        for index in payloads.indices {
            for _ in 0..<8 {
                let place = Int.random(in: 0..<payloads[index].bytes.count, using: &generator)
                payloads[index].bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        _ = try read(payloads)
    }

    // MARK: - Configurations by hand

    /// An element with a configuration, `payloads` subframes of it.
    private func element(
        version: UInt32 = 0,
        config: [(UInt32, Int)],
        otherData: Bool = false,
        checksum: Bool = false,
        payloads: [[UInt8]]
    ) -> [UInt8] {
        var writer = BitWriter()
        writer.append(0, 1)
        writer.append(version, 1)
        if version == 1 {
            writer.append(0, 1)
            writer.append(0, 2)
            writer.append(0xFF, 8)
        }
        writer.append(1, 1)
        writer.append(UInt32(payloads.count - 1), 6)
        writer.append(0, 4)
        writer.append(0, 3)
        if version == 1 {
            writer.append(0, 2)
            writer.append(UInt32(config.reduce(0) { $0 + $1.1 }), 8)
        }
        for (value, count) in config { writer.append(value, count) }
        writer.append(0, 3)
        writer.append(0xFF, 8)
        writer.append(otherData ? 1 : 0, 1)
        if otherData {
            if version == 1 {
                writer.append(0, 2)
                writer.append(16, 8)
            } else {
                for more: UInt32 in [1, 0] {
                    writer.append(more, 1)
                    writer.append(3, 8)
                }
            }
        }
        writer.append(checksum ? 1 : 0, 1)
        if checksum { writer.append(0xAB, 8) }
        for payload in payloads {
            for _ in 0..<payload.count / 255 { writer.append(255, 8) }
            writer.append(UInt32(payload.count % 255), 8)
            for byte in payload { writer.append(UInt32(byte), 8) }
        }
        return writer.bytes
    }

    private static let plain: [(UInt32, Int)] = [(2, 5), (3, 4), (2, 4), (0, 3)]

    private func frames(_ element: [UInt8], _ parser: inout LATMParser) -> [LATMParser.Frame]? {
        element.withUnsafeBytes { parser.frames($0) }
    }

    @Test("several subframes, long payloads, other data, a checksum, both versions")
    func forms() throws {
        let payloads: [[UInt8]] = [
            [1, 2, 3], [UInt8](repeating: 7, count: 255), [UInt8](repeating: 8, count: 600), [],
        ]
        for version: UInt32 in [0, 1] {
            for (otherData, checksum) in [(false, false), (true, false), (false, true), (true, true)] {
                var parser = LATMParser()
                let bytes = element(
                    version: version,
                    config: Self.plain,
                    otherData: otherData,
                    checksum: checksum,
                    payloads: payloads
                )
                let result = try #require(frames(bytes, &parser))
                let isEqual = result.map(\.payload) == payloads
                #expect(isEqual)
                #expect(result[0].config.bytes == [0x11, 0x90])
                #expect(result[0].config.sampleRate == 48_000 && result[0].config.channelCount == 2)
            }
        }
    }

    @Test("the configuration of one element counts for the next ones")
    func sameConfiguration() throws {
        var parser = LATMParser()
        var writer = BitWriter()
        writer.append(1, 1)
        writer.append(2, 8)
        writer.append(0xAABB, 16)
        #expect(frames(writer.bytes, &parser) == nil)
        _ = frames(element(config: Self.plain, payloads: [[1]]), &parser)
        #expect(frames(writer.bytes, &parser)?.map(\.payload) == [[0xAA, 0xBB]])
    }

    @Test("spectral band replication: explicit, and behind a configuration of known length")
    func extensions() throws {
        var parser = LATMParser()
        // Object type 5, 24 kHz, stereo, extended to 48 kHz, object type 2.
        let explicit: [(UInt32, Int)] = [(5, 5), (6, 4), (2, 4), (3, 4), (2, 5), (0, 3)]
        let config = try #require(frames(element(config: explicit, payloads: [[1]]), &parser)).first?.config
        #expect(config?.sampleRate == 48_000 && config?.coreRate == 24_000 && config?.frameSamples == 2048)
        #expect(config?.objectType == 2)
        let behind: [(UInt32, Int)] = [(2, 5), (6, 4), (2, 4), (0, 3), (0x2B7, 11), (5, 5), (1, 1), (3, 4), (0, 3)]
        let second = try #require(frames(element(version: 1, config: behind, payloads: [[1]]), &parser)).first?.config
        #expect(second?.bytes.count == 5)
        #expect(second?.bytes.suffix(3) == [0x56, 0xE5, 0x98])
        // A program config element: two channels in front, one behind them; byte alignment; a comment.
        let element5: [(UInt32, Int)] = [
            (2, 5), (3, 4), (0, 4), (0, 3), (0, 4), (1, 2), (3, 4), (1, 4), (0, 4), (1, 4), (1, 2), (0, 3), (0, 4),
            (0, 1),
            (0, 1), (0, 1), (1, 1), (0, 4), (0, 1), (1, 4), (0, 4), (2, 8), (65, 8), (66, 8),
        ]
        let third = try #require(frames(element(config: element5, payloads: [[1]]), &parser)).first?.config
        #expect(third?.channelCount == 4)
    }

    @Test("what is not general audio, or layered, is refused")
    func refused() {
        for config in [
            [(17, 5), (3, 4), (2, 4), (0, 3)], [(2, 5), (14, 4), (2, 4), (0, 3)], [(2, 5), (3, 4), (15, 4), (0, 3)],
            [(2, 5), (3, 4), (2, 4), (1, 3)], [(31, 5), (8, 6), (3, 4), (2, 4), (0, 3)],
        ] as [[(UInt32, Int)]] {
            var parser = LATMParser()
            #expect(frames(element(config: config, payloads: [[1]]), &parser) == nil)
        }
    }

    @Test("configurations with the same core are the same to a decoder")
    func core() throws {
        let plain = try #require(AudioConfig([0x11, 0x88]))
        #expect(plain.hasSameCore(as: try #require(AudioConfig([0x11, 0x88, 0x56, 0xE5, 0x00]))))
        #expect(!plain.hasSameCore(as: try #require(AudioConfig([0x11, 0x90]))))
        #expect(!plain.hasSameCore(as: try #require(AudioConfig([0x12, 0x08]))))
        #expect(!plain.hasSameCore(as: try #require(AudioConfig([0x11, 0x8C]))))
        #expect(AudioConfig([0x11]) == nil)
        #expect(AudioConfig([]) == nil)
    }
}
