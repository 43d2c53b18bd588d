import OriginServer
import Testing

@testable import Transport

/// F19, S4 to S6, S8.
@Suite struct RedirectTests {
    @Test(arguments: [301, 302, 303, 307, 308])
    func relativeAndAbsolute(status: Int) async throws {
        let server = OriginServer(resources: ["/d/c.m3u8": Array("#EXTM3U\n".utf8)])
        server.script["/a.m3u8"] = .always(.redirect(to: "d/b.m3u8?t=1", status: status))
        server.script["/d/b.m3u8"] = .always(.redirect(to: "/d/c.m3u8", status: status))
        try await Bench.run(server) { bench in
            let resource = try await bench.load("/a.m3u8")
            #expect(resource.bytes == Array("#EXTM3U\n".utf8))
            #expect(resource.effectiveURL == bench.server.url("/d/c.m3u8"))
            #expect(bench.server.acceptedConnections == 1)
        }
    }

    @Test func tenAreFollowedAndElevenAreNot() async throws {
        let server = OriginServer(resources: ["/0": [1]])
        for number in 1...11 { server.script["/\(number)"] = .always(.redirect(to: "/\(number - 1)")) }
        server.script["/loop"] = .always(.redirect(to: "/loop"))
        server.script["/nowhere"] = .always(.status(302))
        try await Bench.run(server) { bench in
            let loaded1 = try await bench.load("/10").bytes
            #expect(loaded1 == [1])
            for path in ["/11", "/loop"] {
                let error = await #expect(throws: TransportError.self) { try await bench.load(path) }
                #expect(error?.kind.label == "tooManyRedirects")
            }
            let error = await #expect(throws: TransportError.self) { try await bench.load("/nowhere") }
            #expect(error?.kind.label == "invalidRedirect")
            #expect(bench.clock.sleeps.isEmpty, "none is tried again")
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "dict://127.0.0.1/x"])
    func otherSchemesAreRefused(location: String) async throws {
        let server = OriginServer()
        server.script["/s.ts"] = .always(.redirect(to: location))
        try await Bench.run(server) { bench in
            #expect(await bench.segment("/s.ts").collect().failure?.kind.label == "refusedByPolicy")
            #expect(await bench.segment(location).collect().failure?.kind.label == "refusedByPolicy")
        }
    }

    @Test func credentialsStayWithTheInputsOrigin() async throws {
        let other = OriginServer(resources: ["/s.ts": [1, 2, 3]])
        try other.start()
        defer { other.stop() }
        let server = OriginServer(resources: ["/own.ts": [4]])
        server.script["/s.ts"] = .always(.redirect(to: other.url("/s.ts")))
        try await Bench.run(server) { configuration in
            configuration.headers = try [
                HTTPHeader(name: "Authorization", value: "Bearer secret"), HTTPHeader(name: "X-Token", value: "secret"),
                HTTPHeader(name: "Cookie", value: "session=secret"), HTTPHeader(name: "Accept-Language", value: "de"),
            ]
            configuration.referer = "https://page.example/watch?secret=1"
            configuration.inputURL = configuration.inputURL.replacing("//", with: "//joe:secret@", maxReplacements: 1)
            // The other server is on loopback too; its port makes it another origin.
            configuration.allowsPrivateAddresses = true
        } _: { bench in
            #expect(await bench.segment("/own.ts").collect().bytes == [4])
            #expect(await bench.segment("/s.ts").collect().bytes == [1, 2, 3])
            let own = try #require(bench.server.requests(for: "/own.ts").first)
            // The user's own field wins over the user information of the URL.
            #expect(own.header("Authorization") == "Bearer secret")
            #expect(own.header("X-Token") == "secret")
            #expect(own.header("Cookie") == "session=secret")
            #expect(own.header("Referer") == "https://page.example/watch?secret=1")
            let foreign = try #require(other.requests.first)
            #expect(foreign.headers.allSatisfy { !$0.value.contains("secret") })
            #expect(foreign.header("Authorization") == nil)
            #expect(foreign.header("Accept-Language") == "de")
            #expect(foreign.header("Referer") == "https://page.example/watch")
        }
    }

    @Test func theUserInformationOfTheInputIsUsedForItsOrigin() async throws {
        try await Bench.run(OriginServer(resources: ["/own.ts": [4]])) { configuration in
            configuration.inputURL = configuration.inputURL.replacing("//", with: "//joe:secret@", maxReplacements: 1)
        } _: { bench in
            #expect(await bench.segment("/own.ts").collect().bytes == [4])
            let request = try #require(bench.server.requests.first)
            #expect(request.header("Authorization") == "Basic am9lOnNlY3JldA==")
        }
    }

    @Test func cookiesOfTheServerAreSentBack() async throws {
        let server = OriginServer(resources: ["/index.m3u8": [1], "/s.ts": [2]])
        server.script["/index.m3u8"] = .always(.header("Set-Cookie", "edge=7; Path=/"))
        try await Bench.run(server) { configuration in
            configuration.headers = [try HTTPHeader(name: "cookie", value: "mine=1")]
        } _: { bench in
            _ = try await bench.load("/index.m3u8")
            // On all handles, not only the one that got it.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = await bench.segment("/s.ts").collect() } }
            }
            let requests = bench.server.requests(for: "/s.ts")
            #expect(requests.map { $0.header("Cookie") } == [String](repeating: "edge=7; mine=1", count: 5))
        }
    }

    /// The input is a public address that is never reached; what it "names" is on loopback.
    @Test(arguments: ["http://127.0.0.1", "http://localhost", "http://0x7f.1", "http://2130706433", "http://[::1]"])
    func aPublicInputReachesNoPrivateAddress(host: String) async throws {
        let server = OriginServer(resources: ["/s.ts": [1]])
        try await Bench.run(server) { configuration in
            configuration.inputURL = "https://1.1.1.1/index.m3u8"
        } _: { bench in
            let (_, failure) = await bench.segment("\(host):\(bench.server.port)/s.ts").collect()
            #expect(failure?.kind.label == "refusedByPolicy")
            #expect(bench.server.acceptedConnections == 0)
        }
    }

    @Test func aPrivateInputReachesItsNeighbours() async throws {
        let server = OriginServer(resources: ["/index.m3u8": [1], "/s.ts": [2]])
        let other = OriginServer(resources: ["/s.ts": [3]])
        try other.start()
        defer { other.stop() }
        try await Bench.run(server) { bench in
            _ = try await bench.load("/index.m3u8")
            #expect(await bench.segment(other.url("/s.ts")).collect().bytes == [3])
        }
    }

    @Test func httpsDoesNotFallToHTTP() async throws {
        let server = OriginServer(resources: ["/s.ts": [1]])
        try await Bench.run(server) { configuration in
            configuration.inputURL = "https://127.0.0.1:1/index.m3u8"
            configuration.allowsPrivateAddresses = true
        } _: { bench in
            for role in [TransferRequest.Role.key, .playlist] {
                let error = await #expect(throws: TransportError.self) { try await bench.load("/s.ts", role) }
                #expect(error?.kind.label == "refusedByPolicy")
            }
            #expect(bench.server.requests.isEmpty)
            #expect(await bench.segment("/s.ts").collect().bytes == [1])
            let downgrades = bench.events.elements.count {
                if case .downgradedToHTTP = $0 { true } else { false }
            }
            #expect(downgrades == 1)
        }
    }
}
