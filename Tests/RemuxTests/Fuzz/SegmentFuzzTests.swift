import Testing

/// Replays the committed fuzz inputs of segments (`script/fuzz boxes` …), whole and with bytes changed.
@Suite struct SegmentFuzzTests {
    static let checks: [String: @Sendable ([UInt8]) throws -> Void] = [
        "boxes": { try SegmentInvariants.checkBoxes($0) }, "tags": { try SegmentInvariants.checkTags($0) },
        "headers": { try SegmentInvariants.checkHeaders($0) }, "head": { try SegmentInvariants.checkHead($0) },
        "packets": { try SegmentInvariants.checkPackets($0) },
    ]

    @Test(arguments: ["boxes", "tags", "headers", "head", "packets"])
    func replay(_ name: String) throws {
        let check = try #require(Self.checks[name])
        let words: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
        try FuzzReplay(name: name, minimumFiles: 3, mutants: 60, seed: 6, words: words).run(check)
    }
}
