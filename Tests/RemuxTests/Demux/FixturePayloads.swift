@testable import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Committed streams, as the demuxer's payloads.
enum FixturePayloads {
    /// A payload of an elementary stream: what one PES holds.
    struct Payload {
        var codec: String
        var pts: Int64?
        var dts: Int64?
        var bytes: [UInt8]

        func packet() throws -> Packet {
            let packet = try Packet()
            try packet.replacePayload(count: bytes.count) { target in
                bytes.withUnsafeBytes { target.copyMemory(from: $0) }
            }
            packet.pts = pts
            packet.dts = dts
            return packet
        }
    }

    /// The folder `Fixtures/streams`.
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let package = parts[..<(parts.lastIndex(of: "Tests") ?? 0)].joined(separator: "/")
        return package + "/Fixtures/streams"
    }()

    static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    /// The payloads of the segments of a clear transport stream, joined.
    static func load(_ segments: [String]) throws -> [Payload] {
        let data = segments.flatMap { bytes(of: root + "/" + $0) }
        var offset = 0
        let demuxer = try Demuxer(format: "mpegts") { buffer in
            let count = min(buffer.count, data.count - offset)
            data.withUnsafeBytes { source in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<(offset + count)]))
            }
            offset += count
            return count
        }
        var payloads: [Payload] = []
        while let output = try demuxer.next() {
            payloads.append(
                Payload(
                    codec: demuxer.codecName(output.stream),
                    pts: output.packet.pts,
                    dts: output.packet.dts,
                    bytes: Array(output.packet.bytes)
                )
            )
        }
        return payloads
    }
}
