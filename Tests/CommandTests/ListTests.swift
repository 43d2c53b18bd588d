import Foundation
import Remux
import Testing

@testable import hls2mp4

/// The table and the JSON document of `list`.
@Suite struct ListTests {
    static let multivariant = """
        #EXTM3U
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="en.m3u8"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="日本語",LANGUAGE="ja",CHANNELS="16/JOC",URI="ja.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="De\u{202e}J",LANGUAGE="de",FORCED=YES,URI="de.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=12000000,RESOLUTION=3840x2160,CODECS="vvc1.1,mp4a.40.2",AUDIO="aud",VIDEO-RANGE=PQ
        4k.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=6200000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2",FRAME-RATE=29.970,AUDIO="aud",SUBTITLES="subs"
        hd.m3u8?token=1
        #EXT-X-STREAM-INF:BANDWIDTH=6200000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2",FRAME-RATE=29.970,AUDIO="aud",SUBTITLES="subs"
        https://b.example/hd.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.4d401e,mp4a.40.2",AUDIO="aud",SUBTITLES="subs"
        sd.m3u8
        """

    private func listing(
        _ text: String,
        _ change: (inout RemuxConfiguration) -> Void = { _ in }
    ) async throws -> StreamListing {
        var configuration = RemuxConfiguration(input: "-", output: .standardOutput)
        configuration.playlist = Array(text.utf8)
        change(&configuration)
        return try await StreamListing.load(configuration)
    }

    private func table(
        _ text: String,
        width: Int = 80,
        _ change: (inout RemuxConfiguration) -> Void = { _ in }
    ) async throws -> [String] {
        ListingTable(listing: try await listing(text, change), width: width).lines
    }

    @Test("a Multivariant Playlist at a glance: aligned, marked, safe, within 80 columns")
    func multivariantTable() async throws {
        let lines = try await table(Self.multivariant)
        let expected = """
            Multivariant Playlist, version 1

            Variant Streams
               RESOLUTION    FPS    BANDWIDTH  RANGE  CODECS                 AUDIO  SUBS
            x  3840x2160       -  12.0 Mbit/s  PQ     vvc1.1,mp4a.40.2       aud    -
                cannot be used: codec “vvc1.1” cannot be written into this container
            >  1920x1080   29.97   6.2 Mbit/s  SDR    avc1.640028,mp4a.40.2  aud    subs
            +  1920x1080   29.97   6.2 Mbit/s  SDR    avc1.640028,mp4a.40.2  aud    subs
               640x360         -   800 kbit/s  SDR    avc1.4d401e,mp4a.40.2  aud    subs

            Renditions
               TYPE       LANGUAGE  NAME         CHANNELS  FLAGS    GROUP
            >  audio      en        English      2         default  aud
               audio      ja        日本語       16/JOC    -        aud
               subtitles  de        De\\u{202e}J  -         forced   subs

            > taken   + taken when that fails   x cannot be used
            """
        #expect(lines.joined(separator: "\n") == expected)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 })
    }

    @Test("narrow terminals cut what may be cut", arguments: [60, 70])
    func narrow(_ width: Int) async throws {
        let lines = try await table(Self.multivariant, width: width) { $0.selection.audio = .all }
        let widest = lines.filter { !$0.hasPrefix("    ") && !$0.hasPrefix("> taken") }.map(DisplayWidth.of).max() ?? 0
        #expect(widest <= 72)
        #expect(lines.contains { $0.hasPrefix(">  1920x1080") })
    }

    @Test("the selection's options decide the marks")
    func selection() async throws {
        let small = try await table(Self.multivariant) {
            $0.selection.video = .height(400)
            $0.selection.audio = .matching([.language("ja")])
        }
        #expect(small.contains { $0.hasPrefix(">  640x360") })
        #expect(small.contains { $0.hasPrefix(">  audio      ja") })
        #expect(!small.contains { $0.hasPrefix(">  audio      en") })
        let nothing = try await listing(Self.multivariant) { $0.selection.audio = .matching([.language("fr")]) }
        guard case .multivariant(let content) = nothing.content else { throw ListError.otherKind }
        #expect(content.selectionFailure?.isByOption == true)
        #expect(content.selectionFailure?.message.contains("--audio") == true)
        #expect(content.variants.allSatisfy { !$0.isSelected })
    }

    private enum ListError: Error { case otherKind }

    @Test("a Media Playlist at a glance")
    func mediaTable() async throws {
        let lines = try await table(
            """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-TARGETDURATION:6
            #EXT-X-MEDIA-SEQUENCE:7
            #EXT-X-MAP:URI="init.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2024-02-28T23:59:58.500+01:00
            #EXTINF:6,
            a.mp4
            #EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"
            #EXT-X-DISCONTINUITY
            #EXTINF:5.5,
            b.mp4
            #EXT-X-GAP
            #EXTINF:6,
            c.mp4
            """
        )
        let expected = """
            Media Playlist, version 7
              kind             live
              segments         3, Media Sequence Numbers 7 to 9
              duration         0:17, target duration 6 s
              encryption       FairPlay (2 of 3 segments)
              container        fragmented MP4 (EXT-X-MAP)
              discontinuities  1
              gaps             1 segment (EXT-X-GAP)
              dates            2024-02-28T22:59:58Z to 2024-02-28T23:00:16Z
            """
        #expect(lines.joined(separator: "\n") == expected)
    }

    @Test("JSON: exact numbers, texts as written, marks")
    func json() async throws {
        let text = ListingJSON(listing: try await listing(Self.multivariant)).document
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let variants = try #require(object?["variants"] as? [[String: Any]])
        #expect(variants.map { $0["selected"] as? Bool } == [false, true, false, false])
        #expect(variants.map { $0["failover"] as? Bool } == [nil, nil, true, nil])
        #expect(variants[1]["uri"] as? String == "hd.m3u8?token=1")
        #expect(variants[1]["frameRate"] as? Double == 29.97)
        let renditions = try #require(object?["renditions"] as? [[String: Any]])
        #expect(renditions.map { $0["name"] as? String } == ["English", "日本語", "De\u{202e}J"])
        #expect(renditions.map { $0["channels"] as? String } == ["2", "16/JOC", nil])
    }

    @Test(
        "decimal numbers are written exactly",
        arguments: [
            (9_009_000, 6, "9.009"), (0, 6, "0"), (1, 6, "0.000001"), (-1_500_000, 6, "-1.5"), (29_970, 3, "29.97"),
            (Int64.max, 6, "9223372036854.775807"), (Int64.min, 0, "-9223372036854775808"),
        ]
    )
    func decimals(_ value: Int64, _ decimals: Int, _ expected: String) {
        #expect(JSONValue.decimal(value, decimals: decimals).text == expected)
    }

    @Test(
        "bit rates",
        arguments: [
            (0, "0 bit/s"), (999, "999 bit/s"), (128_000, "128 kbit/s"), (999_999, "1.0 Mbit/s"),
            (6_249_000, "6.2 Mbit/s"), (UInt64.max, "18446744073709.6 Mbit/s"),
        ]
    )
    func bitRates(_ rate: UInt64, _ expected: String) {
        #expect(BitRateText.text(bitsPerSecond: rate) == expected)
    }
}
