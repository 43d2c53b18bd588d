import Foundation
import Testing

/// Replays the committed fuzz inputs: seeds, and whatever once broke something (`script/fuzz` says how they get here).
@Suite("Fuzz inputs")
struct FuzzReplayTests {
    private func inputs(_ name: String) throws -> [(String, [UInt8])] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/fuzz/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        return try files.map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }

    @Test("Playlists, whole and with bytes changed")
    func playlists() throws {
        var generator = SeededGenerator(seed: 1)
        for (name, bytes) in try inputs("playlist") {
            #expect(throws: Never.self, "\(name)") { try Invariants.checkPlaylist(bytes) }
            for _ in 0..<200 where !bytes.isEmpty {
                let mutant = mutated(bytes, &generator)
                #expect(throws: Never.self, "\(name): \(String(decoding: mutant, as: UTF8.self))") {
                    try Invariants.checkPlaylist(mutant)
                }
            }
        }
    }

    @Test("Attribute lists")
    func attributeLists() throws {
        var generator = SeededGenerator(seed: 2)
        for (name, bytes) in try inputs("attribute-list") {
            #expect(throws: Never.self, "\(name)") { try Invariants.checkAttributeList(bytes) }
            for _ in 0..<200 where !bytes.isEmpty {
                let mutant = mutated(bytes, &generator)
                #expect(throws: Never.self, "\(name): \(mutant)") { try Invariants.checkAttributeList(mutant) }
            }
        }
    }

    @Test("References")
    func references() throws {
        var generator = SeededGenerator(seed: 3)
        for (name, bytes) in try inputs("reference") {
            #expect(throws: Never.self, "\(name)") { try Invariants.checkReference(bytes) }
            for _ in 0..<200 where !bytes.isEmpty {
                let mutant = mutated(bytes, &generator)
                #expect(throws: Never.self, "\(name): \(mutant)") { try Invariants.checkReference(mutant) }
            }
        }
    }

    /// One to four bytes changed, a piece cut out or doubled.
    private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1:
                bytes[index] = [0x0A, 0x2C, 0x22, 0x3D, 0x3A, 0x23, 0x2F, 0x20].randomElement(using: &generator) ?? 0
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + 9))
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 40)], at: index)
            }
        }
        return bytes
    }
}
