import Testing

/// Replays the committed fuzz inputs of `script/fuzz webvtt`, whole and with bytes changed.
@Suite struct WebVTTFuzzTests {
    @Test func replay() throws {
        let words: [UInt8] = [0x0A, 0x0D, 0x3A, 0x2E, 0x3E, 0x2D, 0x26, 0x3C]
        try FuzzReplay(name: "webvtt", minimumFiles: 1, mutants: 200, seed: 5, words: words)
            .run { try WebVTTInvariants.check($0) }
    }
}
