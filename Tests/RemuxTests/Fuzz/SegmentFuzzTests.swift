import Foundation
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
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/fuzz/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
        let check = try #require(Self.checks[name])
        #expect(files.count >= 3)
        var generator = SeededGenerator(seed: 6)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try check(bytes) }
            for _ in 0..<60 where !bytes.isEmpty {
                let mutant = Self.mutated(bytes, &generator)
                #expect(throws: Never.self, "\(file.lastPathComponent): \(mutant)") { try check(mutant) }
            }
        }
    }

    /// One to four bytes or words changed, a piece cut out or doubled.
    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 2: for place in index..<min(bytes.count, index + 4) { bytes[place] = 0xFF }
            case 3: bytes.removeSubrange(index..<min(bytes.count, index + 9))
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 40)], at: index)
            }
        }
        return bytes
    }
}
