import Testing

@testable import Remux

/// ISO/IEC 14496-30 §7.4.
@Suite struct WebVTTSampleTests {
    private func box(_ type: FourCC, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append32(UInt32(8 + payload.count))
        bytes.append(code: type)
        return bytes + payload
    }

    private func read(_ bytes: [UInt8]) -> [WebVTTCue] {
        WebVTTSample.cues(bytes[...], startMilliseconds: 1000, endMilliseconds: 2000)
    }

    @Test func cues() {
        let first = box(
            "vttc",
            box("iden", [0x37]) + box("sttg", Array("line:0".utf8)) + box("payl", Array("a\r\n\r\nb".utf8))
        )
        let second = box("vttc", box("vsid", [0, 0, 0, 1]) + box("payl", Array("c".utf8)))
        #expect(
            read(first + box("vtta", [0x78]) + second) == [
                WebVTTCue(
                    startMilliseconds: 1000,
                    endMilliseconds: 2000,
                    identifier: "7",
                    settings: "line:0",
                    text: "a\nb"
                ),
                WebVTTCue(startMilliseconds: 1000, endMilliseconds: 2000, text: "c"),
            ]
        )
        #expect(read(box("vtte", [])).isEmpty)
    }

    @Test("any cut, and any size, is read without harm")
    func damaged() {
        let whole = box("vttc", box("payl", Array("text".utf8)))
        for length in 0..<whole.count { #expect(read(Array(whole.prefix(length))).isEmpty) }
        for index in 0..<whole.count {
            for value: UInt8 in [0, 1, 7, 0xFF] {
                var bytes = whole
                bytes[index] = value
                #expect(read(bytes).count <= 1)
            }
        }
    }
}
