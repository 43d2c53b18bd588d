import Foundation
import OriginServer
import Testing

@testable import Transport

@Suite struct LocalFileTests {
    /// Runs `body` with a folder that has a file of `bytes` in it.
    private func withFile(_ bytes: [UInt8], _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("transport-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a b.ts")
        try Data(bytes).write(to: file)
        try await body(file.path)
    }

    private func local(_ url: String, range: ByteRange? = nil) -> TransferRequest {
        TransferRequest(url: url, role: .mediaSegment, byteRange: range, isLocal: true)
    }

    @Test func byPathByURLAndInPart() async throws {
        let bytes = pattern(3_000_000)
        try await withFile(bytes) { path in
            try await Bench.run(memoryChunks: 2, configure: { $0.inputURL = path }) { bench in
                let transport = bench.transport
                for url in [path, "file://" + path.replacing(" ", with: "%20")] {
                    let (read, failure) = await transport.download(local(url), retry: .never).collect()
                    #expect(failure == nil)
                    #expect(read == bytes)
                }
                let range = ByteRange(offset: 1_000, length: 2_000_000)
                let (part, _) = await transport.download(local(path, range: range), retry: .never).collect()
                #expect(part == Array(bytes[1_000..<2_001_000]))
                let whole = try await transport.load(local(path), retry: .never)
                #expect(whole.bytes == bytes)
                #expect(bench.memory.peakBytes <= 4 * ChunkPool.chunkSize)
            }
        }
    }

    @Test func whatIsNoRegularFileIsRefused() async throws {
        try await Bench.run(configure: { $0.inputURL = "/x/list.m3u8" }) { bench in
            for path in ["/dev/zero", "/", "/nonexistent/x", "relative.ts"] {
                let error = await #expect(throws: TransportError.self) {
                    try await bench.transport.load(local(path), retry: .segment)
                }
                #expect(["file", "invalidURL"].contains(error?.kind.label))
            }
            let range = ByteRange(offset: 0, length: 1 << 40)
            let error = await #expect(throws: TransportError.self) {
                try await bench.transport.load(local("/etc/hostname", range: range), retry: .never)
            }
            #expect(error != nil)
        }
    }

    @Test func aRemoteInputNamesNoFile() async throws {
        try await Bench.run { bench in
            let error = await #expect(throws: TransportError.self) {
                try await bench.transport.load(local("/etc/hostname"), retry: .never)
            }
            #expect(error?.kind.label == "refusedByPolicy")
        }
    }
}
