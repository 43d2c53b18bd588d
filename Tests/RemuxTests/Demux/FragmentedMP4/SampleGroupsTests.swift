import Testing

@testable import Remux

/// The forms that boxes of sample groups take, and times before 0.
@Suite struct SampleGroupsTests {
    private func box(_ type: String, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append32(UInt32(8 + payload.count))
        return bytes + Array(type.utf8) + payload
    }

    private static func entry(_ key: UInt8) -> [UInt8] { [0, 0, 1, 8] + [UInt8](repeating: key, count: 16) }

    @Test("sgpd in all its versions", arguments: [0, 1, 2, 12, 22])
    func descriptions(_ form: Int) {
        let entries = Self.entry(1) + Self.entry(2)
        let payload: [UInt8] =
            switch form {
            case 0: [0, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 2] + entries
            case 1: [1, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 20, 0, 0, 0, 2] + entries
            // An index in the place of the length, and entries without theirs.
            case 2: [2, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 1, 0, 0, 0, 2] + entries
            case 12: [2, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 2] + entries
            default:
                [2, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 20] + Self.entry(1)
                    + [0, 0, 0, 20] + Self.entry(2)
            }
        let groups = SampleGroups.descriptions(in: box("sgpd", payload)[...])
        #expect(groups.map { $0.keyID.first } == [1, 2])
    }

    private func runs(_ payload: [UInt8]) -> [[UInt32]]? {
        CompactSampleGroups(payload[...])?.runs.map { [$0.count, $0.group] }
    }

    @Test("csgp: fields of four bits, of eight, and of several sizes")
    func compact() {
        let seig = Array("seig".utf8)
        // A pattern of one over three samples, and one of two over five.
        #expect(
            runs([0, 0, 0, 0] + seig + [0, 0, 0, 2, 0x13, 0x25, 0x10, 0x20])
                == [[3, 1], [1, 0], [1, 2], [1, 0], [1, 2], [1, 0]]
        )
        #expect(runs([0, 0, 0, 0x15] + seig + [0, 0, 0, 1, 1, 200, 7]) == [[200, 7]])
        // A parameter, samples counted in 16 bits, and a group of the fragment.
        #expect(
            runs([0, 0, 0, 0xDA] + seig + [1, 2, 3, 4, 0, 0, 0, 1, 2, 1, 0, 0x80, 0x01, 0, 3])?.count == 256
        )
        #expect(
            runs([0, 0, 0, 0x9A] + seig + [0, 0, 0, 1, 2, 0, 2, 0x80, 0x01, 0, 3])
                == [[1, 0x1_0001], [1, 3]].map { $0.map(UInt32.init) }
        )
    }

    @Test("csgp: what is cut or claims too much is none", arguments: [0, 1, 2, 3])
    func damaged(_ form: Int) {
        let seig = Array("seig".utf8)
        let payload: [UInt8] =
            switch form {
            case 0: [0, 0, 0, 0x15] + seig + [0, 0, 0, 2, 1, 200, 7]
            case 1: [0, 0, 0, 0x3F] + seig + [0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1]
            case 2: [0, 0, 0, 0x3F] + seig + [255, 255, 255, 255]
            default: [0, 0, 0, 0x40] + seig
            }
        #expect(runs(payload) == nil)
    }

    @Test("csgp says which samples of a fragment have which key")
    func compactInFragment() throws {
        let payload: [UInt8] = [0, 0, 0, 0x15] + Array("seig".utf8) + [0, 0, 0, 1, 2, 4, 0, 2]
        let descriptions = box(
            "sgpd",
            [1, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 20, 0, 0, 0, 2] + Self.entry(1) + Self.entry(2)
        )
        let groups = SampleGroups(
            trackFragment: box("csgp", payload)[...],
            trackGroups: SampleGroups.descriptions(in: descriptions[...])
        )
        var found: [Range<Int>: UInt8] = [:]
        try groups.forEachRun(sampleCount: 4) { range, _, entry in found[range] = entry.keyID[0] }
        #expect(found == [1..<2: 2, 3..<4: 2])
    }
}
