import OriginServer
import Remux
import Synchronization
import Testing

/// Addresses that expire while a run goes on: the playlist is loaded again from where it came from (F04).
@Suite struct ExpiryTests {
    /// A server whose playlists carry a token that counts up with each load of the input, and that stops to accept a token
    /// after a number of requests.
    private final class Gate: Sendable {
        struct State {
            var token = 0
            var requestsWithToken = 0
            var cookies: Set<String> = []
        }

        let state = Mutex(State())
        let lifetime: Int

        init(lifetime: Int) { self.lifetime = lifetime }

        /// Whether a request may have what it asks for.
        func accepts(_ token: String) -> Bool {
            state.withLock { state in
                guard token == "\(state.token)", state.requestsWithToken < lifetime else { return false }
                state.requestsWithToken += 1
                return true
            }
        }

        /// A new token.
        func next() -> Int {
            state.withLock { state in
                state.token += 1
                state.requestsWithToken = 0
                return state.token
            }
        }

        var token: Int { state.withLock { $0.token } }
    }

    private enum Place { case query, path, cookie }

    /// Adds the token to every address of a playlist that `matches`.
    private func tokenised(_ text: String, _ token: Int, _ place: Place) -> String {
        func address(_ uri: Substring) -> String {
            switch place {
            case .query: uri + (uri.contains("?") ? "&" : "?") + "token=\(token)"
            case .path: "t\(token)/" + uri
            case .cookie: String(uri)
            }
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.isEmpty { return String(line) }
            guard line.hasPrefix("#") else { return address(line) }
            guard let start = line.firstRange(of: "URI=\"")?.upperBound,
                let end = line[start...].firstIndex(of: "\"")
            else { return String(line) }
            return line[..<start] + address(line[start..<end]) + line[end...]
        }.joined(separator: "\n")
    }

    /// Serves a fixture behind a gate.
    private func guardFixture(
        _ folder: String,
        playlists: [String],
        input: String,
        _ place: Place,
        _ gate: Gate,
        _ server: OriginServer
    ) {
        for name in playlists {
            let text = Files.text(Files.fixtures + "/\(folder)/\(name)")
            server.script["/\(folder)/\(name)"] = .deciding { _, _ in
                let token = name == input ? gate.next() : gate.token
                let answer = Answer.normal.body(self.tokenised(text, token, place))
                return place == .cookie ? answer.header("Set-Cookie", "token=\(token); Path=/") : answer
            }
        }
        server.script[ScriptTable.anyPath] = .deciding { _, request in
            let value: String
            switch place {
            case .query: value = String(request.target.split(separator: "=").last ?? "")
            case .cookie: value = String(request.header("Cookie")?.split(separator: "=").last ?? "")
            case .path:
                let parts = request.path.split(separator: "/")
                let token = parts.first { $0.hasPrefix("t") && Int($0.dropFirst()) != nil }
                guard let token, gate.accepts(String(token.dropFirst())) else { return .normal.status(403) }
                let path = "/" + parts.filter { $0 != token }.joined(separator: "/")
                // What a playlist behind a token names is relative to it.
                return .normal.body(Files.bytes(Files.fixtures + path))
            }
            return gate.accepts(value) ? .normal : .normal.status(403)
        }
    }

    @Test(
        "every second request meets an expired address, and the bytes are those of an undisturbed run",
        arguments: [
            ("clear", ["index.m3u8"], "index.m3u8"), ("aes128-map", ["index.m3u8"], "index.m3u8"),
            ("fmp4", ["index.m3u8"], "index.m3u8"),
            ("separate-audio", ["index.m3u8", "video/index.m3u8", "audio/index.m3u8"], "index.m3u8"),
        ],
        ["query", "path", "cookie"]
    )
    func renewed(_ stream: (folder: String, playlists: [String], input: String), _ placeName: String) async throws {
        let place: Place = placeName == "query" ? .query : placeName == "path" ? .path : .cookie
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        // A cookie leaves the address as it is: those that expire again at once cannot be told from a plain refusal.
        let gate = Gate(lifetime: stream.folder == "separate-audio" ? 8 : 3)
        let path = "/\(stream.folder)/\(stream.input)"
        let clean = try await harness.clean(path)
        guardFixture(
            stream.folder,
            playlists: stream.playlists,
            input: stream.input,
            place,
            gate,
            harness.server
        )
        let run = await harness.run(path) { $0.jobs = 1 }
        #expect(run.isComplete, "\(run.message) \(run.notes)")
        let bytes = harness.scratch.bytes("out.mp4")
        let isSame = bytes == clean
        #expect(isSame, "\(bytes.count) of \(clean.count) bytes")
        #expect(gate.token > 1, "the playlist was loaded again")
        #expect(run.summary.warnings.count { $0.contains("have expired") } == 1, "\(run.summary.warnings)")
    }
}
