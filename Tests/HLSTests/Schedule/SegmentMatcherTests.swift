import HLS
import Testing

/// Which segment of a redundant Media Playlist is the same one.
@Suite("Segments of redundant playlists") struct SegmentMatcherTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var number: UInt64
        var candidate: String
        /// `nil`: nothing matches.
        var uri: String?
        var primary = SegmentMatcherTests.list(["a", "b", "c", "d"])
    }

    /// A playlist whose segments last 6 s each unless said otherwise: `uri`, `uri@seconds`, `!` for a Discontinuity, `-` for
    /// a gap before it.
    static func list(_ entries: [String], first: Int = 0, discontinuity: Int = 0, isComplete: Bool = true) -> String {
        var text = "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:\(first)\n"
        text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuity)\n"
        for entry in entries {
            let parts = entry.drop { $0 == "!" || $0 == "-" }.split(separator: "@")
            if entry.hasPrefix("!") { text += "#EXT-X-DISCONTINUITY\n" }
            if entry.hasPrefix("-") { text += "#EXT-X-GAP\n" }
            text += "#EXTINF:\(parts.count > 1 ? parts[1] : "6"),\n\(parts[0])\n"
        }
        return text + (isComplete ? "#EXT-X-ENDLIST\n" : "")
    }

    static let cases = [
        Case(testDescription: "the same list", number: 2, candidate: list(["A", "B", "C", "D"]), uri: "C"),
        Case(testDescription: "the first", number: 0, candidate: list(["A", "B", "C", "D"]), uri: "A"),
        Case(testDescription: "the last", number: 3, candidate: list(["A", "B", "C", "D"]), uri: "D"),
        Case(testDescription: "not in the primary", number: 4, candidate: list(["A", "B", "C", "D", "E"]), uri: nil),
        Case(
            testDescription: "other numbers, same places",
            number: 2,
            candidate: list(["A", "B", "C", "D"], first: 70),
            uri: "C"
        ),
        Case(
            testDescription: "numbers one off, same places: the place counts",
            number: 2,
            candidate: list(["A", "B", "C", "D"], first: 1),
            uri: "C"
        ),
        Case(
            testDescription: "a candidate that begins later, same numbers",
            number: 2,
            candidate: list(["B", "C", "D"], first: 1),
            uri: nil
        ),
        Case(testDescription: "another duration", number: 2, candidate: list(["A", "B", "C@5", "D@7"]), uri: nil),
        Case(
            testDescription: "a duration rounded in another way",
            number: 2,
            candidate: list(["A", "B", "C@6.0009", "D"]),
            uri: "C"
        ),
        Case(
            testDescription: "segments of twice the length",
            number: 1,
            candidate: list(["AB@12", "CD@12"]),
            uri: nil
        ),
        Case(
            testDescription: "other lengths before it, the same place",
            number: 2,
            candidate: list(["A@4", "A2@4", "B@4", "C", "D"]),
            uri: "C"
        ),
        Case(testDescription: "a gap in the candidate", number: 2, candidate: list(["A", "B", "-C", "D"]), uri: nil),
        Case(
            testDescription: "a Discontinuity that only one has",
            number: 2,
            candidate: list(["A", "!B", "C", "D"]),
            uri: nil
        ),
        Case(
            testDescription: "the same Discontinuity, numbered in another way",
            number: 2,
            candidate: list(["A", "!B", "C", "D"], first: 9, discontinuity: 4),
            uri: "C",
            primary: list(["a", "!b", "c", "d"])
        ),
        Case(
            testDescription: "live: the same number, duration and Discontinuity Sequence",
            number: 11,
            candidate: list(["B", "C", "D"], first: 11, isComplete: false),
            uri: "B",
            primary: list(["a", "b", "c"], first: 10, isComplete: false)
        ),
        Case(
            testDescription: "live: places say nothing",
            number: 11,
            candidate: list(["B", "C", "D"], first: 51, isComplete: false),
            uri: nil,
            primary: list(["a", "b", "c"], first: 10, isComplete: false)
        ),
    ]

    @Test("§6.2.4: by place and duration", arguments: cases)
    func match(_ row: Case) throws {
        let matcher = SegmentMatcher(primary: try parseMedia(row.primary), candidate: try parseMedia(row.candidate))
        #expect(matcher.segment(for: row.number)?.uri == row.uri)
    }

    @Test("roundings that add up do not lose the place while the numbers agree")
    func drift() throws {
        let names = (0..<2000).map { "s\($0)" }
        let primary = try parseMedia(Self.list(names.map { $0 + "@6.0004" }))
        let matcher = SegmentMatcher(primary: primary, candidate: try parseMedia(Self.list(names)))
        #expect(matcher.segment(for: 1999)?.uri == "s1999")
    }

    @Test("the order of a segment elsewhere: its URI, byte range and key, with the implicit IV of its own number")
    func relocated() throws {
        let candidate = try parseMedia(
            """
            #EXTM3U
            #EXT-X-TARGETDURATION:10
            #EXT-X-MEDIA-SEQUENCE:500
            #EXT-X-KEY:METHOD=AES-128,URI="k"
            #EXTINF:6,
            #EXT-X-BYTERANGE:10@5
            A
            #EXT-X-ENDLIST
            """
        )
        let primary = try parseMedia(Self.list(["a"], first: 3))
        var schedule = SegmentSchedule()
        try schedule.ingest(primary)
        let next = schedule.next()
        let order = try #require(next)
        let segment = try #require(SegmentMatcher(primary: primary, candidate: candidate).segment(for: 3))
        let other = order.relocated(to: segment, of: candidate)
        #expect(other.identity == order.identity && other.startMicroseconds == order.startMicroseconds)
        #expect(other.uri.text.hasSuffix("/A") && other.byteRange == ByteRange(offset: 5, length: 10))
        guard case .identity(.aes128, let key, let iv) = other.encryption else {
            Issue.record("not encrypted")
            return
        }
        #expect(key.text.hasSuffix("/k") && iv == InitializationVector(mediaSequenceNumber: 500))
    }
}
