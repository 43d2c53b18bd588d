import Testing

@testable import Remux

/// W3C WebVTT §6 and RFC 8216bis §3.1.4.
@Suite struct WebVTTParserTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var text: String
        /// Start, end, text.
        var cues: [(Int64, Int64, String)]
        var damaged = 0
        var testDescription: String { name }
    }

    static let tables: [Case] = [
        Case(name: "nothing", text: "", cues: []),
        Case(name: "a header alone", text: "WEBVTT", cues: []),
        Case(name: "one cue", text: "WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n", cues: [(1000, 2500, "Hello")]),
        Case(
            name: "BOM, blank lines, text behind the signature, CR LF",
            text: "\u{FEFF}\r\n\r\nWEBVTT - x\r\n\r\n00:00:01.000 --> 00:00:02.000\r\na\r\nb\r\n",
            cues: [(1000, 2000, "a\nb")]
        ),
        Case(name: "CR", text: "WEBVTT\r\r00:01.000 --> 00:02.000\ra\rb\r", cues: [(1000, 2000, "a\nb")]),
        Case(
            name: "identifiers, settings, NOTE, STYLE, REGION",
            text:
                "WEBVTT\n\nNOTE a\nb\n\nSTYLE\n::cue {}\n\nREGION\nid:x\n\nid 7\n00:01.000 --> 00:02.000 line:0\nx\n\nNOTE\n",
            cues: [(1000, 2000, "x")]
        ),
        Case(
            name: "no blank line behind the header, nor between cues",
            text: "WEBVTT\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny",
            cues: [(1000, 2000, "x"), (3000, 4000, "y")]
        ),
        Case(
            name: "no blank line in front of a numbered cue",
            text: "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nx\n2\n00:03.000 --> 00:04.000\ny",
            cues: [(1000, 2000, "x"), (3000, 4000, "y")]
        ),
        Case(
            name: "hours beyond 99, commas, fewer decimals",
            text: "WEBVTT\n\n100:00:01.000 --> 1000:00:00.000\na\n\n00:01,5 --> 00:02,25\nb",
            cues: [(360_001_000, 3_600_000_000, "a"), (1500, 2250, "b")]
        ),
        Case(
            name: "damaged times",
            text: """
                WEBVTT

                00:01.000 --> 00:01.000
                no length

                00:02.000 --> 00:01.000
                backwards

                00:61.000 --> 01:00.000
                seconds

                00:01.0000 --> 00:02.000
                decimals

                99999999999:00:00.000 --> 00:02.000
                digits

                --> 00:02.000
                no start

                00:01.000 --> 00:02.000x
                rest

                00:01.000 --> 00:02.000
                good
                """,
            cues: [(1000, 2000, "good")],
            damaged: 7
        ),
        Case(name: "a cue without text", text: "WEBVTT\n\n00:01.000 --> 00:02.000\n\nx", cues: [(1000, 2000, "")]),
        Case(
            name: "blocks nobody knows",
            text: "WEBVTT\n\nx\ny\n\n00:01.000 --> 00:02.000\nz",
            cues: [(1000, 2000, "z")]
        ),
        Case(
            name: "the header in the Media Initialization Section",
            text: "WEBVTT\n\nWEBVTT\n\n00:01.000 --> 00:02.000\nz",
            cues: [(1000, 2000, "z")]
        ),
    ]

    @Test(arguments: tables)
    func cues(_ test: Case) {
        let segment = WebVTTParser.parse(Array(test.text.utf8))
        #expect(segment.cues.map(\.startMilliseconds) == test.cues.map(\.0))
        #expect(segment.cues.map(\.endMilliseconds) == test.cues.map(\.1))
        #expect(segment.cues.map(\.text) == test.cues.map(\.2))
        #expect(segment.counts.damagedCues == test.damaged)
    }

    @Test func identifierAndSettings() {
        let segment = WebVTTParser.parse(Array("WEBVTT\n\nid 7\n00:01.000 -->00:02.000 \t line:0 size:5% \nx".utf8))
        #expect(segment.cues.first?.identifier == "id 7")
        #expect(segment.cues.first?.settings == "line:0 size:5%")
    }

    static let maps: [(String, TimestampMap?)] = [
        ("LOCAL:00:00:00.000,MPEGTS:900000", TimestampMap(mpeg90k: 900_000, localMilliseconds: 0)),
        ("MPEGTS:900000,LOCAL:00:00:00.000", TimestampMap(mpeg90k: 900_000, localMilliseconds: 0)),
        ("MPEGTS:1, LOCAL:00:01.500", TimestampMap(mpeg90k: 1, localMilliseconds: 1500)),
        ("LOCAL:100:00:00.000,MPEGTS:8589934593", TimestampMap(mpeg90k: 1, localMilliseconds: 360_000_000)),
        ("LOCAL:00:00:00.000", nil),
        ("MPEGTS:-1,LOCAL:00:00.000", nil),
        ("MPEGTS:99999999999999999999,LOCAL:00:00.000", nil),
        ("LOCAL:00:00.000x,MPEGTS:1", nil),
        ("", nil),
    ]

    @Test(arguments: maps)
    func timestampMap(_ value: String, _ map: TimestampMap?) {
        let text = "WEBVTT\nX-TIMESTAMP-MAP=\(value)\n\n00:01.000 --> 00:02.000\nx"
        let segment = WebVTTParser.parse(Array(text.utf8))
        #expect(segment.cues.map(\.map) == [map])
        #expect(segment.counts.unreadableMaps == (map == nil ? 1 : 0))
    }

    @Test("a further header begins another clock")
    func joinedFiles() {
        let text = """
            WEBVTT
            X-TIMESTAMP-MAP=MPEGTS:5,LOCAL:00:00.000

            00:01.000 --> 00:02.000
            a

            WEBVTT

            00:01.000 --> 00:02.000
            b
            """
        #expect(WebVTTParser.parse(Array(text.utf8)).cues.map { $0.map?.mpeg90k } == [5, nil])
    }

    @Test("a BOM behind a Media Initialization Section, or between files joined together")
    func byteOrderMark() {
        let file = "\u{FEFF}WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7,LOCAL:00:00.000\n\n00:01.000 --> 00:02.000\na\n"
        for text in ["\n" + file, "WEBVTT\n\n" + file, file + "\n" + file] {
            let maps = WebVTTParser.parse(Array(text.utf8)).cues.map { $0.map?.mpeg90k }
            #expect(!maps.isEmpty && maps.allSatisfy { $0 == 7 }, "\(maps)")
        }
    }

    @Test("limits cut and count")
    func limits() {
        var limits = WebVTTLimits()
        limits.cues = 2
        limits.cueTextBytes = 5
        let cue = "00:01.000 --> 00:02.000\nabcdü\n\n"
        let segment = WebVTTParser.parse(Array(("WEBVTT\n\n" + cue + cue + cue).utf8), limits: limits)
        #expect(segment.cues.map(\.text) == ["abcd", "abcd"])
        #expect(segment.counts.excessCues == 1)
        #expect(segment.counts.cutCues == 3 || segment.counts.cutCues == 2)
    }

    @Test("a segment of the largest size is read in linear time")
    func large() {
        let cue = Array("00:01.000 --> 00:02.000\nx\n\n".utf8)
        var bytes = Array("WEBVTT\n\n".utf8)
        while bytes.count < 1 << 20 { bytes += cue }
        let segment = WebVTTParser.parse(bytes)
        #expect(segment.cues.count == (bytes.count - 8) / cue.count)
    }

    @Test(
        "what begins like WebVTT",
        arguments: [
            ("WEBVTT", true), ("WEBVTT\n", true), ("\u{FEFF}WEBVTT x", true), ("\n\n WEBVTT\t", true),
            ("WEBVTTX", false),
            ("WEB", false), ("", false),
        ]
    )
    func signature(_ text: String, _ isOne: Bool) {
        #expect(WebVTTParser.isSignature(Array(text.utf8)) == isOne)
    }
}
