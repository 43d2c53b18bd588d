import Testing

/// Replays the committed fuzz inputs of `script/fuzz sample-encryption` and `script/fuzz sample-aes`, whole and with bytes
/// changed.
@Suite struct EncryptionFuzzTests {
    @Test(arguments: ["sample-encryption", "sample-aes"])
    func replay(_ name: String) throws {
        let words: [UInt8] = [0, 1, 3, 0x7F, 0x80, 0xFF]
        try FuzzReplay(name: name, minimumFiles: 1, mutants: 100, seed: 6, words: words).run { bytes in
            if name == "sample-aes" {
                try EncryptionInvariants.checkWalkers(bytes)
            } else {
                try EncryptionInvariants.checkBoxes(bytes)
            }
        }
    }
}
