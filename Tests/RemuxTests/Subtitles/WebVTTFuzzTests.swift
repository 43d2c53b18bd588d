import Foundation
import Testing

/// Replays the committed fuzz inputs of `script/fuzz webvtt`, whole and with bytes changed.
@Suite struct WebVTTFuzzTests {
    @Test func replay() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/fuzz/webvtt")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        var generator = SeededGenerator(seed: 5)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try WebVTTInvariants.check(bytes) }
            for _ in 0..<200 where !bytes.isEmpty {
                let mutant = Self.mutated(bytes, &generator)
                #expect(throws: Never.self, "\(mutant)") { try WebVTTInvariants.check(mutant) }
            }
        }
    }

    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1:
                bytes[index] = [0x0A, 0x0D, 0x3A, 0x2E, 0x3E, 0x2D, 0x26, 0x3C].randomElement(using: &generator) ?? 0
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + 9))
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 40)], at: index)
            }
        }
        return bytes
    }
}
