import HLS
import Testing

@testable import Remux

@Suite("Chapters of a playlist")
struct ChapterPlanTests {
    private func plan(_ lines: [String], range: PresentationRange? = nil) throws -> ChapterPlan {
        let text = (["#EXTM3U", "#EXT-X-VERSION:8", "#EXT-X-TARGETDURATION:10"] + lines + ["#EXT-X-ENDLIST", ""])
        let uri = try #require(ResourceURI("http://example.com/index.m3u8"))
        guard case .media(let playlist) = try PlaylistParser().parse(Array(text.joined(separator: "\n").utf8), uri: uri)
        else { throw ChapterTestError.notMedia }
        var schedule = SegmentSchedule()
        _ = try schedule.ingest(playlist)
        return ChapterPlan(playlist.dateRanges, times: SegmentTimes(of: schedule), range: range)
    }

    private enum ChapterTestError: Error { case notMedia }

    /// As `seconds title`.
    private func texts(_ chapters: [Chapter]) -> [String] {
        chapters.map { "\(Double($0.start90k) / 90_000) \($0.title)" }
    }

    private static let dated = [
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T10:00:00Z", "#EXTINF:10,", "0.ts", "#EXTINF:10,", "1.ts", "#EXTINF:10,",
        "2.ts",
    ]

    private func range(_ id: String, _ start: String, _ more: String = "") -> String {
        "#EXT-X-DATERANGE:ID=\"\(id)\",START-DATE=\"2026-11-24T\(start)Z\"" + (more.isEmpty ? "" : ",\(more)")
    }

    @Test("nothing to tell: no chapters")
    func none() throws {
        #expect(try plan(Self.dated).isEmpty)
        #expect(try plan(["#EXTINF:10,", "0.ts"]).chapters().isEmpty)
    }

    @Test("date ranges: title, else ID; what lies outside, and what is not in the media, is left out")
    func dateRanges() throws {
        let plan = try plan(
            Self.dated + [
                range("a", "10:00:05.500", "X-TITLE=\"Erstes  Kapitel\""), range("b", "10:00:20"),
                range("c", "10:00:25", "X-COM-EXAMPLE-TITLE=\"Third\""), range("late", "10:05:00"),
                range("early", "09:00:00"), range("x", "10:00:10", "CLASS=\"com.apple.hls.interstitial\""),
            ]
        )
        #expect(texts(plan.chapters()) == ["0.0 Part 1", "5.5 Erstes Kapitel", "20.0 b", "25.0 Third"])
    }

    @Test("behind an advertisement the part goes on; one that began before is there from the start")
    func resumption() throws {
        let plan = try plan(
            Self.dated + [
                range("before", "09:59:50", "DURATION=15"),
                range("ad", "10:00:10", "END-DATE=\"2026-11-24T10:00:16Z\""),
                range("next", "10:00:16.300"),
            ]
        )
        #expect(texts(plan.chapters()) == ["0.0 before", "5.0 Part 1", "10.0 ad", "16.3 next"])
    }

    private static let parts = [
        "#EXTINF:10,", "0.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:4,", "1.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:6,",
        "2.ts",
    ]

    @Test("Discontinuities, and where the timeline puts them")
    func discontinuities() throws {
        let plan = try plan(Self.parts)
        #expect(texts(plan.chapters()) == ["0.0 Part 1", "10.0 Part 2", "14.0 Part 3"])
        var runs = ChapterPlan.RunStarts()
        runs.enter(0, playlistStart90k: 0)
        runs.place(0, start90k: 0)
        runs.enter(1, playlistStart90k: 900_000)
        #expect(runs.open == [1])
        runs.place(1, start90k: 900_000 + 4500)
        // The third is not known: as late as the one before.
        #expect(texts(plan.chapters(runs)) == ["0.0 Part 1", "10.05 Part 2", "14.05 Part 3"])
    }

    @Test("a part: shifted and cut, the chapter that goes on from its start")
    func clip() throws {
        let range = PresentationRange(startMicroseconds: 11_000_000, endMicroseconds: 14_000_000)
        #expect(texts(try plan(Self.parts, range: range).chapters()) == ["0.0 Part 2"])
        let later = PresentationRange(startMicroseconds: 11_000_000, endMicroseconds: nil)
        #expect(texts(try plan(Self.parts, range: later).chapters()) == ["0.0 Part 2", "3.0 Part 3"])
    }

    @Test("a date range at a Discontinuity is its name; many are bounded")
    func bounds() throws {
        let same = try plan(
            ["#EXT-X-PROGRAM-DATE-TIME:2026-11-24T10:00:00Z", "#EXTINF:10,", "0.ts", "#EXT-X-DISCONTINUITY"]
                + [
                    "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T12:00:00Z", "#EXTINF:10,", "1.ts",
                    range("second", "12:00:00.200"),
                ]
        )
        #expect(texts(same.chapters()) == ["0.0 Part 1", "10.2 second"])
        let many = try plan(
            Self.dated + (0..<300).map { range("r\($0)", "10:00:\($0 / 30 + 10).\(100 + $0 % 30 * 30)") }
        )
        #expect(many.chapters().count == ChapterPlan.maximumChapters)
        #expect(many.excessCount > 0)
    }

    @Test("the list of MP4: its size depends on the titles alone")
    func box() {
        let chapters = [
            Chapter(start90k: 0, title: "a"), Chapter(start90k: 135_000, title: String(repeating: "ü", count: 300)),
        ]
        let box = ChapterList.box(chapters)
        #expect(box.read32(at: 0) == UInt32(box.count))
        #expect(box[8..<17].elementsEqual([1, 0, 0, 0, 0, 0, 0, 0, 2]))
        #expect(box.read64(at: 17) == 0 && box[25] == 1 && box[26] == UInt8(ascii: "a"))
        #expect(box.read64(at: 27) == 15_000_000 && box[35] == 254)
        #expect(
            ChapterList.box(chapters.map { Chapter(start90k: $0.start90k + 7, title: $0.title) }).count == box.count
        )
    }

    static let titles: [(String, String?)] = [
        ("  Ein\tTitel \n", "Ein Titel"), ("", nil), ("\u{7}", nil), ("a\u{202E}b", "ab"),
        (String(repeating: "x", count: 500), String(repeating: "x", count: 200)),
    ]

    @Test("titles are words", arguments: titles)
    func title(_ row: (String, String?)) { #expect(OutputMetadata.title(row.0) == row.1) }
}
