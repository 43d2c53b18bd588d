import Testing

@testable import Remux

@Suite struct SequenceHeaderTests {
    private func read(_ bytes: [UInt8]) -> SequenceHeader? { bytes.withUnsafeBytes { SequenceHeader($0) } }

    private func header(_ width: Int, _ height: Int, aspect: UInt8 = 1, rest: [UInt8] = [0x13, 0xFF, 0xFF, 0xE0, 0x18])
        -> [UInt8]
    {
        [
            0, 0, 1, 0xB3, UInt8(width >> 4), UInt8((width & 15) << 4 | height >> 8), UInt8(height & 255),
            aspect << 4 | 3,
        ]
            + rest
    }

    private let `extension`: [UInt8] = [0, 0, 1, 0xB5, 0x14, 0x82, 0x00, 0x01, 0x00, 0x00]
    private let group: [UInt8] = [0, 0, 1, 0xB8, 0, 8, 0, 0]
    private let picture: [UInt8] = [0, 0, 1, 0, 0, 0x0F, 0xFF, 0xF8]

    @Test("sizes, and the bytes up to the first group or picture")
    func sizes() throws {
        let bytes = header(720, 576, aspect: 2) + `extension`
        for rest in [group + picture, picture] {
            let read = try #require(self.read(bytes + rest))
            #expect(read.width == 720 && read.height == 576)
            #expect(read.bytes == bytes)
            #expect(read.aspect == PixelAspect(width: 16, height: 15))
        }
        #expect(read(bytes)?.bytes == bytes)
    }

    @Test("the extension widens the size")
    func wide() throws {
        var wide = `extension`
        // Two bits more of the width (01), two of the height (10).
        wide[6] = 0x80 | 0x40
        let read = try #require(self.read(header(0x100, 0x200) + wide + group))
        #expect(read.width == 0x1100 && read.height == 0x2200)
    }

    @Test("MPEG-1 tells the pixel's shape, which is taken for square, whatever bytes its header has")
    func mpeg1() throws {
        let read = try #require(self.read(header(352, 288, aspect: 2, rest: [0xB5, 0xB5, 0xB5, 0xE0, 0x18]) + group))
        #expect(read.aspect == .square)
    }

    @Test(
        "what is none",
        arguments: [
            [], [0, 0, 1, 0xB3, 1], [0, 0, 1, 0xB8, 1, 1, 1, 1, 1, 1, 1, 1],
            [0, 0, 1, 0xB3, 0, 0, 0, 0x13, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func none(_ bytes: [UInt8]) { #expect(read(bytes) == nil) }

    @Test("that of a real stream is what the source's container holds")
    func real() throws {
        let payload = try #require(
            try FixturePayloads.load(["ts-mpeg2/0.ts"]).first { $0.codec == "mpeg2video" }
        )
        let read = try #require(self.read(payload.bytes))
        #expect(read.width == 96 && read.height == 64)
        // In esds of the source: decoder specific info.
        let source = FixturePayloads.bytes(of: FixturePayloads.root + "/../sources/mpeg2.mp4")
        #expect(source.indices.contains { source[$0...].starts(with: read.bytes) })
    }
}

@Suite struct CodecConfigurationTests {
    private let sps: [UInt8] = [0x67, 1, 2, 3]
    private let pps: [UInt8] = [0x68, 4]

    private func avc(_ sets: [[UInt8]], _ pictures: [[UInt8]], lengthBytes: UInt8 = 4, more: [UInt8] = []) -> [UInt8] {
        func units(_ units: [[UInt8]]) -> [UInt8] { Array(units.map { be16($0.count) + $0 }.joined()) }
        return [1, 0x64, 0, 0x0D, 0xFC | (lengthBytes - 1), 0xE0 | UInt8(sets.count)] + units(sets)
            + [UInt8(pictures.count)] + units(pictures) + more
    }

    private func hevc(_ arrays: [(type: UInt8, units: [[UInt8]])]) -> [UInt8] {
        [1] + [UInt8](repeating: 0, count: 20) + [0xFF, UInt8(arrays.count)]
            + arrays.flatMap { array in
                [0x80 | array.type] + be16(array.units.count) + array.units.flatMap { be16($0.count) + $0 }
            }
    }

    @Test("units of avcC, behind lengths of every size, and what is behind them")
    func avcRecord() throws {
        for lengthBytes in [1, 2, 4] {
            let record = avc([sps], [pps, [0x68, 5]], lengthBytes: UInt8(lengthBytes), more: [0xFD, 0xF8, 0xF8, 0])
            let configuration = try #require(CodecConfiguration(avc: record))
            #expect(configuration.lengthBytes == lengthBytes)
            #expect(configuration.parameterSets == [sps, pps, [0x68, 5]])
            let zeros = [UInt8](repeating: 0, count: lengthBytes - 1)
            #expect(
                NALForm.lengths(lengthBytes).joined(configuration.parameterSets) == zeros + [4] + sps + zeros + [2]
                    + pps + zeros + [2, 0x68, 5]
            )
            #expect(configuration.isComplete(hevc: false))
        }
        #expect(CodecConfiguration(avc: avc([], [pps]))?.isComplete(hevc: false) == false)
        #expect(CodecConfiguration(avc: avc([sps], []))?.isComplete(hevc: false) == false)
        #expect(CodecConfiguration(avc: avc([], []))?.parameterSets == [])
    }

    @Test("units of hvcC")
    func hevcRecord() throws {
        let (vps, sps, pps): ([UInt8], [UInt8], [UInt8]) = ([0x40, 1], [0x42, 1, 7], [0x44, 1])
        let record = hevc([(32, [vps]), (33, [sps]), (34, [pps, pps])])
        let configuration = try #require(CodecConfiguration(hevc: record))
        #expect(configuration.parameterSets == [vps, sps, pps, pps])
        #expect(configuration.isComplete(hevc: true))
        #expect(CodecConfiguration(hevc: hevc([]))?.isComplete(hevc: true) == false)
        #expect(CodecConfiguration(hevc: hevc([(32, [vps]), (33, [sps])]))?.isComplete(hevc: true) == false)
    }

    @Test("every cut of a record is refused")
    func cut() {
        let record = avc([sps], [pps])
        for count in 0..<record.count { #expect(CodecConfiguration(avc: Array(record.prefix(count))) == nil) }
        let other = hevc([(33, [sps])])
        for count in 0..<other.count { #expect(CodecConfiguration(hevc: Array(other.prefix(count))) == nil) }
        #expect(CodecConfiguration(avc: [0] + record.dropFirst()) == nil)
    }
}

@Suite struct LengthPrefixTests {
    private func packet(_ bytes: [UInt8]) throws -> Packet {
        try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    private func sample(_ units: [[UInt8]], lengthBytes: Int) -> [UInt8] {
        Array(units.map { be32($0.count).suffix(lengthBytes) + $0 }.joined())
    }

    private let units: [[UInt8]] = [[0x67, 1, 2], [0x68], [0x65, 1, 2, 3, 4, 5]]

    @Test("lengths of every size become start codes, and those lengths of four bytes", arguments: [1, 2, 3, 4])
    func there(_ lengthBytes: Int) throws {
        let packet = try packet(sample(units, lengthBytes: lengthBytes))
        packet.pts = 7
        #expect(try LengthPrefix.replace(packet, lengthBytes: lengthBytes))
        #expect(Array(packet.bytes) == Array(units.map { [0, 0, 0, 1] + $0 }.joined()))
        #expect(packet.pts == 7)
        var found: [(offset: Int, length: Int)] = []
        NALUnits.forEach(in: packet.bytes) { found.append(($0, $1)) }
        try LengthPrefix.rewrite(packet, units: found)
        #expect(Array(packet.bytes) == sample(units, lengthBytes: 4))
    }

    @Test("a shared buffer is not written to")
    func shared() throws {
        let whole = try packet(sample(units, lengthBytes: 4))
        let before = Array(whole.bytes)
        let other = try Packet(sharing: whole, offset: 0, length: whole.size)
        #expect(try LengthPrefix.replace(other, lengthBytes: 4))
        #expect(Array(whole.bytes) == before)
        #expect(other.bytes[3] == 1)
    }

    @Test("lengths that contradict the size change nothing; empty units are left out")
    func damaged() throws {
        let bytes = sample(units, lengthBytes: 4)
        for count in 1..<bytes.count where ![7, 12].contains(count) {
            let packet = try packet(Array(bytes.prefix(count)))
            #expect(try !LengthPrefix.replace(packet, lengthBytes: 4))
            #expect(Array(packet.bytes) == Array(bytes.prefix(count)))
        }
        let packet = try packet(sample([[], [0x65], []], lengthBytes: 2))
        #expect(try LengthPrefix.replace(packet, lengthBytes: 2))
        #expect(Array(packet.bytes) == [0, 0, 0, 1, 0x65])
    }
}
