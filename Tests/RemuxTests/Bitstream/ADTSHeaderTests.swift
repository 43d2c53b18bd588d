import Testing

@testable import Remux

@Suite struct ADTSHeaderTests {
    @Test("ISO/IEC 14496-3 §1.A.3.2: an LC stereo header at 48 kHz")
    func header() throws {
        let header = try #require(hex("fff14c8017dffc").withUnsafeBytes { ADTSHeader($0) })
        #expect(header.sampleRate == 48_000)
        #expect(header.channelCount == 2)
        #expect(header.objectType == 2)
        #expect(header.headerLength == 7)
        #expect(header.frameLength == 190)
        #expect(header.blockCount == 1)
        // AudioSpecificConfig of AAC-LC, 48 kHz, stereo, as every encoder writes it.
        #expect(header.audioSpecificConfig == hex("1190"))
    }

    @Test("a checksum makes the header nine bytes long")
    func checksum() throws {
        let header = try #require(hex("fff04c8017dffc").withUnsafeBytes { ADTSHeader($0) })
        #expect(header.headerLength == 9)
    }

    @Test(
        "what is no header is refused",
        arguments: ["fff14c8017df", "ffe14c8017dffc", "fff1748017dffc", "fff14c8000dffc", ""]
    )
    func refused(_ text: String) {
        #expect(hex(text).withUnsafeBytes { ADTSHeader($0) } == nil)
    }

    @Test("ISO/IEC 14496-3 §4.4.1.1: a program config element becomes part of the AudioSpecificConfig")
    func programConfig() throws {
        // Element 5, instance 0, LC, index 3; one front pair, nothing else, no mixdown; comment of 0 bytes.
        var writer = BitWriter()
        for (value, count) in [
            (5, 3), (0, 4), (1, 2), (3, 4), (1, 4), (0, 4), (0, 4), (0, 2), (0, 3), (0, 4), (0, 1), (0, 1), (0, 1),
            (1, 1),
            (0, 4),
        ] {
            writer.append(UInt32(value), count)
        }
        writer.alignToByte()
        writer.append(0, 8)
        let element = try #require(
            writer.bytes.withUnsafeBytes { ProgramConfigElement(rawDataBlock: $0, objectType: 2, frequencyIndex: 3) }
        )
        #expect(element.channelCount == 2)
        #expect(Array(element.audioSpecificConfig.prefix(2)) == hex("1180"))
        #expect(
            hex("2011").withUnsafeBytes {
                ProgramConfigElement(rawDataBlock: $0, objectType: 2, frequencyIndex: 3) == nil
            }
        )
    }
}
