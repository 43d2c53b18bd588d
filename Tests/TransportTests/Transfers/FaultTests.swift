import OriginServer
import Testing

@testable import Transport

/// Faults of the fault matrix (spec_security.md §3.3) on a segment: the reader gets exactly the body, or the named error.
@Suite struct FaultTests {
    static let body = pattern(1_000_000)

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var script: Script
        /// The label of the error's kind; nil: the body arrives.
        var failure: String?
        /// The Range headers in order.
        var ranges: [String?]
        var sendsValidators = true
        var sleeps: Int?
    }

    static let cases: [Case] = [
        Case(testDescription: "F01 404 twice", script: [.status(404), .status(404)], ranges: [nil, nil, nil]),
        Case(
            testDescription: "F02 404 for ever",
            script: .always(.status(404)),
            failure: "status",
            ranges: [nil, nil, nil, nil]
        ),
        Case(testDescription: "F03 410", script: .always(.status(410)), failure: "status", ranges: [nil]),
        Case(testDescription: "F04 403", script: .always(.status(403)), failure: "status", ranges: [nil]),
        Case(testDescription: "F05 401", script: .always(.status(401)), failure: "status", ranges: [nil]),
        Case(
            testDescription: "F07 500, 502, 504",
            script: [.status(500), .status(502), .status(504)],
            ranges: [nil, nil, nil, nil]
        ),
        Case(
            testDescription: "F08 503 for ever",
            script: .always(.status(503)),
            failure: "status",
            ranges: [String?](repeating: nil, count: 8)
        ),
        Case(
            testDescription: "F10 empty 200",
            script: .always(.empty),
            failure: "emptyBody",
            ranges: [nil, nil, nil]
        ),
        Case(testDescription: "F10 204 once", script: [Answer.status(204).empty], ranges: [nil, nil]),
        Case(testDescription: "F11 unanswered", script: [.unanswered], ranges: [nil, nil]),
        Case(testDescription: "F11 reset at 0", script: [.reset(after: 0)], ranges: [nil, nil]),
        Case(
            testDescription: "F12 closed at 50 %",
            script: [.cut(after: 500_000)],
            ranges: [nil, "bytes=500000-"]
        ),
        Case(
            testDescription: "F12 closed at 1 % and 99.9 %",
            script: [.cut(after: 10_000), .cut(after: 989_000)],
            ranges: [nil, "bytes=10000-", "bytes=999000-"]
        ),
        Case(
            testDescription: "F12 without validators",
            script: [.cut(after: 500_000)],
            ranges: [nil, nil],
            sendsValidators: false
        ),
        Case(
            testDescription: "F12 without validators, twice",
            script: [.cut(after: 500_000), .cut(after: 400_000)],
            ranges: [nil, nil, nil],
            sendsValidators: false
        ),
        Case(
            testDescription: "F12 weak ETag and no Last-Modified",
            script: Script([
                Answer.cut(after: 500_000).etag("W/\"a\"").withoutHeader("Last-Modified"),
                Answer.normal.etag("W/\"a\"").withoutHeader("Last-Modified"),
            ]),
            ranges: [nil, nil]
        ),
        Case(
            testDescription: "F14 chunked without its end",
            script: [.chunkedWithoutEnd],
            // All of it is here, but nothing says so.
            ranges: [nil, "bytes=1000000-", nil]
        ),
        Case(
            testDescription: "F15 longer than declared",
            script: [.contentLength(600_000)],
            failure: "none",
            ranges: [nil]
        ),
        Case(
            testDescription: "F18 other range on resume",
            script: [.cut(after: 500_000), .contentRange("bytes 0-9/10")],
            ranges: [nil, "bytes=500000-", nil]
        ),
        Case(
            testDescription: "F18 no Content-Range on resume",
            script: [.cut(after: 500_000), .withoutContentRange],
            ranges: [nil, "bytes=500000-", nil]
        ),
        Case(
            testDescription: "F18 range ignored on resume",
            script: [.cut(after: 500_000), .ignoringRange],
            ranges: [nil, "bytes=500000-"]
        ),
        Case(
            testDescription: "F18 416 on resume",
            script: [.cut(after: 500_000), .status(416)],
            ranges: [nil, "bytes=500000-", nil]
        ),
        Case(
            testDescription: "503 between the parts",
            script: [.cut(after: 500_000), .status(503)],
            ranges: [nil, "bytes=500000-", "bytes=500000-"]
        ),
    ]

    @Test(arguments: cases)
    func segments(_ test: Case) async throws {
        var options = OriginServer.Options()
        options.sendsValidators = test.sendsValidators
        let server = OriginServer(resources: ["/s.ts": Self.body], options: options)
        server.script["/s.ts"] = test.script
        try await Bench.run(server) { bench in
            let (bytes, failure) = await bench.segment("/s.ts").collect()
            switch test.failure {
            case nil:
                #expect(failure == nil)
                #expect(bytes == Self.body)
            case "none":
                #expect(failure == nil)
                #expect(bytes == Array(Self.body[..<600_000]))
            default:
                #expect(failure?.kind.label == test.failure)
                #expect(failure?.attempts == test.ranges.count)
                #expect(bytes.isEmpty)
            }
            #expect(bench.ranges("/s.ts") == test.ranges)
            #expect(bench.clock.sleeps.count == test.ranges.count - 1)
        }
    }

    /// The reader has taken bytes when the body turns out to be another one.
    @Test(arguments: [true, false])
    func aChangedBodyIsNeverMixed(sendsValidators: Bool) async throws {
        var options = OriginServer.Options()
        options.sendsValidators = sendsValidators
        let server = OriginServer(resources: ["/s.ts": Self.body], options: options)
        server.script["/s.ts"] = [Answer.stall(at: 300_000).cut(after: 600_000)]
        try await Bench.run(server) { bench in
            let download = bench.segment("/s.ts")
            async let run: Void = download.run()
            var bytes = Array(try #require(try await download.nextChunk()).bytes)
            bench.server["/s.ts"] = pattern(1_000_000, seed: 99)
            bench.server.release("/s.ts")
            let error = await #expect(throws: TransportError.self) {
                while let chunk = try await download.nextChunk() { bytes += chunk.bytes }
            }
            #expect(error?.kind.label == "bodyChanged")
            await run
            #expect(bytes == Array(Self.body[..<bytes.count]), "intact up to the end")
        }
    }

    /// Nobody has read anything: the new body is taken from its start.
    @Test(arguments: [true, false])
    func aBodyThatChangedUnreadStartsOver(sendsValidators: Bool) async throws {
        var options = OriginServer.Options()
        options.sendsValidators = sendsValidators
        let server = OriginServer(resources: ["/s.ts": Self.body], options: options)
        let other = pattern(900_000, seed: 99)
        server.script["/s.ts"] = .deciding { number, _ in
            number == 0 ? .cut(after: 600_000) : Answer.body(other).etag("\"other\"")
        }
        try await Bench.run(server) { bench in
            let download = bench.segment("/s.ts")
            await download.run()
            var bytes: [UInt8] = []
            while let chunk = try await download.nextChunk() { bytes += chunk.bytes }
            #expect(bytes == other)
        }
    }

    /// The intact part of a body that never gets whole is handed on before the error.
    @Test func whatIsIntactComesBeforeTheError() async throws {
        let server = OriginServer(resources: ["/s.ts": Self.body])
        server.script["/s.ts"] = Script([.cut(after: 10_000)], then: .status(403))
        try await Bench.run(server) { bench in
            let (bytes, failure) = await bench.segment("/s.ts").collect()
            #expect(failure?.status == 403)
            #expect(bytes == Array(Self.body[..<10_000]))
        }
    }

    @Test(arguments: [
        (Answer.stall(at: 10_000), "stalled"), (.delay(.seconds(30)), "timeout"),
        (.slow(bytesPerSecond: 200), "stalled"),
    ])
    func slowServersAreGivenUp(answer: Answer, label: String) async throws {
        let server = OriginServer(resources: ["/s.ts": Self.body])
        server.script["/s.ts"] = [answer]
        try await Bench.run(server) {
            $0.timeouts.stall = .milliseconds(200)
            $0.timeouts.firstByte = .milliseconds(400)
        } _: { bench in
            let (bytes, failure) = await bench.segment("/s.ts").collect()
            #expect(failure == nil)
            #expect(bytes == Self.body)
            let retries = bench.events.elements.compactMap { event in
                if case .retry(_, _, let error) = event { error.kind.label } else { nil }
            }
            #expect(retries.first == label)
            bench.server.release("/s.ts")
        }
    }

    @Test func aPausedTransferIsNoStall() async throws {
        let server = OriginServer(resources: ["/s.ts": pattern(8_000_000)])
        try await Bench.run(server, memoryChunks: 1) {
            $0.timeouts.stall = .milliseconds(500)
        } _: { bench in
            let download = bench.segment("/s.ts")
            download.becomeHeadOfLine()
            async let run: Void = download.run()
            let first = try await download.nextChunk()
            try await Task.sleep(for: .milliseconds(1_100))
            var count = first?.count ?? 0
            while let chunk = try await download.nextChunk() { count += chunk.count }
            await run
            #expect(count == 8_000_000)
            #expect(bench.server.requests.count == 1)
        }
    }

    @Test(arguments: [
        (Answer.header("Retry-After", "3"), 3.15),
        (.header("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT").header("Date", "Fri, 31 Dec 1999 23:59:52 GMT"), 7.35),
        (.header("Retry-After", "86400"), 126),
        (.header("Retry-After", "nonsense"), 0.5),
        (.header("Retry-After", "-5"), 0.5),
    ])
    func retryAfterIsHonoured(answer: Answer, seconds: Double) async throws {
        let server = OriginServer(resources: ["/s.ts": Self.body])
        server.script["/s.ts"] = [answer.status(429)]
        try await Bench.run(server) { bench in
            #expect(await bench.segment("/s.ts").collect().bytes == Self.body)
            let sleep = try #require(bench.clock.sleeps.first)
            #expect(abs(sleep / .seconds(1) - seconds) < 0.01)
        }
    }

    @Test func nobodyListens() async throws {
        let dead = OriginServer()
        try dead.start()
        let url = dead.url("/s.ts")
        dead.stop()
        try await Bench.run(configure: { $0.inputURL = url }) { bench in
            let (_, failure) = await bench.segment(url).collect()
            #expect(failure?.kind.label == "couldNotConnect")
            #expect(failure?.attempts == 8)
        }
    }
}
