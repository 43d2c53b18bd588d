import HLS
import Testing

@Suite("ResourceURI")
struct ResourceURITests {
    /// RFC 3986 §5.4.1 and §5.4.2, fragments dropped (a fragment is never sent).
    @Test(
        "RFC 3986 §5.4: reference resolution examples",
        arguments: [
            ("g:h", "g:h"), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"), ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"), ("g;x", "http://a/b/c/g;x"), ("g;x?y#s", "http://a/b/c/g;x?y"),
            (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../", "http://a/b/"),
            ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../", "http://a/"), ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"), ("/./g", "http://a/g"),
            ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"), ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"), ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"), ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"), ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"), ("g#s/./x", "http://a/b/c/g"), ("g#s/../x", "http://a/b/c/g"),
        ]
    )
    func resolvesExamples(reference: String, expected: String) throws {
        let base = try #require(ResourceURI("http://a/b/c/d;p?q"))
        #expect(try base.resolving(reference).text == expected)
    }

    @Test(
        "RFC 8216bis §4.1: references as playlists write them",
        arguments: [
            // base, reference, expected
            ("https://h.example/v/p.m3u8?t=1", "seg 1.ts", "https://h.example/v/seg%201.ts"),
            ("https://h.example/v/p.m3u8?t=1", "  seg.ts\t", "https://h.example/v/seg.ts"),
            ("https://h.example/v/p.m3u8?t=1", "a%20b%2F.ts", "https://h.example/v/a%20b%2F.ts"),
            ("https://h.example/v/p.m3u8?t=1", "ä.ts", "https://h.example/v/%C3%A4.ts"),
            (
                "https://h.example/v/p.m3u8?t=1", "s.ts?a=/../x&u=http://z",
                "https://h.example/v/s.ts?a=/../x&u=http://z"
            ),
            ("https://h.example/v/p.m3u8?t=1", "//cdn.example:81/x.ts", "https://cdn.example:81/x.ts"),
            ("https://h.example/v/p.m3u8?t=1", "HTTP://Other/x.ts", "http://Other/x.ts"),
            ("https://h.example/v/p.m3u8?t=1", "?n=2", "https://h.example/v/p.m3u8?n=2"),
            ("https://h.example", "a.ts", "https://h.example/a.ts"),
            ("https://h.example?x=1", "a.ts", "https://h.example/a.ts"),
            ("https://h.example/a//b/p.m3u8", "../s.ts", "https://h.example/a//s.ts"),
            ("https://h.example/v/p.m3u8", "a//../s.ts", "https://h.example/v/a/s.ts"),
            ("https://h.example/v/p.m3u8", "data:text/plain;base64,AAAA", "data:text/plain;base64,AAAA"),
            ("https://h.example/v/p.m3u8", "time:12/seg.ts", "time:12/seg.ts"),
            ("https://h.example/v/p.m3u8", "./12:30.ts", "https://h.example/v/12:30.ts"),
            ("file:///media/p.m3u8", "s 1.ts", "file:///media/s%201.ts"),
            ("file:///media/p.m3u8", "../../../../etc/passwd", "file:///etc/passwd"),
            ("https://[2001:db8::1]:8443/p.m3u8", "s.ts", "https://[2001:db8::1]:8443/s.ts"),
            (
                "https://h.example/p.m3u8", "a\\b^c`d{e|f}\"<>.ts",
                "https://h.example/a%5Cb%5Ec%60d%7Be%7Cf%7D%22%3C%3E.ts"
            ),
        ]
    )
    func resolvesReferences(base: String, reference: String, expected: String) throws {
        #expect(try #require(ResourceURI(base)).resolving(reference).text == expected)
    }

    @Test("A chain of resolutions equals the algorithm of RFC 3986 §5.2.4 written out", arguments: 0..<20)
    func dotSegmentsMatchTheSlowAlgorithm(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [".", "..", "a", "bc", "", "...", "d.e"]
        for _ in 0..<200 {
            let path =
                "/"
                + (0..<Int.random(in: 0...7, using: &generator))
                .compactMap { _ in pieces.randomElement(using: &generator) }.joined(separator: "/")
            // "//" at the front would be an authority.
            guard !path.hasPrefix("//") else { continue }
            let uri = try #require(ResourceURI("http://h" + path))
            #expect(uri.text == "http://h" + slowRemoveDotSegments(path), "\(path)")
        }
    }

    /// RFC 3986 §5.2.4, step by step.
    private func slowRemoveDotSegments(_ path: String) -> String {
        var input = path
        var output = ""
        while !input.isEmpty {
            if input.hasPrefix("../") {
                input.removeFirst(3)
            } else if input.hasPrefix("./") {
                input.removeFirst(2)
            } else if input.hasPrefix("/./") {
                input.removeFirst(2)
            } else if input == "/." {
                input = "/"
            } else if input.hasPrefix("/../") || input == "/.." {
                input = input == "/.." ? "/" : String(input.dropFirst(3))
                while let last = output.popLast(), last != "/" {}
            } else if input == "." || input == ".." {
                input = ""
            } else {
                output.append(input.removeFirst())
                while let first = input.first, first != "/" { output.append(input.removeFirst()) }
            }
        }
        return output
    }

    @Test(
        "What is no absolute URI",
        arguments: [
            "", "  ", "seg.ts", "/p", "//h/p", "1x:y", ":x", "http:", "http:x", "http://", "https:///p", "http://:80/",
            "http://u@/p",
        ]
    )
    func refusesAbsolute(text: String) {
        #expect(ResourceURI(text) == nil)
    }

    @Test("References that do not resolve say why")
    func resolutionErrors() throws {
        let data = try #require(ResourceURI("data:application/vnd.apple.mpegurl,x"))
        #expect(throws: URIError.baseNotHierarchical) { try data.resolving("seg.ts") }
        #expect(throws: URIError.baseNotHierarchical) { try data.resolving("?x") }
        let http = try #require(ResourceURI("http://h/p"))
        #expect(throws: URIError.empty) { try http.resolving("  ") }
        #expect(throws: URIError.invalidScheme) { try http.resolving("3:x") }
        #expect(throws: URIError.missingHost) { try http.resolving("http:///x") }
        #expect(throws: URIError.missingHost) { try http.resolving("http:x") }
        #expect(throws: URIError.missingHost) { try http.resolving("//") }
    }

    @Test("Parts")
    func parts() throws {
        let uri = try #require(ResourceURI("HTTPS://user:pw@Host.Example:8443/a%20b/c.m3u8?x=1&y=a%26b&z&x=2#frag"))
        #expect(uri.text == "https://user:pw@Host.Example:8443/a%20b/c.m3u8?x=1&y=a%26b&z&x=2")
        #expect(uri.scheme == "https")
        #expect(uri.host == "host.example")
        #expect(uri.path == "/a%20b/c.m3u8")
        #expect(uri.query == "x=1&y=a%26b&z&x=2")
        #expect(uri.lastPathComponent == "c.m3u8")
        #expect(uri.queryValue(named: "x") == "1")
        #expect(uri.queryValue(named: "y") == "a&b")
        #expect(uri.queryValue(named: "z") == "")
        #expect(uri.queryValue(named: "w") == nil)
        #expect(ResourceURI("http://h/a/b%2Fc%zz%4")?.lastPathComponent == "b/c%zz%4")
        #expect(ResourceURI("http://h/a/")?.lastPathComponent == "a")
        #expect(ResourceURI("http://h")?.lastPathComponent == "")
        #expect(ResourceURI("http://[::1]:80/")?.host == "[::1]")
        #expect(ResourceURI("http://h/p")?.query == nil)
        #expect(ResourceURI("http://h/p?")?.query == "")
    }

    @Test(
        "Descriptions hide userinfo, query values and data",
        arguments: [
            ("https://user:secret@h/p.m3u8?token=secret&n=secret", "https://…@h/p.m3u8?token=…&n=…"),
            ("https://h/p?secret", "https://h/p?…"),
            ("data:text/plain;base64,secret", "data:…"),
            ("DATA:,secret", "data:…"),
            ("file:///a/b.m3u8", "file:///a/b.m3u8"),
        ]
    )
    func redacts(text: String, expected: String) throws {
        let uri = try #require(ResourceURI(text))
        #expect("\(uri)" == expected)
        #expect(String(reflecting: uri) == expected)
        #expect(!"\(uri)".contains("secret"))
    }

    @Test(
        "Which files a local playlist may name",
        arguments: [
            ("seg.ts", true), ("a/b/seg.ts", true), ("./a/../seg.ts", true), ("../seg.ts", false),
            ("/etc/passwd", false),
            ("/media/dir/x", true), ("/media/dirx/x", false), ("..%2Fsecret", false), ("a%2F..%2F..%2Fsecret", false),
            ("%2e%2e/secret", false), ("file://host/media/dir/x", false), ("file://localhost/media/dir/x", true),
            ("a%00b", false), ("http://h/media/dir/x", false), ("//media/dir/x", false), ("data:,x", false),
        ]
    )
    func directoryTree(reference: String, isInside: Bool) throws {
        let playlist = try #require(ResourceURI.filePath("/media/dir/p.m3u8"))
        #expect(try playlist.resolving(reference).isInDirectoryTree(of: playlist) == isInside)
    }

    @Test("File paths become file: URIs, and decode back")
    func filePaths() throws {
        let uri = try #require(ResourceURI.filePath("/tmp/a b#1?%20/ü.m3u8 "))
        #expect(uri.text == "file:///tmp/a%20b%231%3F%2520/%C3%BC.m3u8%20")
        #expect(uri.lastPathComponent == "ü.m3u8 ")
        #expect(uri.localFilePath == "/tmp/a b#1?%20/ü.m3u8 ")
        #expect(ResourceURI.filePath("relative") == nil)
    }
}
