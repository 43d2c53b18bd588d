import OriginServer
import Testing

@testable import Transport

@Suite struct DownloadTests {
    @Test(arguments: [1, 16_384, 262_144, 262_145, 3_000_000])
    func aBodyArrivesWhole(count: Int) async throws {
        let body = pattern(count)
        try await Bench.run(OriginServer(resources: ["/s.ts": body])) { bench in
            let download = bench.segment("/s.ts")
            let (bytes, failure) = await download.collect()
            #expect(failure == nil)
            #expect(bytes == body)
            #expect(download.receivedBytes == UInt64(count))
            let request = try #require(bench.server.requests.first)
            #expect(request.header("Accept-Encoding") == "identity")
            #expect(request.header("User-Agent") == "hls2mp4")
        }
    }

    @Test func oneConnectionServesManySegments() async throws {
        let body = pattern(10_000)
        try await Bench.run(OriginServer(resources: ["/s.ts": body])) { bench in
            for _ in 0..<20 { #expect(await bench.segment("/s.ts").collect().bytes == body) }
            #expect(bench.server.acceptedConnections == 1)
        }
    }

    /// Also F55: a server that closes each connection after 1 to 3 requests.
    @Test(arguments: [nil, 1, 3])
    func manyInParallelInAnyOrder(requestsPerConnection: Int?) async throws {
        var options = OriginServer.Options()
        options.delays = RandomDelays(seed: 5, upTo: .milliseconds(20))
        options.requestsPerConnection = requestsPerConnection
        let bodies = (0..<30).map { pattern(50_000 + $0 * 10_007, seed: UInt64($0)) }
        let resources = Dictionary(uniqueKeysWithValues: bodies.enumerated().map { ("/\($0.offset).ts", $0.element) })
        let server = OriginServer(resources: resources, options: options)
        try await Bench.run(server, memoryChunks: 4, configure: { $0.jobs = 5 }) { bench in
            let downloads = bodies.indices.map { bench.segment("/\($0).ts") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for download in downloads { group.addTask { await download.run() } }
                for (download, body) in zip(downloads, bodies) {
                    download.becomeHeadOfLine()
                    var bytes: [UInt8] = []
                    while let chunk = try await download.nextChunk() { bytes += chunk.bytes }
                    #expect(bytes == body)
                }
            }
            #expect(bench.server.peakActiveRequests <= 6, "5 places and the head of the line")
            #expect(bench.server.peakActiveRequests >= 4)
            // Two for the head, and one that a filter may need.
            #expect(bench.memory.peakBytes <= (4 + 3) * ChunkPool.chunkSize)
        }
    }

    @Test func aSlowReaderHoldsTheServerUp() async throws {
        let body = pattern(40_000_000)
        try await Bench.run(OriginServer(resources: ["/s.ts": body]), memoryChunks: 4) { bench in
            let download = bench.segment("/s.ts")
            download.becomeHeadOfLine()
            async let run: Void = download.run()
            var bytes: [UInt8] = []
            if let chunk = try await download.nextChunk() { bytes += chunk.bytes }
            // Nothing can tell that no more is coming but the server's own buffers: some megabytes at most.
            var sent = -1
            while sent != bench.server.sentBodyBytes {
                sent = bench.server.sentBodyBytes
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(sent < 20_000_000)
            #expect(bench.memory.usedBytes <= 5 * ChunkPool.chunkSize)
            while let chunk = try await download.nextChunk() { bytes += chunk.bytes }
            await run
            #expect(bytes == body)
        }
    }

    @Test func aWaitingReaderGetsThePartOfAChunk() async throws {
        let body = pattern(100_000)
        let server = OriginServer(resources: ["/s.ts": body])
        server.script["/s.ts"] = [.stall(at: 40_000)]
        try await Bench.run(server) { bench in
            let download = bench.segment("/s.ts")
            download.becomeHeadOfLine()
            async let run: Void = download.run()
            var bytes: [UInt8] = []
            while bytes.count < 40_000 - StreamingBody.smallestPartialChunk {
                let chunk = try #require(try await download.nextChunk())
                #expect(chunk.count >= StreamingBody.smallestPartialChunk)
                bytes += chunk.bytes
            }
            #expect(bench.events.elements.isEmpty, "it came before the stall was one")
            bench.server.release("/s.ts")
            while let chunk = try await download.nextChunk() { bytes += chunk.bytes }
            await run
            #expect(bytes == body)
        }
    }

    @Test func sizesAreLimited() async throws {
        let server = OriginServer(resources: ["/s.ts": pattern(500_000), "/k": pattern(5_000)])
        server.script["/s.ts"] = [.normal, .chunked]
        try await Bench.run(server) { bench in
            for _ in 0..<2 {
                let (_, failure) = await bench.segment("/s.ts", maximumBytes: 400_000).collect()
                #expect(failure?.kind.label == "tooLarge")
            }
            let error = await #expect(throws: TransportError.self) { try await bench.load("/k", .key) }
            #expect(error?.kind.label == "tooLarge")
            #expect(bench.server.requests.count == 3, "no second attempt")
        }
    }

    @Test func aCancelledRunEndsItsReader() async throws {
        let server = OriginServer(resources: ["/s.ts": pattern(600_000)])
        server.script["/s.ts"] = [.stall(at: 300_000)]
        try await Bench.run(server) { bench in
            let download = bench.segment("/s.ts")
            let run = Task { await download.run() }
            let first = try await download.nextChunk()
            #expect((first?.count ?? 0) > 0)
            run.cancel()
            await #expect(throws: TransportError.self) {
                while try await download.nextChunk() != nil {}
            }
            await run.value
            bench.server.release("/s.ts")
        }
    }

    @Test func aCancelledReaderIsReleased() async throws {
        let server = OriginServer(resources: ["/s.ts": pattern(600_000)])
        server.script["/s.ts"] = [.stall(at: 0)]
        try await Bench.run(server) { bench in
            let download = bench.segment("/s.ts")
            let run = Task { await download.run() }
            let reader = Task { () throws(TransportError) -> Int? in try await download.nextChunk()?.count }
            _ = await bench.server.waitForRequests { $0.count == 1 }
            reader.cancel()
            await #expect(throws: TransportError.self) { try await reader.value }
            run.cancel()
            await run.value
            bench.server.release("/s.ts")
        }
    }

    @Test func shutdownEndsEverything() async throws {
        let server = OriginServer(resources: ["/s.ts": pattern(600_000)])
        server.script["/s.ts"] = .always(.stall(at: 300_000))
        try await Bench.run(server, configure: { $0.jobs = 2 }) { bench in
            let downloads = (0..<5).map { _ in bench.segment("/s.ts") }
            await withTaskGroup(of: String.self) { group in
                for download in downloads { group.addTask { await download.collect().failure?.kind.label ?? "none" } }
                _ = await bench.server.waitForRequests { $0.count >= 2 }
                await bench.transport.shutdown()
                for await label in group { #expect(label == "cancelled") }
            }
            #expect(await bench.segment("/s.ts").collect().failure?.isCancellation == true)
            let error = await #expect(throws: TransportError.self) { try await bench.load("/index.m3u8") }
            #expect(error?.isCancellation == true)
            bench.server.release("/s.ts")
        }
    }
}
