import Foundation
import Testing

/// Replays the committed fuzz inputs of `script/fuzz sample-encryption` and `script/fuzz sample-aes`, whole and with bytes
/// changed.
@Suite struct EncryptionFuzzTests {
    @Test(arguments: ["sample-encryption", "sample-aes"])
    func replay(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/fuzz/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        var generator = SeededGenerator(seed: 6)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try check(name, bytes) }
            for _ in 0..<100 where !bytes.isEmpty {
                let mutant = Self.mutated(bytes, &generator)
                #expect(throws: Never.self, "\(mutant)") { try check(name, mutant) }
            }
        }
    }

    private func check(_ name: String, _ bytes: [UInt8]) throws {
        if name == "sample-aes" {
            try EncryptionInvariants.checkWalkers(bytes)
        } else {
            try EncryptionInvariants.checkBoxes(bytes)
        }
    }

    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[index] = [0, 1, 3, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + 9))
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 40)], at: index)
            }
        }
        return bytes
    }
}
