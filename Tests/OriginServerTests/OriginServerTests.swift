import Testing

@testable import OriginServer

@Suite("Origin server on the wire")
struct OriginServerTests {
    @Test("a plain GET: head, type, validators, body, and the connection stays")
    func plain() async throws {
        try await withServer { server, client in
            for _ in 0..<2 {
                client.get("/a.ts")
                let head = client.head()
                #expect(head.first == "HTTP/1.1 200 OK")
                #expect(head.contains("Content-Type: video/mp2t"))
                #expect(head.contains("Content-Length: 10"))
                #expect(head.contains("Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT"))
                #expect(head.contains { $0.hasPrefix("ETag: \"") })
                #expect(String(decoding: client.read(10).bytes, as: UTF8.self) == "0123456789")
            }
            #expect(server.requests.map(\.index) == [0, 1])
            #expect(server.acceptedConnections == 1)
            #expect(await server.hasSent(20))
        }
    }

    @Test("validators can be switched off")
    func noValidators() async throws {
        var options = OriginServer.Options()
        options.sendsValidators = false
        try await withServer(options: options) { _, client in
            client.get("/a.ts")
            let head = client.head()
            #expect(!head.contains { $0.hasPrefix("ETag") || $0.hasPrefix("Last-Modified") })
        }
    }

    @Test("HEAD has the head of GET and no body")
    func head() async throws {
        try await withServer { _, client in
            client.send("HEAD /a.ts HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\n")
            #expect(client.head().contains("Content-Length: 10"))
            #expect(client.head().first == "HTTP/1.1 404 Not Found")
        }
    }

    @Test("answers follow the script, then the resource; requests of other paths do not count")
    func script() async throws {
        try await withServer([.status(503).header("Retry-After", "7"), .redirect(to: "/b", status: 307)]) { _, client in
            let busy = client.exchange("/a.ts")
            #expect(busy.first == "HTTP/1.1 503 Service Unavailable")
            #expect(busy.contains("Retry-After: 7"))
            #expect(client.exchange("/other").first == "HTTP/1.1 404 Not Found")
            let moved = client.exchange("/a.ts?token=1")
            #expect(moved.first == "HTTP/1.1 307 Temporary Redirect")
            #expect(moved.contains("Location: /b"))
            #expect(client.exchange("/a.ts").first == "HTTP/1.1 200 OK")
        }
    }

    @Test("a script for any path counts for each path alone")
    func anyPath() async throws {
        try await withServer { server, client in
            server.script[ScriptTable.anyPath] = [.status(500).empty]
            var statuses: [String?] = []
            for path in ["/a.ts", "/x", "/a.ts"] {
                client.get(path)
                statuses.append(client.head().first)
            }
            #expect(
                statuses == [
                    "HTTP/1.1 500 Internal Server Error", "HTTP/1.1 500 Internal Server Error", "HTTP/1.1 200 OK",
                ]
            )
        }
    }

    @Test("a script can decide by the request")
    func deciding() async throws {
        let script = Script.deciding { _, request in request.header("cookie") == "k=v" ? .normal : .status(403) }
        try await withServer(script) { _, client in
            #expect(client.exchange("/a.ts").first == "HTTP/1.1 403 Forbidden")
            #expect(client.exchange("/a.ts", "Cookie: k=v").first == "HTTP/1.1 200 OK")
        }
    }

    struct BodyCase: CustomTestStringConvertible, Sendable {
        var name: String
        var answer: Answer
        var text: String
        var end = RawClient.End.closed
        var testDescription: String { name }
    }

    @Test(
        "the body as scripted, to the end of the connection",
        arguments: [
            BodyCase(name: "cut", answer: .cut(after: 4), text: "0123"),
            BodyCase(name: "cut at the end", answer: .cut(after: 10), text: "0123456789"),
            BodyCase(name: "cut before the body", answer: .cut(after: 0), text: ""),
            BodyCase(
                name: "reset",
                answer: .reset(after: 4).stall(at: 4, for: .milliseconds(50)),
                text: "0123",
                end: .reset
            ),
            BodyCase(name: "no length", answer: .withoutContentLength, text: "0123456789"),
            BodyCase(name: "length too long", answer: .contentLength(12), text: "0123456789"),
            BodyCase(name: "length too short", answer: .contentLength(3), text: "0123456789"),
            BodyCase(name: "chunked", answer: .chunked.closing, text: "a\r\n0123456789\r\n0\r\n\r\n"),
            BodyCase(name: "chunked, no end", answer: .chunkedWithoutEnd, text: "a\r\n0123456789\r\n"),
            BodyCase(name: "chunked, cut", answer: .chunked.cut(after: 3), text: "3\r\n012\r\n"),
            BodyCase(name: "other body", answer: .body("other").closing, text: "other"),
            BodyCase(name: "empty", answer: .empty.closing, text: ""),
            BodyCase(name: "stall", answer: .stall(at: 5, for: .milliseconds(20)).closing, text: "0123456789"),
            BodyCase(name: "slow", answer: .slow(bytesPerSecond: 200).closing, text: "0123456789"),
        ]
    )
    func body(_ row: BodyCase) async throws {
        try await withServer(.always(row.answer)) { _, client in
            client.get("/a.ts")
            #expect(client.head().first == "HTTP/1.1 200 OK")
            let rest = client.rest()
            #expect(rest.text == row.text)
            #expect(rest.end == row.end)
        }
    }

    @Test("an unanswered request sees the connection close")
    func unanswered() async throws {
        try await withServer([.unanswered]) { _, client in
            client.get("/a.ts")
            let rest = client.rest()
            #expect(rest.text.isEmpty)
            #expect(rest.end == .closed)
        }
    }

    @Test("a delay comes before the head, slow bytes take their time")
    func time() async throws {
        try await withServer([.delay(.milliseconds(60)), .slow(bytesPerSecond: 100)]) { _, client in
            let clock = ContinuousClock()
            let delayed = clock.measure {
                client.get("/a.ts")
                _ = client.head()
            }
            _ = client.read(10)
            #expect(delayed >= .milliseconds(60))
            client.get("/a.ts")
            _ = client.head()
            #expect(clock.measure { _ = client.read(10) } >= .milliseconds(80))
        }
    }

    @Test("a stall without duration lasts until released")
    func release() async throws {
        try await withServer([.stall(at: 2)]) { server, client in
            client.get("/a.ts")
            _ = client.head()
            #expect(client.read(2).bytes.count == 2)
            #expect(await server.hasSent(2))
            server.release("/a.ts")
            #expect(client.read(8).bytes.count == 8)
        }
    }

    @Test("stopping ends a stalled connection at once")
    func stop() async throws {
        let server = OriginServer(resources: ["/a.ts": [1, 2, 3]], script: ["/a.ts": [.stall(at: 1)]])
        try server.start()
        let client = RawClient(port: server.port)
        client.get("/a.ts")
        _ = client.head()
        _ = client.read(1)
        #expect(ContinuousClock().measure { server.stop() } < .seconds(2))
        #expect(client.rest().end == .closed)
    }

    @Test("the keep-alive limit closes after so many answers and says so")
    func keepAliveLimit() async throws {
        var options = OriginServer.Options()
        options.requestsPerConnection = 2
        try await withServer(options: options) { _, client in
            client.get("/a.ts")
            #expect(!client.head().contains("Connection: close"))
            _ = client.read(10)
            client.get("/a.ts")
            #expect(client.head().contains("Connection: close"))
            #expect(client.rest().end == .closed)
        }
    }

    @Test("the log has method, target, decoded path and headers")
    func log() async throws {
        try await withServer { server, client in
            client.get("/a%20b.ts?x=%2F", "X-Test:  yes")
            #expect(client.head().first == "HTTP/1.1 404 Not Found")
            let request = try #require(server.requests.first)
            #expect(request.method == "GET")
            #expect(request.target == "/a%20b.ts?x=%2F")
            #expect(request.path == "/a b.ts")
            #expect(request.header("x-test") == "yes")
            #expect(server.requests(for: "/a b.ts").count == 1)
            server.clearLog()
            #expect(server.requests.isEmpty)
        }
    }

    @Test("many connections at once are answered, and counted")
    func parallel() async throws {
        try await withServer(.always(.delay(.milliseconds(100)))) { server, _ in
            let clients = (0..<20).map { _ in RawClient(port: server.port) }
            for client in clients { client.get("/a.ts") }
            for client in clients {
                #expect(client.head().first == "HTTP/1.1 200 OK")
                #expect(client.read(10).bytes.count == 10)
            }
            #expect(server.peakActiveRequests == 20)
        }
    }

    @Test(
        "nonsense gets 400, other methods 405, and the connection closes",
        arguments: [
            ("rubbish\r\n\r\n", "HTTP/1.1 400 Bad Request"),
            ("POST /a.ts HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        ]
    )
    func malformed(_ request: String, _ status: String) async throws {
        try await withServer { _, client in
            client.send(request)
            #expect(client.head().first == status)
            #expect(client.rest().end == .closed)
        }
    }
}

extension OriginServer {
    /// Whether it counts so many bytes of bodies: it does so behind the call that sends them, which the client may overtake.
    fileprivate func hasSent(_ count: Int) async -> Bool {
        for _ in 0..<5000 where sentBodyBytes < count { try? await Task.sleep(for: .milliseconds(1)) }
        return sentBodyBytes == count
    }
}
