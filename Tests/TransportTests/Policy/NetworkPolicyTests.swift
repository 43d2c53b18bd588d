import Testing

@testable import Transport

@Suite struct NetworkPolicyTests {
    /// Input, previous hop, next hop, role; what comes out: `input` for the input's origin, `other`, `down` for https
    /// to http, `refused`.
    @Test(arguments: [
        ("https://a.example/m", nil, "https://a.example/s", TransferRequest.Role.mediaSegment, "input"),
        ("https://a.example/m", nil, "https://A.EXAMPLE:443/s", .mediaSegment, "input"),
        ("https://a.example/m", nil, "https://a.example./s", .mediaSegment, "input"),
        ("https://a.example/m", nil, "https://u:p@a.example/s", .mediaSegment, "input"),
        ("https://a.example/m", nil, "https://a.example:8443/s", .mediaSegment, "other"),
        ("https://a.example/m", nil, "https://b.example/s", .mediaSegment, "other"),
        ("https://a.example/m", nil, "https://a.example.evil.example/s", .mediaSegment, "other"),
        ("https://a.example/m", nil, "https://a.example@evil.example/s", .mediaSegment, "other"),
        ("https://a.example/m", nil, "http://a.example/s", .mediaSegment, "down"),
        ("https://a.example/m", nil, "http://a.example/s", .mediaInitializationSection, "down"),
        ("https://a.example/m", nil, "http://a.example/s", .key, "refused"),
        ("https://a.example/m", nil, "http://a.example/s", .playlist, "refused"),
        ("http://a.example/m", "https://b.example/x", "http://b.example/s", .key, "refused"),
        ("http://a.example/m", "https://b.example/x", "http://b.example/s", .mediaSegment, "down"),
        ("http://a.example/m", nil, "http://b.example/s", .key, "other"),
        ("http://a.example/m", nil, "http://a.example:80/s", .key, "input"),
        ("http://a.example/m", nil, "file:///etc/passwd", .mediaSegment, "refused"),
        ("http://a.example/m", nil, "ftp://a.example/s", .mediaSegment, "refused"),
        ("http://a.example/m", nil, "gopher://a.example/s", .mediaSegment, "refused"),
        ("/local/m.m3u8", nil, "http://a.example/s", .mediaSegment, "other"),
    ])
    func hops(input: String, previous: String?, next: String, role: TransferRequest.Role, expected: String) throws {
        let policy = try NetworkPolicy(inputURL: input)
        let url = try CurlURL(next)
        let previous = try previous.flatMap { try CurlURL($0).origin }
        let result: String
        do throws(TransportError) {
            let passage = try policy.check(
                scheme: url.scheme ?? "",
                origin: url.origin,
                previous: previous,
                role: role
            )
            result = passage.isInputOrigin ? "input" : passage.isDowngrade ? "down" : "other"
        } catch {
            guard case .refusedByPolicy = error.kind else { throw error }
            result = "refused"
        }
        #expect(result == expected)
    }

    /// RFC 3986 §5.4, as far as it concerns redirects.
    @Test(arguments: [
        ("http://a/b/c/d?q", "g", "http://a/b/c/g"),
        ("http://a/b/c/d?q", "/g", "http://a/g"),
        ("http://a/b/c/d?q", "//h/g", "http://h/g"),
        ("http://a/b/c/d?q", "../g", "http://a/b/g"),
        ("http://a/b/c/d?q", "../../../g", "http://a/g"),
        ("http://a/b/c/d?q", "?y", "http://a/b/c/d?y"),
        ("http://a/b/c/d?q", "g y#frag", "http://a/b/c/g%20y"),
        ("https://u:p@a/b", "c", "https://u:p@a/c"),
        ("https://u:p@a/b", "https://b/c", "https://b/c"),
        ("http://a/b", "file:///etc/passwd", "file:///etc/passwd"),
    ])
    func locations(base: String, location: String, expected: String) throws {
        var url = try CurlURL(base)
        try url.resolve(location)
        #expect(url.string == expected)
    }

    @Test func aRemotePlaylistNamesNoLocalFile() throws {
        #expect(throws: TransportError.self) { try NetworkPolicy(inputURL: "http://a.example/").checkLocal() }
        try NetworkPolicy(inputURL: "/local/list.m3u8").checkLocal()
        try NetworkPolicy(inputURL: "file:///local/list.m3u8").checkLocal()
    }

    @Test(arguments: ["http://", "https://a b/"])
    func anInputWithoutAHostIsNone(url: String) {
        #expect(throws: TransportError.self) { try NetworkPolicy(inputURL: url) }
    }

    @Test func credentialsAreForTheInputOnly() throws {
        var configuration = TransportConfiguration(inputURL: "https://joe:secret@a.example/m.m3u8")
        configuration.headers = try [
            HTTPHeader(name: "Authorization", value: "Bearer t"), HTTPHeader(name: "accept-language", value: "de"),
            HTTPHeader(name: "Cookie", value: "s=1"), HTTPHeader(name: "X-Token", value: "t"),
            HTTPHeader(name: "Origin", value: "https://a.example"), HTTPHeader(name: "Range", value: "bytes=0-"),
            HTTPHeader(name: "X-Empty", value: ""),
        ]
        configuration.referer = "https://me:pw@a.example/page?token=t#x"
        let fields = RequestFields(configuration: configuration)
        #expect(fields.linesForEveryHost == ["accept-language: de", "Origin: https://a.example"])
        #expect(fields.linesForInputOrigin == ["Authorization: Bearer t", "X-Token: t", "X-Empty;"])
        #expect(fields.cookie(isInputOrigin: true, hostOf: nil) == "s=1")
        #expect(fields.cookie(isInputOrigin: false, hostOf: nil) == nil)
        #expect(fields.user == "joe")
        #expect(fields.password == "secret")
        #expect(fields.referer(isInputOrigin: false) == "https://a.example/page")
    }

    @Test(arguments: [("a\r\nX: y", false), ("a\nb", false), ("a\u{0}b", false), ("plain; q=1", true), ("", true)])
    func headerValues(value: String, isValid: Bool) {
        let header = try? HTTPHeader(name: "X-A", value: value)
        #expect((header != nil) == isValid)
    }

    @Test(arguments: ["", "A B", "A:", "A\r\n", "Ä"])
    func headerNames(name: String) {
        #expect(throws: TransportError.self) { try HTTPHeader(name: name, value: "v") }
    }
}
