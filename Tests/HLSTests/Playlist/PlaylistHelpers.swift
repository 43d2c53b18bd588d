import HLS
import Testing

/// Parses text as `https://h.example/v/p.m3u8?t=1&e=`.
func parse(
    _ text: String,
    isStrict: Bool = false,
    limits: PlaylistLimits = PlaylistLimits(),
    imports: [String: String] = [:],
    uri: String = "https://h.example/v/p.m3u8?t=1&e=&q=a%22b"
) throws -> Playlist {
    let uri = try #require(ResourceURI(uri))
    return try PlaylistParser(options: .init(isStrict: isStrict, limits: limits))
        .parse(Array(text.utf8), uri: uri, imports: imports)
}

func parseMedia(_ text: String, isStrict: Bool = false, imports: [String: String] = [:]) throws -> MediaPlaylist {
    guard case .media(let playlist) = try parse(text, isStrict: isStrict, imports: imports) else {
        throw UnexpectedKind()
    }
    return playlist
}

func parseMultivariant(_ text: String, isStrict: Bool = false) throws -> MultivariantPlaylist {
    guard case .multivariant(let playlist) = try parse(text, isStrict: isStrict) else { throw UnexpectedKind() }
    return playlist
}

struct UnexpectedKind: Error {}

/// A Media Playlist of one segment with the given lines before it. Its declared version is the newest.
func media(_ lines: String...) -> String {
    (["#EXTM3U", "#EXT-X-VERSION:13", "#EXT-X-TARGETDURATION:10"] + lines + [
        "#EXTINF:9,", "s.ts", "#EXT-X-ENDLIST", "",
    ])
    .joined(separator: "\n")
}

/// A Multivariant Playlist of one stream with the given lines before it.
func multivariant(_ lines: String...) -> String {
    (["#EXTM3U", "#EXT-X-VERSION:13"] + lines + ["#EXT-X-STREAM-INF:BANDWIDTH=1", "v.m3u8", ""]).joined(separator: "\n")
}

/// A fault: what it is by default, and the section of the error where it is refused.
struct Fault: Sendable, CustomTestStringConvertible {
    /// Named after the section and the rule.
    var rule: String
    var text: String
    /// What it is tolerated as; `nil`: always refused.
    var leniency: Leniency?
    /// Section and line the error names, under `--strict` where it is tolerated.
    var section: String
    var line: Int

    init(_ rule: String, _ text: String, tolerated leniency: Leniency? = nil, section: String, line: Int) {
        self.rule = rule
        self.text = text
        self.leniency = leniency
        self.section = section
        self.line = line
    }

    var testDescription: String { "§\(section) \(rule)" }
}
