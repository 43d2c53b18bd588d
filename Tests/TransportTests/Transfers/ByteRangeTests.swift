import OriginServer
import Testing

@testable import Transport

/// EXT-X-BYTERANGE and the answers servers give (F18).
@Suite struct ByteRangeTests {
    private static let body = pattern(1_000_000)

    @Test(arguments: [
        ("as asked", [], ["bytes=300000-699999"]),
        ("whole body instead", [.ignoringRange], ["bytes=300000-699999"]),
        ("other range", [.contentRange("bytes 0-399999/1000000")], ["bytes=300000-699999", nil]),
        ("no Content-Range", [.withoutContentRange], ["bytes=300000-699999", nil]),
        ("shorter range", [.contentRange("bytes 300000-599999/1000000")], ["bytes=300000-699999", nil]),
        ("416", [.status(416)], ["bytes=300000-699999", nil]),
        ("cut", [.cut(after: 100_000)], ["bytes=300000-699999", "bytes=400000-699999"]),
        (
            "cut, then whole body", [.cut(after: 100_000), .ignoringRange],
            ["bytes=300000-699999", "bytes=400000-699999"]
        ),
        (
            "whole body, cut", [Answer.cut(after: 400_000).ignoringRange],
            ["bytes=300000-699999", "bytes=400000-699999"]
        ),
    ])
    func answers(name: String, script: [Answer], ranges: [String?]) async throws {
        let server = OriginServer(resources: ["/s.ts": Self.body])
        server.script["/s.ts"] = Script(script)
        try await Bench.run(server) { bench in
            let range = ByteRange(offset: 300_000, length: 400_000)
            let (bytes, failure) = await bench.segment("/s.ts", range: range).collect()
            #expect(failure == nil)
            #expect(bytes == Array(Self.body[300_000..<700_000]))
            #expect(bench.ranges("/s.ts") == ranges)
        }
    }

    @Test func withoutValidatorsTheRangeIsFetchedAgainAndCompared() async throws {
        var options = OriginServer.Options()
        options.sendsValidators = false
        let server = OriginServer(resources: ["/s.ts": Self.body], options: options)
        server.script["/s.ts"] = [.cut(after: 100_000)]
        try await Bench.run(server) { bench in
            let range = ByteRange(offset: 300_000, length: 400_000)
            let (bytes, _) = await bench.segment("/s.ts", range: range).collect()
            #expect(bytes == Array(Self.body[300_000..<700_000]))
            #expect(bench.ranges("/s.ts") == ["bytes=300000-699999", "bytes=300000-699999"])
        }
    }

    @Test func aRangeBeyondTheEndFails() async throws {
        try await Bench.run(OriginServer(resources: ["/s.ts": Self.body])) { bench in
            let range = ByteRange(offset: 900_000, length: 200_000)
            let (bytes, failure) = await bench.segment("/s.ts", range: range).collect()
            #expect(failure?.kind.label == "wrongContentRange")
            #expect(bytes.isEmpty)
        }
    }

    @Test(arguments: [(0, 0), (UInt64.max, 2), (UInt64(Int64.max), 1)] as [(UInt64, UInt64)])
    func impossibleRanges(offset: UInt64, length: UInt64) {
        #expect(ByteRange(offset: offset, length: length) == nil)
    }

    @Test(arguments: [
        ("bytes 0-9/10", true), ("bytes 5-9/*", true), ("Bytes 0-0/1", true), ("bytes 9-5/10", false),
        ("bytes 0-10/10", false), ("bytes */10", false), ("bytes 0-9", false), ("0-9/10", false),
        ("bytes +0-9/10", false), ("bytes -1-9/10", false), ("bytes 0-99999999999999999999/*", false),
        ("bytes 0-9223372036854775807/*", false), ("", false), ("bytes 0-9/10/11", false), ("items 0-9/10", false),
    ])
    func contentRanges(value: String, isValid: Bool) {
        #expect((ContentRange(value) != nil) == isValid)
    }
}
