import Testing

@testable import OriginServer

@Suite("Ranges")
struct RangeTests {
    @Test(
        "the Range header against ten bytes",
        arguments: [
            (nil, RangeHeader.whole),
            ("bytes=0-0", .part(0..<1)),
            ("bytes=2-5", .part(2..<6)),
            ("bytes=7-", .part(7..<10)),
            ("bytes=7-99", .part(7..<10)),
            ("bytes=-3", .part(7..<10)),
            ("bytes=-99", .part(0..<10)),
            ("bytes=10-", .unsatisfiable),
            ("bytes=-0", .unsatisfiable),
            ("bytes=5-2", .whole),
            ("bytes=0-1,3-4", .whole),
            ("bytes=x-3", .whole),
            ("items=0-1", .whole),
            ("bytes=9223372036854775808-", .whole),
            ("bytes=1-9223372036854775807", .part(1..<10)),
        ] as [(String?, RangeHeader)]
    )
    func header(_ value: String?, _ expected: RangeHeader) {
        #expect(RangeHeader(value, size: 10) == expected)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var answer = Answer.normal
        var headers = ["Range: bytes=2-5"]
        var status: String
        var contentRange: String?
        var body: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(name: "part", status: "206 Partial Content", contentRange: "bytes 2-5/10", body: "2345"),
        Row(name: "200 to a Range", answer: .ignoringRange, status: "200 OK", body: "0123456789"),
        Row(
            name: "wrong Content-Range",
            answer: .contentRange("bytes 0-3/10"),
            status: "206 Partial Content",
            contentRange: "bytes 0-3/10",
            body: "2345"
        ),
        Row(name: "no Content-Range", answer: .withoutContentRange, status: "206 Partial Content", body: "2345"),
        Row(
            name: "cut in a part",
            answer: .cut(after: 2),
            status: "206 Partial Content",
            contentRange: "bytes 2-5/10",
            body: "23"
        ),
        Row(
            name: "beyond the end",
            headers: ["Range: bytes=50-"],
            status: "416 Range Not Satisfiable",
            contentRange: "bytes */10",
            body: "<html><body><h1>416</h1></body></html>\n"
        ),
        Row(
            name: "If-Range holds",
            answer: .etag("\"v1\""),
            headers: ["Range: bytes=2-5", "If-Range: \"v1\""],
            status: "206 Partial Content",
            contentRange: "bytes 2-5/10",
            body: "2345"
        ),
        Row(
            name: "If-Range failed",
            answer: .etag("\"v2\""),
            headers: ["Range: bytes=2-5", "If-Range: \"v1\""],
            status: "200 OK",
            body: "0123456789"
        ),
        Row(
            name: "a Range of a replaced body",
            answer: .body("abcdefgh"),
            status: "206 Partial Content",
            contentRange: "bytes 2-5/8",
            body: "cdef"
        ),
    ])
    func answer(_ row: Row) async throws {
        try await withServer(.always(row.answer.closing)) { _, client in
            client.send("GET /a.ts HTTP/1.1\r\n" + row.headers.map { $0 + "\r\n" }.joined() + "\r\n")
            let head = client.head()
            #expect(head.first == "HTTP/1.1 " + row.status)
            let contentRange = head.first { $0.hasPrefix("Content-Range: ") }?.dropFirst(15)
            #expect(contentRange.map(String.init) == row.contentRange)
            #expect(client.rest().text == row.body)
        }
    }

    @Test("an ETag that changes between requests")
    func etagChanges() async throws {
        try await withServer([.etag("\"1\""), .etag("\"2\"")]) { _, client in
            for tag in ["ETag: \"1\"", "ETag: \"2\""] {
                client.get("/a.ts")
                #expect(client.head().contains(tag))
                _ = client.read(10)
            }
        }
    }
}
