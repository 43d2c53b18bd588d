import HLS
import Testing

/// Every bound of ``PlaylistLimits``: what is exactly at it passes, one more does not.
@Suite("Limits")
struct LimitTests {
    private func limited(_ change: (inout PlaylistLimits) -> Void) -> PlaylistLimits {
        var limits = PlaylistLimits()
        change(&limits)
        return limits
    }

    private func expectLimit(_ text: String, _ limits: PlaylistLimits, passes: Bool) {
        do {
            _ = try parse(text, limits: limits)
            #expect(passes)
        } catch let error as PlaylistError {
            #expect(!passes && error.kind == .limit, "\(error)")
        } catch {
            Issue.record(error)
        }
    }

    @Test("bytes") func bytes() {
        let text = media()
        expectLimit(text, limited { $0.bytes = text.utf8.count }, passes: true)
        expectLimit(text, limited { $0.bytes = text.utf8.count - 1 }, passes: false)
    }

    @Test("line length") func line() {
        let text = media("#EXTINF:9," + String(repeating: "x", count: 90), "t.ts")
        expectLimit(text, limited { $0.lineBytes = 100 }, passes: true)
        expectLimit(text, limited { $0.lineBytes = 99 }, passes: false)
    }

    @Test("segments, skipped ones included") func segments() {
        let text = media("#EXTINF:1,", "a", "#EXTINF:1,", "b")
        expectLimit(text, limited { $0.segments = 3 }, passes: true)
        expectLimit(text, limited { $0.segments = 2 }, passes: false)
        expectLimit(media("#EXT-X-SKIP:SKIPPED-SEGMENTS=2"), limited { $0.segments = 3 }, passes: true)
        expectLimit(media("#EXT-X-SKIP:SKIPPED-SEGMENTS=3"), limited { $0.segments = 3 }, passes: false)
        expectLimit(media("#EXT-X-SKIP:SKIPPED-SEGMENTS=18446744073709551615"), PlaylistLimits(), passes: false)
    }

    @Test("Partial Segments and Date Ranges") func metadata() {
        let part = "#EXT-X-PART:URI=\"p\",DURATION=1"
        expectLimit(media(part, part), limited { $0.segments = 2 }, passes: true)
        expectLimit(media(part, part, part), limited { $0.segments = 2 }, passes: false)
        let range = "#EXT-X-DATERANGE:ID=\"p\",START-DATE=\"2020-01-01T00:00:00Z\""
        expectLimit(media(range, range), limited { $0.dateRanges = 2 }, passes: true)
        expectLimit(media(range, range, range), limited { $0.dateRanges = 2 }, passes: false)
    }

    @Test("Variant Streams and Renditions") func streams() {
        let media = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\""
        let text = multivariant(media, media, "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"u\"")
        expectLimit(text, limited { $0.streams = 4 }, passes: true)
        expectLimit(text, limited { $0.streams = 3 }, passes: false)
    }

    @Test("attributes of a tag") func attributes() {
        let text = media("#EXT-X-MAP:URI=\"i\",A=1,B=2")
        expectLimit(text, limited { $0.attributesPerTag = 3 }, passes: true)
        expectLimit(text, limited { $0.attributesPerTag = 2 }, passes: false)
    }

    @Test("variables and their expansion") func variables() {
        let define = "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"\(String(repeating: "x", count: 100))\""
        expectLimit(media(define, "#EXT-X-DEFINE:NAME=\"b\",VALUE=\"\""), limited { $0.variables = 2 }, passes: true)
        expectLimit(media(define, "#EXT-X-DEFINE:NAME=\"b\",VALUE=\"\""), limited { $0.variables = 1 }, passes: false)
        let bomb = media(define, "#EXTINF:1,", String(repeating: "{$a}", count: 10))
        expectLimit(bomb, limited { $0.bytes = 500 }, passes: true)
        expectLimit(bomb, limited { $0.bytes = 499 }, passes: false)
    }

    @Test("distinct keys and KEYFORMATs") func keys() {
        func key(_ name: String, format: String = "f") -> String {
            "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://\(name)\",KEYFORMAT=\"\(format)\""
        }
        expectLimit(media(key("1"), key("2"), key("1"), key("2")), limited { $0.keys = 2 }, passes: true)
        expectLimit(media(key("1"), key("2"), key("3")), limited { $0.keys = 2 }, passes: false)
        expectLimit(media(key("1", format: "a"), key("1", format: "b")), limited { $0.keyFormats = 2 }, passes: true)
        expectLimit(media(key("1", format: "a"), key("1", format: "b")), limited { $0.keyFormats = 1 }, passes: false)
    }

    @Test("duration of a segment") func duration() {
        expectLimit(media("#EXTINF:86400,", "t"), PlaylistLimits(), passes: true)
        expectLimit(media("#EXTINF:86400.1,", "t"), PlaylistLimits(), passes: false)
    }

    @Test("Many segments, each with a key of its own, and many empty lines")
    func manyLines() throws {
        var text = "#EXTM3U\n#EXT-X-VERSION:13\n#EXT-X-TARGETDURATION:10\n"
        for index in 0..<20_000 {
            text += "#EXT-X-KEY:METHOD=AES-128,URI=\"k\(index % 10_000)\"\n#EXTINF:1.5,\ns\(index).ts\n"
        }
        let playlist = try parseMedia(text, isStrict: true)
        #expect(playlist.segments.count == 20_000)
        #expect(playlist.segments.last?.key?.uri == "k9999")
        #expect(try parseMedia(media(String(repeating: "\n", count: 100_000))).segments.count == 1)
    }
}
