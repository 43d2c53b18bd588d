import OriginServer
import Testing

@testable import Transport

/// The head of line is requested a second time when it lags (issue: hedged requests).
@Suite struct HedgingTests {
    private func run(_ script: Script, size: Int = 200_000, _ check: (Bench, [UInt8], [UInt8]) throws -> Void)
        async throws
    {
        let body = pattern(size)
        let server = OriginServer(resources: ["/quick": pattern(1000), "/late": body])
        server.script["/late"] = script
        try await Bench.run(server) { configuration in
            configuration.timeouts.hedge = .milliseconds(200)
        } _: { bench in
            // What is usual must be known first.
            for _ in 0..<3 { _ = await bench.segment("/quick").collect() }
            let (bytes, failure) = await bench.segment("/late").collect()
            #expect(failure == nil, "\(failure?.description ?? "")")
            let isSame = bytes == body
            #expect(isSame, "\(bytes.count) bytes")
            try check(bench, bytes, body)
        }
    }

    private func isHedged(_ bench: Bench) -> Bool {
        bench.events.elements.contains { if case .hedged = $0 { true } else { false } }
    }

    @Test func anAnswerThatDoesNotCome() async throws {
        try await run([.delay(.seconds(30))]) { bench, _, _ in
            #expect(bench.server.requests(for: "/late").count == 2)
            #expect(isHedged(bench))
        }
    }

    @Test func aBodyThatStops() async throws {
        try await run([.stall(at: 100_000, for: nil)]) { bench, _, _ in
            #expect(bench.ranges("/late") == [nil, "bytes=100000-"])
        }
    }

    @Test("a second answer that is of no use leaves the first one alone", arguments: [404, 503, 302])
    func useless(status: Int) async throws {
        let second = status == 302 ? Answer.normal.redirect(to: "/nowhere") : .normal.status(status)
        try await run(Script([.delay(.milliseconds(900)), second])) { bench, _, _ in
            #expect(bench.server.requests(for: "/late").count == 2)
            #expect(bench.events.elements.count { if case .retry = $0 { true } else { false } } == 0)
        }
    }

    @Test func aSecondAnswerBehindARedirect() async throws {
        try await run([.delay(.seconds(30)), .redirect(to: "/late?2")]) { bench, _, _ in
            #expect(bench.server.requests(for: "/late").count == 3)
        }
    }

    @Test func theFirstOneWins() async throws {
        try await run(Script([.delay(.milliseconds(400)), .delay(.seconds(30))])) { bench, _, _ in
            #expect(bench.server.requests(for: "/late").count == 2)
        }
    }

    @Test func anotherResourceMidwayIsNotTaken() async throws {
        // The second answer has another validator: 200 to If-Range, and the first one goes on when it is released.
        let server = OriginServer(resources: ["/quick": pattern(1000), "/late": pattern(200_000)])
        server.script["/late"] = Script([.stall(at: 100_000, for: .milliseconds(900)), .etag("\"other\"")])
        try await Bench.run(server) { configuration in
            configuration.timeouts.hedge = .milliseconds(200)
        } _: { bench in
            for _ in 0..<3 { _ = await bench.segment("/quick").collect() }
            let (bytes, failure) = await bench.segment("/late").collect()
            #expect(failure == nil)
            let isSame = bytes == pattern(200_000)
            #expect(isSame)
            #expect(isHedged(bench))
        }
    }
}
