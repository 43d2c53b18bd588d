import OriginServer
import Remux
import Testing

/// What makes a complete output, and that the network's ways do not change a byte of it.
@Suite struct CompletionTests {
    static let streams = [
        "/clear/index.m3u8", "/aes128-explicit-iv/index.m3u8", "/aes128-implicit-iv/index.m3u8",
        "/byteranges/index.m3u8",
    ]

    @Test("a complete run names its file and leaves nothing else", arguments: streams)
    func complete(_ path: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run(path)
        #expect(run.isComplete, "\(run.message)")
        #expect(harness.scratch.names == ["out.mp4"])
        let types = Boxes.types(harness.scratch.bytes("out.mp4"))
        #expect(types.prefix(5) == ["ftyp", "free", "moov", "sidx", "sidx"])
        #expect(types.count { $0 == "moof" } == types.count { $0 == "mdat" })
        #expect(run.summary.segmentCount == run.summary.plannedSegmentCount)
        #expect(run.summary.warnings == [])
    }

    @Test("random delays and any order of arrival give the same bytes", arguments: 0..<12 as Range<UInt64>)
    func order(_ seed: UInt64) async throws {
        let path = Self.streams[Int(seed) % 3]
        let clean = try await SessionHarness().clean(path)
        let server = OriginServer(root: Files.fixtures)
        var delays = OriginServer.Options()
        delays.delays = RandomDelays(seed: seed, upTo: .milliseconds(60))
        let delayed = OriginServer(root: Files.fixtures, options: delays)
        try delayed.start()
        defer { delayed.stop(); server.stop() }
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let run = await harness.run(delayed.url(path)) { configuration in
            configuration.jobs = 1 + Int(seed) % 7
            configuration.maximumMemoryBytes = 4 << 20
        }
        #expect(run.isComplete, "\(run.message)")
        let isSame = harness.scratch.bytes("out.mp4") == clean
        #expect(isSame)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answers: [Answer]
    }

    static let passingFaults = [
        Fault(testDescription: "F01 404 twice", answers: [.status(404), .status(404)]),
        Fault(testDescription: "F07 503 three times", answers: [.status(503), .status(500), .status(502)]),
        Fault(testDescription: "F06 429 with Retry-After", answers: [.status(429).header("Retry-After", "3")]),
        Fault(
            testDescription: "F09 an HTML page with status 200",
            answers: [.body("<!doctype html><p>busy"), .body("<html>")]
        ),
        Fault(testDescription: "F10 no bytes", answers: [.empty, .status(204).empty]),
        Fault(testDescription: "F11 cut at the first byte", answers: [.cut(after: 0)]),
        Fault(testDescription: "F11 cut in the middle", answers: [.cut(after: 20_000)]),
        Fault(
            testDescription: "F11 cut again and again",
            answers: [.cut(after: 100), .cut(after: 10_000), .cut(after: 7)]
        ),
        Fault(testDescription: "F11 reset", answers: [.reset(after: 15_000)]),
        Fault(testDescription: "F11 cut, then the range is ignored", answers: [.cut(after: 9000), .ignoringRange]),
        Fault(
            testDescription: "F11 cut without validators",
            answers: [
                .cut(after: 9000).withoutHeader("ETag").withoutHeader("Last-Modified"),
                .normal.withoutHeader("ETag").withoutHeader("Last-Modified"),
            ]
        ),
        Fault(testDescription: "F14 chunked without its end", answers: [.chunkedWithoutEnd]),
        Fault(
            testDescription: "F18 a wrong Content-Range after a cut",
            answers: [.cut(after: 5000), .contentRange("bytes 0-9/10")]
        ),
        Fault(testDescription: "no answer at all", answers: [.unanswered, .unanswered]),
    ]

    @Test(
        "faults that pass leave no trace in the output: on the first, a middle and the last segment",
        arguments: passingFaults,
        [0, 3, 5]
    )
    func faults(_ fault: Fault, _ segment: Int) async throws {
        let path = segment == 3 ? "/clear" : "/aes128-explicit-iv"
        let clean = try await SessionHarness().clean(path + "/index.m3u8")
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["\(path)/00\(segment).ts"] = Script(fault.answers)
        let run = await harness.run(path + "/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let isSame = harness.scratch.bytes("out.mp4") == clean
        #expect(isSame)
        // libcurl itself repeats a request that an idle connection left unanswered: the server counts.
        #expect(harness.server.requests.count { $0.target == "\(path)/00\(segment).ts" } > 1)
    }

    @Test("one request for each segment and one for the key")
    func requests() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        #expect(await harness.run("/aes128-explicit-iv/index.m3u8").isComplete)
        let targets = harness.server.requests.map(\.target).sorted()
        #expect(targets == Set(targets).sorted())
        #expect(targets.count == 8)
    }

    @Test("a pipe's output has no index, and its fragments are those of the file")
    func pipe() async throws {
        let clean = try await SessionHarness().clean("/clear/index.m3u8")
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let store = Store()
        let run = await harness.run("/clear/index.m3u8", output: .custom { PipeSink(store) })
        #expect(run.isComplete, "\(run.message)")
        let types = Boxes.types(store.bytes)
        #expect(types.prefix(3) == ["ftyp", "moov", "moof"])
        let start = try #require(clean.firstRange(of: Array("moof".utf8))?.lowerBound) - 4
        let pipeStart = try #require(store.bytes.firstRange(of: Array("moof".utf8))?.lowerBound) - 4
        #expect(Array(clean[start...]) == Array(store.bytes[pipeStart...]))
    }
}
