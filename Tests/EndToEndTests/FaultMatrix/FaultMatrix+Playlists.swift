import OriginServer
import Remux

/// F30–F33: playlists.
extension FaultMatrix {
    static let playlists: [Fault] = numbers + encodings + sizes + nesting

    /// A fault that is a changed playlist, the output of which is still right.
    static func playlist(
        _ id: String,
        _ name: String,
        gold: String? = nil,
        _ change: @escaping @Sendable (String) -> String
    ) -> Fault {
        changed(id, name, change).same(at: [.playlist]).with { $0.gold = gold }
    }

    /// A fault that is a changed playlist; no promise yet.
    static func changed(_ id: String, _ name: String, _ change: @escaping @Sendable (String) -> String) -> Fault {
        Fault(id, name) { .always(.body(change(String(decoding: $0, as: UTF8.self)))) }
    }

    static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static let duration = "#EXTINF:1.000000,"
    private static let target = "#EXT-X-TARGETDURATION:1"

    /// The third segment's duration replaced.
    private static func third(_ text: String, _ line: String) -> String {
        text.replacing(duration + "\n002", with: line + "\n002")
    }

    private static let numbers: [Fault] =
        [
            playlist("F30", "EXTINF above the target duration") { third($0, "#EXTINF:3.5,") }
                .with { $0.changesDurations = true },
            playlist("F30", "EXTINF without a comma") { third($0, "#EXTINF:1") },
            playlist("F30", "a target duration of 0") { $0.replacing(target, with: "#EXT-X-TARGETDURATION:0") },
            playlist("F30", "no target duration") { $0.replacing(target + "\n", with: "") },
            playlist("F30", "EXTINF: 0") { third($0, "#EXTINF:0,") }
                .with { $0.changesDurations = true },
        ]
        + ["-1", "1e308"].map { value in
            // M3U's way to say that it is not known; a number with something behind it.
            changed("F30", "EXTINF: \(value)") { third($0, "#EXTINF:\(value),") }
                .same(at: [.playlist], says: "EXTINF")
                .with { $0.changesDurations = true }
        }
        + ["-2", "nan", "inf", "99999999999999999999", ""].map { value in
            changed("F30", "EXTINF: \(value.isEmpty ? "nothing" : value)") { third($0, "#EXTINF:\(value),") }
                .ends(at: .playlist, .playlistRefused, "EXTINF")
        } + [
            changed("F30", "a Media Sequence Number of 20 digits") {
                $0.replacing("SEQUENCE:0", with: "SEQUENCE:99999999999999999999")
            }.ends(at: .playlist, .playlistRefused, "EXT-X-MEDIA-SEQUENCE"),
            changed("F30", "the last Media Sequence Number there is, and then five more") {
                $0.replacing("SEQUENCE:0", with: "SEQUENCE:18446744073709551615")
            }.ends(at: .playlist, .playlistRefused),
            changed("F30", "a byte range beyond 64 bits") {
                third($0, "#EXT-X-BYTERANGE:18446744073709551615@18446744073709551615\n" + duration)
            }.ends(at: .playlist, .playlistRefused, "EXT-X-BYTERANGE"),
        ]

    private static let encodings: [Fault] = [
        playlist("F31", "a byte order mark") { "\u{FEFF}" + $0 },
        playlist("F31", "CRLF") { $0.replacing("\n", with: "\r\n") },
        playlist("F31", "no line break at the end") { String($0.dropLast()) },
        changed("F31", "CR alone") { $0.replacing("\n", with: "\r") }.same(at: [.playlist], says: "carriage return"),
        changed("F31", "CR alone, --strict") { $0.replacing("\n", with: "\r") }.ends(at: .playlist, .playlistRefused)
            .with { $0.configure = { configuration, _ in configuration.isStrict = true } },
        changed("F31", "a line of 2 MiB") { $0 + "#" + String(repeating: "a", count: 2 << 20) }
            .ends(at: .playlist, .playlistRefused, "line"),
        changed("F31", "NUL") { $0.replacing("003.ts", with: "0\u{0}03.ts") }
            .same(at: [.playlist], says: "control characters"),
        changed("F31", "NUL, --strict") { $0.replacing("003.ts", with: "0\u{0}03.ts") }
            .ends(at: .playlist, .playlistRefused)
            .with { $0.configure = { configuration, _ in configuration.isStrict = true } },
        Fault("F31", "Latin-1 in a comment") { body in
            .always(.body(Array("#EXTM3U\n# caf".utf8) + [0xE9, 10] + body.dropFirst(8)))
        }.same(at: [.playlist]),
        Fault("F31", "UTF-16") { .always(.body([0xFE, 0xFF] + $0.flatMap { [0, $0] })) }
            .ends(at: .playlist, .playlistRefused),
        Fault("F31", "gzip that was agreed on, with a wrong type") {
            .always(.body(Gzip.stored($0)).header("Content-Encoding", "gzip").header("Content-Type", "video/mp4"))
        }.same(at: [.playlist]),
        Fault("F31", "gzip without a word") { .always(.body(Gzip.stored($0))) }.ends(at: .playlist, .playlistRefused),
    ]

    private static let sizes: [Fault] = [
        Fault("F32", "630 KB of gzip that become 100 MB") { body in
            .always(.body(Gzip.bomb(body, repeats: 390_000)).header("Content-Encoding", "gzip"))
        }.ends(at: .playlist, .playlistRefused, "limit of 67108864 bytes"),
        Fault("F32", "gzip twenty times") { body in
            .always(
                .body(body).header("Content-Encoding", [String](repeating: "gzip", count: 20).joined(separator: ", "))
            )
        }.ends(at: .playlist, .playlistUnreachable),
        Fault("F32", "br that is none") { .always(.body($0).header("Content-Encoding", "br")) }
            .ends(at: .playlist, .playlistUnreachable),
        Fault("F32", "gzip on a segment, unasked") {
            .always(.body(Gzip.stored($0)).header("Content-Encoding", "gzip"))
        }.same(at: Place.media),
        changed("F33", "100,000 Variant Streams") { _ in
            "#EXTM3U\n"
                + (0..<100_000).map { "#EXT-X-STREAM-INF:BANDWIDTH=\($0 + 1)\n\($0).m3u8\n" }.joined()
        }.ends(at: .playlist, .playlistRefused, "Variant Streams"),
    ]

    private static let variant = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1.64000d\"\n"

    private static let nesting: [Fault] = [
        changed("F33", "a Multivariant Playlist that leads to another one") { _ in variant + "other.m3u8\n" }
            .ends(at: .playlist, .playlistRefused, "a Multivariant Playlist leads to another one")
            .with { fault in
                fault.namesPlace = false
                fault.prepare = { server, target in
                    server[target.folder + "other.m3u8"] = Array((variant + "index.m3u8\n").utf8)
                }
            },
        changed("F33", "a Multivariant Playlist that leads to itself") { _ in variant + "index.m3u8\n" }
            .ends(at: .playlist, .playlistRefused, "a Multivariant Playlist leads to another one"),
        Fault("F33", "a segment that is a playlist") { _ in .always(.body("#EXTM3U\n#EXT-X-VERSION:3\n")) }
            .at(Place.segments) { .lost($0, "playlist") },
    ]
}
