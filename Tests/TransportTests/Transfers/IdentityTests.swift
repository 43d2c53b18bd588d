import OriginServer
import Testing

@testable import Transport

/// Who gets which fields, cookies and connections (S5, S6, F56).
@Suite struct IdentityTests {
    /// The other origin is `localhost`: the same machine under another name.
    private func other(_ server: OriginServer, _ path: String) -> String { "http://localhost:\(server.port)\(path)" }

    @Test func aFieldForAHostGoesThereOnly() async throws {
        let server = OriginServer(resources: ["/a": [1], "/b": [2], "/c": [3]])
        server.script["/c"] = .deciding { _, request in
            let host = request.header("Host") ?? ""
            guard host.hasPrefix("localhost") else { return .normal }
            return .normal.redirect(to: "http://127.0.0.1\(host.dropFirst("localhost".count))/a")
        }
        try await Bench.run(server) { configuration in
            let token = try HTTPHeader(name: "X-Token", value: "t")
            configuration.hostHeaders = [
                try HostHeader(host: "LOCALHOST", header: token),
                try HostHeader(host: "localhost", header: HTTPHeader(name: "Cookie", value: "k=v")),
                try HostHeader(host: "localhost:1", header: HTTPHeader(name: "X-Port", value: "1")),
            ]
        } _: { bench in
            _ = try await bench.load("/b")
            _ = try await bench.load(other(server, "/b"))
            let requests = server.requests(for: "/b")
            #expect(requests.map { $0.header("X-Token") } == [nil, "t"])
            #expect(requests.map { $0.header("Cookie") } == [nil, "k=v"])
            #expect(requests.allSatisfy { $0.header("X-Port") == nil })
            _ = try await bench.load(other(server, "/c"))
            #expect(server.requests(for: "/a").map { $0.header("X-Token") } == [nil], "not behind a redirect elsewhere")
        }
    }

    @Test(
        arguments: [
            ("a.example", "a.example"), ("A.Example:8080", "a.example:8080"), ("[::1]", "[::1]"),
            ("[::1]:80", "[::1]:80"),
            ("", nil), ("a/b", nil), ("u@a", nil), ("a b", nil),
        ] as [(String, String?)]
    )
    func hosts(_ text: String, _ host: String?) throws {
        let header = try HTTPHeader(name: "A", value: "b")
        #expect((try? HostHeader(host: text, header: header))?.host == host)
    }

    @Test func cookiesOfAFileGoWhereTheyBelong() async throws {
        let server = OriginServer(resources: ["/a": [1], "/p/b": [2]])
        try await Bench.run(server) { configuration in
            configuration.cookieLines = [
                "127.0.0.1\tFALSE\t/\tFALSE\t0\tall\t1", "127.0.0.1\tFALSE\t/p\tFALSE\t0\tpath\t2",
                "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\thidden\t3",
                "127.0.0.1\tFALSE\t/\tFALSE\t1000000000\texpired\t5", "other.example\tTRUE\t/\tFALSE\t0\tother\t6",
            ]
        } _: { bench in
            _ = try await bench.load("/a")
            _ = try await bench.load("/p/b")
            _ = try await bench.load(other(server, "/a"))
            func names(_ request: OriginRequest?) -> Set<String> {
                Set(
                    (request?.header("Cookie") ?? "").split(separator: ";").map {
                        String($0.split(separator: "=")[0].drop { $0 == " " })
                    }
                )
            }
            let requests = server.requests(for: "/a") + server.requests(for: "/p/b")
            #expect(requests.map(names) == [["all", "hidden"], [], ["all", "hidden", "path"]])
        }
    }

    @Test func aProxyIsAsked() async throws {
        let proxy = OriginServer(resources: [:])
        proxy.script[ScriptTable.anyPath] = .always(Answer.normal.body([7]))
        try proxy.start()
        defer { proxy.stop() }
        try await Bench.run { configuration in
            configuration.proxy = try ProxyURL("me:pw@127.0.0.1:\(proxy.port)").text
        } _: { bench in
            let bytes = try await bench.load("http://unknown.invalid/x").bytes
            #expect(bytes == [7])
            let request = try #require(proxy.requests.first)
            #expect(request.target == "http://unknown.invalid/x")
            #expect(request.header("Proxy-Authorization") == "Basic bWU6cHc=")
            proxy.script[ScriptTable.anyPath] = .always(.status(407))
            let error = await #expect(throws: TransportError.self) { try await bench.load("http://unknown.invalid/y") }
            #expect(error?.description.contains("the proxy wants credentials") == true)
            // For https the proxy is asked for a connection; this one knows no CONNECT.
            let tunnel = await #expect(throws: TransportError.self) {
                try await bench.load("https://unknown.invalid/z")
            }
            #expect(tunnel?.description.contains("proxy") == true, "\(tunnel?.description ?? "")")
        }
    }

    @Test func aProxyThatIsDown() async throws {
        let gone = OriginServer()
        try gone.start()
        let port = gone.port
        gone.stop()
        try await Bench.run { configuration in
            configuration.proxy = try ProxyURL("http://127.0.0.1:\(port)").text
        } _: { bench in
            let error = await #expect(throws: TransportError.self) { try await bench.load("http://unknown.invalid/x") }
            #expect(error?.kind.label == "proxy")
            #expect(error?.attempts == RetryPolicy.playlist.attempts)
        }
    }

    @Test(arguments: [
        ("", true), ("host", true), ("host:8080", true), ("http://u:p@host:1", true), ("socks5h://host", true),
        ("https://host", true), ("ftp://host", false), ("file:///x", false), ("http://", false), ("a b", false),
    ])
    func proxies(_ text: String, isOne: Bool) {
        #expect(((try? ProxyURL(text)) != nil) == isOne)
    }

    /// 300 kB at 400 kB/s in several transfers: no faster than the limit (the first quarter second is free).
    @Test func theRateIsLimited() async throws {
        let body = pattern(100_000)
        let server = OriginServer(resources: ["/1": body, "/2": body, "/3": body])
        try await Bench.run(server) { configuration in
            configuration.bytesPerSecond = 400_000
        } _: { bench in
            let start = ContinuousClock.now
            await withTaskGroup(of: [UInt8].self) { group in
                for path in ["/1", "/2", "/3"] { group.addTask { await bench.segment(path).collect().bytes } }
                for await bytes in group { #expect(bytes.count == body.count) }
            }
            // The last portion starts when all before it, less the free quarter second, has had its time.
            #expect(ContinuousClock.now - start > .milliseconds(200))
        }
    }
}
