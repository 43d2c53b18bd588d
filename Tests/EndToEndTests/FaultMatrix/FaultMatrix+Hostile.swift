import OriginServer
import Remux

/// F60: what a hostile playlist asks for (S1–S22 of spec_security.md §2).
extension FaultMatrix {
    static let hostile: [Fault] = addresses + bombs

    /// Other protocols, of curl, of FFmpeg and of browsers.
    private static let foreign = [
        "file:///etc/passwd", "FILE:///etc/passwd", "file://localhost/etc/passwd", "ftp://127.0.0.1/a",
        "gopher://127.0.0.1:1/a",
        "concat:http://127.0.0.1/a|file:///etc/passwd", "subfile,,start,0,end,9,,:/etc/passwd",
        "crypto:file:///etc/passwd",
        "pipe:0", "tcp://127.0.0.1:1", "hls+file:///etc/passwd", "javascript:alert(1)", "dict://127.0.0.1:1/a",
        "smb://127.0.0.1/a", "rtmp://127.0.0.1/a", "fd:3",
    ]

    private static let addresses: [Fault] =
        foreign.map { address in
            changed("F60", "a segment at \(address)") { $0.replacing("003.ts", with: address) }
                .ends(at: .playlist, .playlistRefused)
                .with { $0.namesPlace = false }
        }
        + foreign.prefix(4).map { address in
            changed("F60", "a key at \(address)") { $0.replacing("key.bin", with: address) }
                .ends(at: .playlist, address.hasPrefix("ftp") ? .key : .playlistRefused)
                .with { $0.namesPlace = false }
        }
        + foreign.prefix(4).map { address in
            changed("F60", "a Media Initialization Section at \(address)") {
                $0.replacing(
                    "#EXT-X-KEY",
                    with: "#EXT-X-MAP:URI=\"\(address)\"\n#EXT-X-KEY"
                ).replacing("VERSION:3", with: "VERSION:6")
            }
            .ends(at: .playlist, .playlistRefused)
            .with { $0.namesPlace = false }
        } + [
            changed("F60", "a Variant Stream at file:///etc/passwd") { _ in
                "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile:///etc/passwd\n"
            }
            .ends(at: .playlist, .playlistRefused)
            .with { $0.namesPlace = false },
            changed("F60", "a path above the root") { $0.replacing("003.ts", with: "../../../../etc/passwd") }
                .ends(at: .playlist, .incomplete, "Media Segment 3", "404")
                .with { $0.namesPlace = false },
            changed("F60", "FFmpeg's header suffix") { $0.replacing("003.ts", with: "003.ts|User-Agent=a") }
                .ends(at: .playlist, .incomplete, "Media Segment 3", "404")
                .with { $0.namesPlace = false },
            changed("F60", "terminal escapes in a name") { $0.replacing("003.ts", with: "\u{1B}]0;a\u{7}.ts") }
                .ends(at: .playlist, .incomplete, "Media Segment 3", "404")
                .with { $0.namesPlace = false },
        ]

    private static let bombs: [Fault] = [
        changed("F60", "variables that name variables") { text in
            var defines = "#EXT-X-DEFINE:NAME=\"a0\",VALUE=\"\(String(repeating: "a", count: 1_000))\"\n"
            for level in 1..<40 {
                let value = String(repeating: "{$a\(level - 1)}", count: 10)
                defines += "#EXT-X-DEFINE:NAME=\"a\(level)\",VALUE=\"\(value)\"\n"
            }
            return text.replacing("#EXT-X-TARGET", with: defines + "#EXT-X-TARGET")
                .replacing("003.ts", with: "{$a39}.ts").replacing("VERSION:3", with: "VERSION:8")
        }
        .ends(at: .playlist, .playlistRefused, "EXT-X-DEFINE", "too large"),
        changed("F60", "20,000 keys") { text in
            let entries = (0..<20_000).map { "#EXT-X-KEY:METHOD=AES-128,URI=\"k\($0)\"\n#EXTINF:1,\n\($0).ts\n" }
            return "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + entries.joined() + "#EXT-X-ENDLIST\n"
        }
        .ends(at: .playlist, .playlistRefused, "keys"),
        changed("F60", "a thousand attributes in a tag") { text in
            let attributes = (0..<1_000).map { "X-A\($0)=\"a\"" }.joined(separator: ",")
            return text.replacing("#EXT-X-TARGET", with: "#EXT-X-DATERANGE:ID=\"a\",\(attributes)\n#EXT-X-TARGET")
        }
        .ends(at: .playlist, .playlistRefused, "attributes"),
    ]
}
