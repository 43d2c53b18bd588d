import ArgumentParser
import Remux
import Testing

@testable import hls2mp4

/// `--curl`: commands as browsers copy them.
@Suite struct CopiedCommandTests {
    @Test(
        "words as bash splits them",
        arguments: [
            ("curl a  b", ["curl", "a", "b"]), ("curl 'a b' \"c d\"", ["curl", "a b", "c d"]),
            ("curl \\\n  -H 'x' \\\r\n a", ["curl", "-H", "x", "a"]), ("a\\ b", ["a b"]), ("'it'\\''s'", ["it's"]),
            ("$'a\\'b\\n\\x41\\u00e9\\101'", ["a'b\nAéA"]), ("\"a\\\"b\\$\\`\\\\c\\d\"", ["a\"b$`\\c\\d"]),
            ("''", [""]),
            ("a'b'\"c\"d", ["abcd"]), ("", []),
        ] as [(String, [String])]
    )
    func words(_ text: String, _ words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(
        "more than one simple command",
        arguments: ["curl a; rm b", "curl $(x)", "curl `x`", "curl a | b", "curl \"$x\"", "curl a > f", "curl a & b"]
    )
    func notSimple(_ text: String) {
        #expect(throws: ShellWords.Failure.notSimple) { try ShellWords.split(text) }
    }

    @Test(arguments: ["curl 'a", "curl \"a", "curl $'a", "curl a\\"])
    func openQuotes(_ text: String) {
        #expect(throws: ShellWords.Failure.openQuote) { try ShellWords.split(text) }
    }

    @Test func whatChromeCopies() throws {
        let command = try CopiedCommand(
            """
            curl 'https://media.example.com/hls/index.m3u8?token=abc%3D' \\
              -H 'authority: media.example.com' \\
              -H 'accept: */*' \\
              -H 'accept-language: de-DE,de;q=0.9' \\
              -b 'session=0123; theme="dark"' \\
              -H 'origin: https://www.example.com' \\
              -H 'priority: u=1, i' \\
              -H 'referer: https://www.example.com/' \\
              -H $'x-note: it\\'s' \\
              -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \\
              --compressed
            """
        )
        #expect(command.url == "https://media.example.com/hls/index.m3u8?token=abc%3D")
        #expect(
            command.headers.map { "\($0.name): \($0.value)" } == [
                "accept: */*", "accept-language: de-DE,de;q=0.9", "Cookie: session=0123; theme=\"dark\"",
                "origin: https://www.example.com", "referer: https://www.example.com/", "x-note: it's",
                "user-agent: Mozilla/5.0 (X11; Linux x86_64)",
            ]
        )
        #expect(!command.isInsecure)
    }

    @Test func whatFirefoxCopies() throws {
        let command = try CopiedCommand(
            "curl --compressed 'https://a.example/i.m3u8' -H 'User-Agent: Mozilla/5.0' -H 'Accept: */*' "
                + "-H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'Connection: keep-alive' -H 'Cookie: a=b' "
                + "-H 'TE: trailers'"
        )
        #expect(command.headers.map(\.name) == ["User-Agent", "Accept", "Accept-Encoding", "Cookie"])
    }

    @Test func shortOptionsTogether() throws {
        let command = try CopiedCommand("/usr/bin/curl -sSLk -HA:b -oout -XGET -ume:pw -A agent https://a.example/")
        #expect(command.isInsecure)
        #expect(command.headers == [CopiedCommand.Field(name: "A", value: "b")])
        #expect(command.credentials == "me:pw")
        #expect(command.userAgent == "agent")
        #expect(command.url == "https://a.example/")
    }

    @Test(
        "refused without repeating a value",
        arguments: [
            "wget https://secret.example", "curl -d secret https://a", "curl -X POST https://a/secret",
            "curl --secret-free https://a", "curl https://secret.a https://secret.b", "curl -H secret https://a",
            "curl -H @secret https://a", "curl -H", "curl 'secret",
        ]
    )
    func refused(_ text: String) {
        do {
            _ = try CopiedCommand(text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(!"\(error)".contains("secret") || "\(error)".contains("--secret-free"))
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64(_ text: String, _ encoded: String) { #expect(Base64.encode(text.utf8) == encoded) }

    private func configuration(_ arguments: [String]) throws -> RemuxConfiguration {
        let command = try RemuxCommand.parse(arguments)
        let input = try command.identity.input(command.namedInput)
        var configuration = RemuxConfiguration(input: input, output: .standardOutput)
        command.network.apply(to: &configuration)
        try command.identity.apply(to: &configuration)
        return configuration
    }

    @Test func optionsGoBeforeTheCopiedCommand() throws {
        let curl = "curl https://a.example/x.m3u8 -H 'X-A: 1' -H 'Cookie: c=1' -A copied -x http://p:1 -u me:pw"
        let plain = try configuration(["--curl", curl, "-o", "f"])
        #expect(plain.input == "https://a.example/x.m3u8")
        #expect(plain.headers.map(\.value) == ["1", "c=1", "Basic bWU6cHc="])
        #expect(plain.userAgent == "copied")
        #expect(plain.proxy == "http://p:1")
        let mixed = try configuration([
            "https://b.example/y.m3u8", "--curl", curl, "-H", "x-a: 2", "--user-agent", "mine", "--proxy", "", "-o",
            "f",
        ])
        #expect(mixed.input == "https://b.example/y.m3u8")
        #expect(mixed.headers.map(\.value) == ["c=1", "Basic bWU6cHc=", "2"])
        #expect(mixed.userAgent == "mine")
        #expect(mixed.proxy == "")
    }

    @Test(
        arguments: [
            ([], false), (["--curl", "curl -s"], false), (["--curl", "curl https://a.example/x.m3u8"], true),
            (["https://a.example/x"], true), (["https://a.example/x", "--header-for", "b.example"], false),
            (["https://a.example/x", "--header-for", "b.example=A: b"], true),
            (["https://a.example/x", "--header-for", "b/c=A: b"], false),
            (["https://a.example/x", "--limit-rate", "x"], false),
            (["https://a.example/x", "--limit-rate", "1.5M"], true),
            (["https://a.example/x", "--retries", "-1"], false),
            (["https://a.example/x", "--stall-timeout", "0"], false),
        ] as [([String], Bool)]
    )
    func usage(_ arguments: [String], isAccepted: Bool) {
        let command = try? RemuxCommand.parse(arguments + ["-o", "f"])
        #expect((command != nil) == isAccepted)
    }

    @Test(arguments: [
        ("100", 100), ("1k", 1024), ("2.5M", 2_621_440), ("1G", 1 << 30), ("0", nil), ("-1", nil), ("k", nil),
    ])
    func rates(_ text: String, _ bytes: Int?) {
        #expect(RateArgument(argument: text)?.bytesPerSecond == bytes)
    }
}
