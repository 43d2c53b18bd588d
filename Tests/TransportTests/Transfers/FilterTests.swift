import OriginServer
import Synchronization
import Testing

@testable import Transport

@Suite struct FilterTests {
    private static let body = pattern(900_000)
    private static let masked = body.map { $0 ^ 0x5A }

    /// Flips bits, in place, in the chunk.
    final class MaskFilter: BodyFilter {
        let holdsOutput = false

        func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) {
            var rest = input
            while !rest.isEmpty {
                output.withWindow(atLeast: 1) { window in
                    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(window.count))
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
                    for (place, byte) in part.enumerated() { window[place] = byte ^ 0x5A }
                    return part.count
                }
            }
        }

        func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) {
            [UInt8]([1, 2, 3]).withUnsafeBytes { output.append($0) }
        }
    }

    /// Looks at the first 1,000 bytes and refuses those that do not begin as expected.
    final class HeadFilter: BodyFilter {
        struct WrongHead: Error, Equatable {}
        private let expected: UInt8
        private let isRetriable: Bool
        private var head: [UInt8] = []
        private(set) var holdsOutput = true

        init(expected: UInt8, isRetriable: Bool) {
            self.expected = expected
            self.isRetriable = isRetriable
        }

        func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws {
            output.append(input)
            if holdsOutput {
                head += input.prefix(1_000)
                if head.count >= 1_000 { try look() }
            }
        }

        func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
            if holdsOutput { try look() }
        }

        private func look() throws {
            guard head.first == expected else {
                throw BodyRejection(isRetriable: isRetriable, underlying: WrongHead())
            }
            holdsOutput = false
        }
    }

    @Test func bytesRunThroughTheFilter() async throws {
        try await Bench.run(OriginServer(resources: ["/s.ts": Self.masked])) { bench in
            let (bytes, _) = await bench.segment("/s.ts", filter: .ready { MaskFilter() }).collect()
            #expect(bytes == Self.body + [1, 2, 3])
        }
    }

    /// The key comes before, within and after the body, and the transfer is cut in between.
    @Test(arguments: [0, 100, 400_000, 900_000])
    func theFilterMayComeLate(receivedBefore: Int) async throws {
        let server = OriginServer(resources: ["/s.ts": Self.masked])
        server.script["/s.ts"] = [.cut(after: 500_000)]
        try await Bench.run(server) { bench in
            let box = Mutex<SegmentDownload?>(nil)
            let download = bench.segment(
                "/s.ts",
                filter: .whenKnown {
                    while box.withLock({ $0?.receivedBytes ?? 0 }) < receivedBefore {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    return { MaskFilter() }
                }
            )
            box.withLock { $0 = download }
            let (bytes, failure) = await download.collect()
            #expect(failure == nil)
            #expect(bytes == Self.body + [1, 2, 3])
            box.withLock { $0 = nil }
        }
    }

    @Test func rawBytesThatWaitForTheFilterStayInTheBudget() async throws {
        let body = pattern(4_000_000)
        try await Bench.run(OriginServer(resources: ["/s.ts": body]), memoryChunks: 4) { bench in
            let isKnown = Mutex(false)
            let download = bench.segment(
                "/s.ts",
                filter: .whenKnown {
                    while !isKnown.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
                    return { MaskFilter() }
                }
            )
            download.becomeHeadOfLine()
            async let run: Void = download.run()
            while download.receivedBytes < 4 * UInt64(ChunkPool.chunkSize) - 70_000 {
                try await Task.sleep(for: .milliseconds(1))
            }
            try await Task.sleep(for: .milliseconds(50))
            #expect(bench.memory.usedBytes <= 5 * ChunkPool.chunkSize)
            #expect(download.receivedBytes <= 5 * UInt64(ChunkPool.chunkSize))
            isKnown.withLock { $0 = true }
            var count = 0
            while let chunk = try await download.nextChunk() { count += chunk.count }
            await run
            #expect(count == body.count + 3)
            #expect(bench.memory.peakBytes <= 8 * ChunkPool.chunkSize)
        }
    }

    @Test func aProviderThatFailsFailsTheDownloadAtOnce() async throws {
        struct NoKey: Error {}
        let server = OriginServer(resources: ["/s.ts": Self.body])
        server.script["/s.ts"] = [.stall(at: 100)]
        try await Bench.run(server) { bench in
            let (bytes, failure) = await bench.segment("/s.ts", filter: .whenKnown { throw NoKey() }).collect()
            guard case .filter(let error) = failure?.kind else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(error is NoKey)
            #expect(bytes.isEmpty)
            #expect(bench.clock.sleeps.isEmpty)
            bench.server.release("/s.ts")
        }
    }

    /// F09: an error page with status 200.
    @Test(arguments: [true, false])
    func aWrongHeadNeverReachesTheReader(isRetriable: Bool) async throws {
        let server = OriginServer(resources: ["/s.ts": Self.body])
        server.script["/s.ts"] = [.body("<html>Forbidden</html>"), .body(pattern(700_000, seed: 3))]
        let expected = try #require(Self.body.first)
        try await Bench.run(server) { bench in
            let filter = FilterSource.ready { HeadFilter(expected: expected, isRetriable: isRetriable) }
            let (bytes, failure) = await bench.segment("/s.ts", filter: filter).collect()
            if isRetriable {
                #expect(failure == nil)
                #expect(bytes == Self.body)
                #expect(bench.server.requests.count == 3)
            } else {
                #expect(failure?.kind.label == "filter")
                #expect(bytes.isEmpty)
                #expect(bench.server.requests.count == 1)
            }
        }
    }

    /// Takes bodies of 900,000 bytes only; says so at their end.
    final class LengthFilter: BodyFilter {
        struct WrongLength: Error, Equatable {}
        private var count = 0
        let holdsOutput = false

        func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) {
            count += input.count
            output.append(input)
        }

        func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
            if count != 900_000 { throw BodyRejection(isRetriable: true, underlying: WrongLength()) }
        }
    }

    /// A body whose end only the filter finds wrong, when the reader has its first chunks.
    struct RefusedEnd: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sendsValidators = true
        var answers: [Answer]
        /// The label of the error's kind; nil: the body arrives.
        var failure: String?
        var ranges: [String?]
    }

    private static let cut = Answer.withoutContentLength.cut(after: 600_000)
        .stall(at: 599_000, for: .milliseconds(100))

    static let refusedEnds = [
        RefusedEnd(
            testDescription: "goes on by Range under an equal validator",
            answers: [cut, .normal],
            ranges: [nil, "bytes=600000-"]
        ),
        RefusedEnd(
            testDescription: "is compared and dropped without a validator",
            sendsValidators: false,
            answers: [cut, .normal],
            ranges: [nil, nil]
        ),
        RefusedEnd(
            testDescription: "another body without a validator",
            sendsValidators: false,
            answers: [cut, .body(pattern(900_000, seed: 9))],
            failure: "bodyChanged",
            ranges: [nil, nil]
        ),
        RefusedEnd(
            testDescription: "another body with another validator",
            answers: [cut, Answer.body(pattern(900_000, seed: 9)).etag("\"other\"")],
            failure: "bodyChanged",
            ranges: [nil, "bytes=600000-"]
        ),
        RefusedEnd(
            testDescription: "cut at the same place for ever",
            sendsValidators: false,
            answers: [Answer](repeating: cut, count: 9),
            failure: "filter",
            ranges: [String?](repeating: nil, count: 8)
        ),
        RefusedEnd(
            testDescription: "all the bytes declared are here: nothing can follow",
            answers: [
                Answer.body(Array(body[..<600_000])).stall(at: 599_000, for: .milliseconds(100))
            ],
            failure: "filter",
            ranges: [nil]
        ),
    ]

    @Test(arguments: refusedEnds)
    func anEndThatIsRefused(_ row: RefusedEnd) async throws {
        var options = OriginServer.Options()
        options.sendsValidators = row.sendsValidators
        let server = OriginServer(resources: ["/s.ts": Self.body], options: options)
        server.script["/s.ts"] = Script(row.answers)
        try await Bench.run(server) { bench in
            let (bytes, failure) = await bench.segment("/s.ts", filter: .ready { LengthFilter() }).collect()
            #expect(failure?.kind.label == row.failure)
            // Outside of the expectation, which would spend minutes on the difference of long arrays.
            let isBody = bytes == Array(Self.body.prefix(row.failure == nil ? 900_000 : bytes.count))
            #expect(isBody)
            if row.failure != nil { #expect((1...600_000).contains(bytes.count)) }
            #expect(bench.ranges("/s.ts") == row.ranges)
        }
    }
}
