import Testing

@testable import Remux

/// Sequence parameter sets that x264 and x265 wrote; the truth is what the encoder was told.
@Suite struct ParameterSetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var unit: String
        var width: Int
        var height: Int
        var aspect = PixelAspect.square
        var depth: UInt8 = 8
        var chroma: UInt8 = 1
        var matrix: UInt8?

        var testDescription: String { name }
    }

    static let pictures: [Case] = [
        Case(
            name: "320x180, cropped",
            unit: "6764000cacd941419f9f011000000300100000030320f1429960",
            width: 320,
            height: 180
        ),
        Case(
            name: "1920x1080, cropped",
            unit: "67640028acd940780227e5c044000003000400000300f03c60c658",
            width: 1920,
            height: 1080
        ),
        Case(
            name: "720x576 interlaced, 16:11 from the table",
            unit: "6764001eacd940b424d8208000000300800000190f8a14cb",
            width: 720,
            height: 576,
            aspect: PixelAspect(width: 16, height: 11)
        ),
        Case(
            name: "720x576, 5:7 written out",
            unit: "6764001eacd940b4126ffc0014001c40000003004000000c83c58b6580",
            width: 720,
            height: 576,
            aspect: PixelAspect(width: 5, height: 7)
        ),
        Case(
            name: "4:4:4, BT.709, odd crop",
            unit: "67f4000d919b282a33c7c5e02d4040405000000300100000030320f1429960",
            width: 322,
            height: 182,
            chroma: 3,
            matrix: 1
        ),
        Case(
            name: "10 bit",
            unit: "676e001ea6cd940a02ff97011000000300100000030320f162d960",
            width: 640,
            height: 360,
            depth: 10
        ),
    ]

    @Test("H.264 §7.3.2.1.1: size, aspect, colour of a sequence parameter set", arguments: pictures)
    func avc(_ row: Case) throws {
        let set = try #require(hex(row.unit).withUnsafeBytes { AVCSequenceParameterSet(nalUnit: $0) })
        #expect(set.width == row.width)
        #expect(set.height == row.height)
        #expect(set.aspect == row.aspect)
        #expect(set.bitDepthLuma == row.depth)
        #expect(set.chromaFormat == row.chroma)
        #expect(set.color?.matrix == row.matrix)
    }

    @Test("H.265 §7.3.2.2.1: size of a sequence parameter set, conformance window applied")
    func hevc() throws {
        let rows = [
            ("420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000f04", 1920, 1080),
            ("42010101600000030090000003000003003ca00a480b9c9596566924caf0168080000003008000000f04", 322, 182),
        ]
        for (unit, width, height) in rows {
            let set = try #require(hex(unit).withUnsafeBytes { HEVCSequenceParameterSet(nalUnit: $0) })
            #expect(set.width == width)
            #expect(set.height == height)
        }
    }

    @Test("damaged parameter sets are refused or read, never trap")
    func damaged() {
        var generator = SeededGenerator(seed: 1)
        let units = Self.pictures.map { hex($0.unit) } + [hex("420101016000000300900000030000030078a003c08010e59656")]
        for _ in 0..<20_000 {
            var unit = units.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                unit[Int.random(in: 1..<unit.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            unit = Array(unit.prefix(Int.random(in: 1...unit.count, using: &generator)))
            unit.withUnsafeBytes { bytes in
                _ = AVCSequenceParameterSet(nalUnit: bytes)
                _ = HEVCSequenceParameterSet(nalUnit: bytes)
            }
        }
    }

    @Test("ISO/IEC 14496-15 §5.3.3.1: the avcC record holds the sets and the high-profile fields")
    func record() throws {
        let sequenceSet = hex("6764000cacd941419f9f011000000300100000030320f1429960")
        let pictureSet = hex("68ebe3cb22c0")
        let set = try #require(sequenceSet.withUnsafeBytes { AVCSequenceParameterSet(nalUnit: $0) })
        let record = try #require(
            AVCDecoderConfiguration.record(set, sequenceSets: [sequenceSet], pictureSets: [pictureSet])
        )
        let expected =
            hex("0164000cffe1001a") + sequenceSet + hex("010006") + pictureSet + hex("fdf8f800")
        #expect(record == expected)
        #expect(AVCDecoderConfiguration.record(set, sequenceSets: [sequenceSet], pictureSets: []) == nil)
    }
}
