import Testing

@testable import OriginServer

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite("Files and paths")
struct ResourceTests {
    /// A folder with `pub/a b.ts` (10 bytes), `pub/link` → `../secret`, `secret`; removed after `use`.
    private func withFolder(_ use: (String) throws -> Void) throws {
        var template = Array("/tmp/origin-server-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        let files = ["pub/a b.ts", "pub/link", "secret", "pub", ""]
        defer {
            for name in files.map({ "\(folder)/\($0)" }) where unlink(name) != 0 { rmdir(name) }
        }
        mkdir(folder + "/pub", 0o700)
        for (name, text) in [("pub/a b.ts", "0123456789"), ("secret", "s")] {
            let file = try #require(fopen(folder + "/" + name, "w"))
            fputs(text, file)
            fclose(file)
        }
        symlink("../secret", folder + "/pub/link")
        try use(folder + "/pub")
    }

    @Test(
        "a file is served under its encoded name, nothing outside the folder is",
        arguments: [
            ("/a%20b.ts", "200 OK"), ("//a%20b.ts", "200 OK"), ("http://host/a%20b.ts?q", "200 OK"),
            ("/a b.ts", "400 Bad Request"),
            ("/", "404 Not Found"), ("/none", "404 Not Found"), ("/../secret", "404 Not Found"),
            ("/%2e%2e/secret", "404 Not Found"), ("/..%2fsecret", "404 Not Found"), ("/link", "404 Not Found"),
            ("/a%00", "404 Not Found"), ("/%zz", "404 Not Found"), ("/%ff", "404 Not Found"),
        ]
    )
    func paths(_ target: String, _ status: String) throws {
        try withFolder { folder in
            let server = OriginServer(root: folder)
            try server.start()
            defer { server.stop() }
            let client = RawClient(port: server.port)
            client.get(target)
            #expect(client.head().first == "HTTP/1.1 " + status)
        }
    }

    @Test("a file's bytes, by Range too")
    func bytes() throws {
        try withFolder { folder in
            let server = OriginServer(root: folder)
            try server.start()
            defer { server.stop() }
            let client = RawClient(port: server.port)
            client.get("/a%20b.ts", "Range: bytes=-4", "Connection: close")
            #expect(client.head().contains("Content-Range: bytes 6-9/10"))
            #expect(client.rest().text == "6789")
        }
    }

    @Test(
        "dates in HTTP form",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        ]
    )
    func dates(_ seconds: Int, _ text: String) {
        #expect(HTTPDate.format(secondsSince1970: seconds) == text)
    }

    @Test("random delays depend on the seed alone and keep their bound")
    func delays() {
        func draw(_ seed: UInt64) -> [Duration] {
            var delays = RandomDelays(seed: seed, upTo: .milliseconds(5))
            return (0..<100).map { _ in delays.next() }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
        #expect(draw(1).allSatisfy { $0 >= .zero && $0 <= .milliseconds(5) })
        #expect(Set(draw(1)).count > 50)
    }
}
