import Foundation
import Testing

/// Replays the committed inputs of a fuzzer (`script/fuzz`), whole and with bytes changed.
struct FuzzReplay {
    /// Of the folder in `Fixtures/fuzz`.
    let name: String
    let minimumFiles: Int
    /// Changed copies of each input.
    let mutants: Int
    let seed: UInt64
    /// Bytes that mean something to what is fuzzed.
    let words: [UInt8]

    /// Records an issue for each input for which `check` throws.
    func run(_ check: ([UInt8]) throws -> Void) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/fuzz/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
        #expect(files.count >= minimumFiles)
        var generator = SeededGenerator(seed: seed)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try check(bytes) }
            for _ in 0..<mutants where !bytes.isEmpty {
                let mutant = mutated(bytes, &generator)
                #expect(throws: Never.self, "\(file.lastPathComponent): \(mutant)") { try check(mutant) }
            }
        }
    }

    /// One to four bytes or words changed, a piece cut out or doubled.
    private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[index] = words.randomElement(using: &generator) ?? 0
            case 2: for place in index..<min(bytes.count, index + 4) { bytes[place] = 0xFF }
            case 3: bytes.removeSubrange(index..<min(bytes.count, index + 9))
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 40)], at: index)
            }
        }
        return bytes
    }
}
