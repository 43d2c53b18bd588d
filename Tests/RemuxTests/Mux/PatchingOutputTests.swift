import Testing

@testable import Remux

@Suite("Going back in an output that only appends and patches")
struct PatchingOutputTests {
    private final class Sink: ByteSink {
        var bytes: [UInt8] = []
        var patchableLength: UInt64 { .max }
        func write(_ added: UnsafeRawBufferPointer) { bytes += added }
        func patch(_ patch: [UInt8], at offset: UInt64) {
            bytes.replaceSubrange(Int(offset)..<Int(offset) + patch.count, with: patch)
        }
        func finish() {}
        func abort() {}
    }

    @Test("random writes and moves against an array", arguments: 0..<20)
    func model(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let sink = Sink()
        let output = PatchingOutput(sink: sink)
        var (model, cursor) = ([UInt8](), 0)
        for step in 0..<200 {
            if Bool.random(using: &generator) {
                let target = Int.random(in: -2...model.count + 3, using: &generator)
                let moves = (0...model.count).contains(target)
                #expect(output.seek(to: Int64(target)) == moves)
                if moves { cursor = target }
            }
            let bytes = [UInt8](repeating: UInt8(step), count: Int.random(in: 0...9, using: &generator))
            try bytes.withUnsafeBytes { try output.accept($0) }
            for byte in bytes {
                if cursor < model.count { model[cursor] = byte } else { model.append(byte) }
                cursor += 1
            }
        }
        #expect(sink.bytes == model)
        #expect(output.byteCount == UInt64(model.count))
    }
}
