import Foundation
import OriginServer
import Testing

@testable import Transport

@Suite struct LoadTests {
    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-c"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let writer = Thread {
            input.fileHandleForWriting.write(Data(bytes))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let result = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](result)
    }

    @Test func aSmallResourceWithItsTypeAndURL() async throws {
        let server = OriginServer(resources: ["/p/a.m3u8": Array("#EXTM3U\n".utf8)])
        server.script["/p/a.m3u8"] = [.status(500), .cut(after: 3), .header("Content-Type", "audio/mpegurl")]
        try await Bench.run(server) { bench in
            let resource = try await bench.load("/p/a.m3u8?x=1#frag")
            #expect(resource.bytes == Array("#EXTM3U\n".utf8))
            #expect(resource.contentType == "audio/mpegurl")
            #expect(resource.effectiveURL == bench.server.url("/p/a.m3u8?x=1"))
            #expect(bench.server.requests.first?.header("Accept-Encoding") == "gzip")
            #expect(bench.clock.sleeps.count == 2)
        }
    }

    @Test func anEmptyPlaylistIsNoFailureOfTheTransfer() async throws {
        try await Bench.run(OriginServer(resources: ["/a.m3u8": []])) { bench in
            let loaded1 = try await bench.load("/a.m3u8").bytes
            #expect(loaded1.isEmpty)
        }
    }

    @Test func gzipIsDecodedAndCountedDecoded() async throws {
        let text = [UInt8](repeating: UInt8(ascii: "#"), count: 3_000_000)
        let server = OriginServer(resources: ["/a.m3u8": try Self.gzip(text)])
        server.script["/a.m3u8"] = .always(.header("Content-Encoding", "gzip"))
        try await Bench.run(server) { bench in
            let loaded2 = try await bench.load("/a.m3u8").bytes
            #expect(loaded2 == text)
            let error = await #expect(throws: TransportError.self) {
                try await bench.load("/a.m3u8", maximumBytes: 2_000_000)
            }
            #expect(error?.kind.label == "tooLarge")
        }
    }

    @Test func anEncodingNobodyAskedForIsDecodedAndTold() async throws {
        let body = pattern(2_000_000)
        let server = OriginServer(resources: ["/s.ts": try Self.gzip(body)])
        server.script["/s.ts"] = .always(.header("Content-Encoding", "gzip"))
        try await Bench.run(server, memoryChunks: 2) { bench in
            #expect(await bench.segment("/s.ts").collect().bytes == body)
            #expect(
                bench.events.elements.contains {
                    if case .contentEncodingUnasked("gzip", _) = $0 { true } else { false }
                }
            )
        }
    }

    @Test func theUsersHeadersAreSent() async throws {
        try await Bench.run(OriginServer(resources: ["/a.m3u8": [1]])) { configuration in
            configuration.userAgent = "Player/1.0"
            configuration.referer = "https://page.example/x"
            configuration.headers = [try HTTPHeader(name: "X-A", value: "b"), try HTTPHeader(name: "X-E", value: "")]
        } _: { bench in
            _ = try await bench.load("/a.m3u8")
            let request = try #require(bench.server.requests.first)
            #expect(request.header("User-Agent") == "Player/1.0")
            #expect(request.header("Referer") == "https://page.example/x")
            #expect(request.header("X-A") == "b")
            #expect(request.header("X-E") == "")
        }
    }

    @Test func cancellationEndsALoad() async throws {
        let server = OriginServer(resources: ["/a.m3u8": [1]])
        server.script["/a.m3u8"] = [.delay(.seconds(5))]
        try await Bench.run(server) { bench in
            let task = Task { () throws(TransportError) -> LoadedResource in try await bench.load("/a.m3u8") }
            _ = await bench.server.waitForRequests { $0.count == 1 }
            task.cancel()
            let error = await #expect(throws: TransportError.self) { try await task.value }
            #expect(error?.isCancellation == true)
        }
    }
}
