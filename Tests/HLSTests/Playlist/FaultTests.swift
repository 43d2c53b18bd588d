import HLS
import Testing

/// Every rule that a playlist can break: what happens by default, and what `--strict` says, with line and section.
@Suite("Faults")
struct FaultTests {
    @Test("Each fault is tolerated by name or refused; strict refuses all", arguments: text + attributes + mediaTags)
    func playlistFaults(fault: Fault) throws { try check(fault) }

    @Test("Each fault of segment tags", arguments: segmentTags + lowLatency)
    func segmentFaults(fault: Fault) throws { try check(fault) }

    @Test("Each fault of Multivariant Playlists", arguments: multivariantTags)
    func multivariantFaults(fault: Fault) throws { try check(fault) }

    private func check(_ fault: Fault) throws {
        var refusal: PlaylistError?
        do { _ = try parse(fault.text, isStrict: true) } catch { refusal = error as? PlaylistError }
        let error = try #require(refusal, "accepted under --strict")
        #expect(error.section == fault.section)
        #expect(error.line == fault.line)
        if let leniency = fault.leniency {
            #expect(error.kind == .strict(leniency))
            let warnings = try parse(fault.text).warnings
            #expect(warnings.map(\.leniency).contains(leniency))
            #expect(warnings.first { $0.leniency == leniency }?.line == fault.line)
        } else {
            #expect(throws: PlaylistError.self) { try parse(fault.text) }
        }
    }

    @Test("Every leniency has a fault in these tables")
    func tablesAreComplete() {
        let all =
            Self.text + Self.attributes + Self.mediaTags + Self.segmentTags + Self.lowLatency
            + Self.multivariantTags
        let covered = Set(all.compactMap(\.leniency)).union([.invalidUTF8])
        #expect(Leniency.allCases.filter { !covered.contains($0) } == [])
    }

    @Test("The playlists that the faults are made of are themselves without fault")
    func frameIsStrict() throws {
        #expect(try parse(media(), isStrict: true).warnings == [])
        #expect(try parse(multivariant(), isStrict: true).warnings == [])
    }

    static let text: [Fault] = [
        Fault("BOM", "\u{FEFF}" + media(), tolerated: .byteOrderMark, section: "4.1", line: 1),
        Fault("no #EXTM3U", "#EXTINF:9,\ns.ts\n", section: "4.4.1.1", line: 0),
        Fault("empty text", "", section: "4.4.1.1", line: 0),
        Fault("a web page", "<html><body>#EXTM3U</body></html>", section: "4.4.1.1", line: 0),
        Fault(
            "text before #EXTM3U",
            "x\n" + media(),
            tolerated: .contentBeforeHeader,
            section: "4.4.1.1",
            line: 1
        ),
        Fault(
            "tag before #EXTM3U",
            "# c\n#EXTINF:1,\n" + media(),
            tolerated: .contentBeforeHeader,
            section: "4.4.1.1",
            line: 2
        ),
        Fault("second #EXTM3U", media("#EXTM3U"), tolerated: .repeatedTag, section: "4.4.1.1", line: 4),
        Fault("TAB in a title", media("#EXTINF:9,a\tb", "t.ts"), tolerated: .controlCharacter, section: "4.1", line: 4),
        Fault(
            "NUL in a title",
            media("#EXTINF:9,a\u{0}b", "t.ts"),
            tolerated: .controlCharacter,
            section: "4.1",
            line: 4
        ),
        Fault(
            "C1 control in a URI",
            media("#EXTINF:9,", "t\u{9B}.ts"),
            tolerated: .controlCharacter,
            section: "4.1",
            line: 5
        ),
        Fault(
            "DEL in a URI",
            media("#EXTINF:9,", "t\u{7F}.ts"),
            tolerated: .controlCharacter,
            section: "4.1",
            line: 5
        ),
        Fault(
            "lone CR ends a line",
            media("#EXTINF:9,\rt.ts"),
            tolerated: .loneCarriageReturn,
            section: "4.1",
            line: 4
        ),
        Fault(
            "blank after a URI",
            media("#EXTINF:9,", "t.ts \t"),
            tolerated: .surroundingBlanks,
            section: "4.1",
            line: 5
        ),
        Fault(
            "blank before a tag",
            media(" #EXT-X-GAP"),
            tolerated: .surroundingBlanks,
            section: "4.1",
            line: 4
        ),
        Fault(
            "blank after a colon",
            media("#EXT-X-MEDIA-SEQUENCE: 1"),
            tolerated: .surroundingBlanks,
            section: "4.4.3.2",
            line: 4
        ),
        Fault(
            "commented-out line",
            media("//#EXT-X-GAP"),
            tolerated: .commentedOutLine,
            section: "4.1",
            line: 4
        ),
        Fault("URI that is none", media("#EXTINF:9,", "http:///t.ts"), section: "4.1", line: 5),
        Fault("URI with a bad scheme", media("#EXTINF:9,", "1:t.ts"), section: "4.1", line: 5),
        Fault(
            "media and multivariant tags",
            media("#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\""),
            tolerated: .mixedPlaylistKinds,
            section: "4.4.6",
            line: 4
        ),
        Fault(
            "multivariant and media tags",
            multivariant("#EXT-X-TARGETDURATION:1"),
            tolerated: .mixedPlaylistKinds,
            section: "4.4.6",
            line: 3
        ),
    ]

    static let attributes: [Fault] = [
        Fault(
            "blank after a comma",
            media("#EXT-X-MAP:URI=\"i\", X=1"),
            tolerated: .surroundingBlanks,
            section: "4.2",
            line: 4
        ),
        Fault(
            "blank before =",
            media("#EXT-X-MAP:URI =\"i\""),
            tolerated: .surroundingBlanks,
            section: "4.2",
            line: 4
        ),
        Fault(
            "blank after =",
            media("#EXT-X-MAP:URI= \"i\""),
            tolerated: .surroundingBlanks,
            section: "4.2",
            line: 4
        ),
        Fault(
            "blank after a value",
            media("#EXT-X-MAP:URI=\"i\" ,X=1"),
            tolerated: .surroundingBlanks,
            section: "4.2",
            line: 4
        ),
        Fault(
            "comma at the end",
            media("#EXT-X-MAP:URI=\"i\","),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "two commas",
            media("#EXT-X-MAP:URI=\"i\",,X=1"),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "name without value",
            media("#EXT-X-MAP:X,URI=\"i\""),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "value without name",
            media("#EXT-X-MAP:=1,URI=\"i\""),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "lower-case name",
            media("#EXT-X-MAP:URI=\"i\",x=1"),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "open quote",
            media("#EXT-X-MAP:URI=\"i"),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "text after a quote",
            media("#EXT-X-MAP:URI=\"i\"x"),
            tolerated: .malformedAttributeList,
            section: "4.2",
            line: 4
        ),
        Fault(
            "repeated name",
            media("#EXT-X-MAP:URI=\"i\",URI=\"j\""),
            tolerated: .repeatedAttribute,
            section: "4.2",
            line: 4
        ),
        Fault(
            "unquoted string",
            media("#EXT-X-MAP:URI=i"),
            tolerated: .unquotedString,
            section: "4.2",
            line: 4
        ),
        Fault(
            "empty string",
            media("#EXT-X-MAP:URI=\"\""),
            tolerated: .invalidAttributeValue,
            section: "4.2",
            line: 4
        ),
        Fault(
            "quoted enumeration",
            media("#EXT-X-KEY:METHOD=\"NONE\""),
            tolerated: .quotedEnumeration,
            section: "4.2",
            line: 4
        ),
        Fault(
            "integer of 21 digits",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=000000000000000000001", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.2",
            line: 3
        ),
        Fault(
            "integer above 2^64-1",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=18446744073709551616", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.2",
            line: 3
        ),
        Fault(
            "float with exponent",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1,SCORE=1e3", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.2",
            line: 3
        ),
        Fault(
            "negative float",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE=-1", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.2",
            line: 3
        ),
        Fault(
            "resolution without height",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=10x", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.2",
            line: 3
        ),
        Fault("undefined variable in a URI", media("#EXTINF:9,", "{$x}.ts"), section: "6.3.1", line: 5),
        Fault(
            "variable defined later",
            media("#EXT-X-MAP:URI=\"{$x}\"", "#EXT-X-DEFINE:NAME=\"x\",VALUE=\"i\""),
            section: "6.3.1",
            line: 4
        ),
    ]

    static let mediaTags: [Fault] = [
        Fault("two versions", media("#EXT-X-VERSION:13"), section: "4.4.1.2", line: 4),
        Fault(
            "version that is none",
            "#EXTM3U\n#EXT-X-VERSION:x\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ns\n",
            tolerated: .invalidTagValue,
            section: "4.4.1.2",
            line: 2
        ),
        Fault("version 14", "#EXTM3U\n#EXT-X-VERSION:14\n#EXT-X-TARGETDURATION:1\n", section: "4.4.1.2", line: 2),
        Fault(
            "two INDEPENDENT-SEGMENTS",
            media("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-INDEPENDENT-SEGMENTS"),
            section: "4.4.2.1",
            line: 5
        ),
        Fault(
            "two START",
            media("#EXT-X-START:TIME-OFFSET=1", "#EXT-X-START:TIME-OFFSET=1"),
            section: "4.4.2.2",
            line: 5
        ),
        Fault(
            "START without TIME-OFFSET",
            media("#EXT-X-START:PRECISE=YES"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.2.2",
            line: 4
        ),
        Fault("DEFINE of nothing", media("#EXT-X-DEFINE:VALUE=\"x\""), section: "4.4.2.3", line: 4),
        Fault(
            "DEFINE of two",
            media("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x\",QUERYPARAM=\"t\""),
            section: "4.4.2.3",
            line: 4
        ),
        Fault("DEFINE NAME without VALUE", media("#EXT-X-DEFINE:NAME=\"a\""), section: "4.4.2.3", line: 4),
        Fault(
            "DEFINE twice",
            media("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x\"", "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x\""),
            section: "4.4.2.3",
            line: 5
        ),
        Fault(
            "DEFINE with a bad name",
            media("#EXT-X-DEFINE:NAME=\"a b\",VALUE=\"x\""),
            section: "4.4.2.3",
            line: 4
        ),
        Fault("DEFINE IMPORT of nothing", media("#EXT-X-DEFINE:IMPORT=\"a\""), section: "4.4.2.3", line: 4),
        Fault(
            "DEFINE QUERYPARAM that is missing",
            media("#EXT-X-DEFINE:QUERYPARAM=\"z\""),
            section: "4.4.2.3",
            line: 4
        ),
        Fault(
            "DEFINE QUERYPARAM without value",
            media("#EXT-X-DEFINE:QUERYPARAM=\"e\""),
            section: "4.4.2.3",
            line: 4
        ),
        Fault(
            "DEFINE QUERYPARAM with a quote",
            media("#EXT-X-DEFINE:QUERYPARAM=\"q\""),
            section: "4.4.2.3",
            line: 4
        ),
        Fault(
            "no TARGETDURATION",
            "#EXTM3U\n#EXTINF:1,\ns\n",
            tolerated: .missingRequiredTag,
            section: "4.4.3.1",
            line: 0
        ),
        Fault(
            "TARGETDURATION 0",
            "#EXTM3U\n#EXT-X-TARGETDURATION:0\n#EXTINF:0,\ns\n",
            tolerated: .invalidTagValue,
            section: "4.4.3.1",
            line: 2
        ),
        Fault(
            "decimal TARGETDURATION",
            "#EXTM3U\n#EXT-X-TARGETDURATION:1.5\n#EXTINF:1,\ns\n",
            tolerated: .invalidTagValue,
            section: "4.4.3.1",
            line: 2
        ),
        Fault(
            "two TARGETDURATION",
            media("#EXT-X-TARGETDURATION:10"),
            tolerated: .repeatedTag,
            section: "4.4.3",
            line: 4
        ),
        Fault(
            "EXTINF above TARGETDURATION",
            media("#EXTINF:10.5,", "t.ts"),
            tolerated: .segmentLongerThanTargetDuration,
            section: "4.4.3.1",
            line: 4
        ),
        Fault("MEDIA-SEQUENCE that is none", media("#EXT-X-MEDIA-SEQUENCE:-1"), section: "4.4.3.2", line: 4),
        Fault(
            "MEDIA-SEQUENCE after a segment",
            media("#EXTINF:9,", "t.ts", "#EXT-X-MEDIA-SEQUENCE:1"),
            tolerated: .tagAfterFirstSegment,
            section: "4.4.3.2",
            line: 6
        ),
        Fault(
            "Media Sequence Number above 2^64-1",
            media("#EXT-X-MEDIA-SEQUENCE:18446744073709551615", "#EXTINF:1,", "t.ts"),
            section: "4.4.3.2",
            line: 8
        ),
        Fault(
            "DISCONTINUITY-SEQUENCE that is none",
            media("#EXT-X-DISCONTINUITY-SEQUENCE:x"),
            tolerated: .invalidTagValue,
            section: "4.4.3.3",
            line: 4
        ),
        Fault(
            "DISCONTINUITY-SEQUENCE after a segment",
            media("#EXTINF:9,", "t.ts", "#EXT-X-DISCONTINUITY-SEQUENCE:1"),
            tolerated: .tagAfterFirstSegment,
            section: "4.4.3.3",
            line: 6
        ),
        Fault(
            "DISCONTINUITY-SEQUENCE after a DISCONTINUITY",
            media("#EXT-X-DISCONTINUITY", "#EXT-X-DISCONTINUITY-SEQUENCE:1"),
            tolerated: .tagAfterFirstSegment,
            section: "4.4.3.3",
            line: 5
        ),
        Fault(
            "Discontinuity Sequence above 2^64-1",
            media("#EXT-X-DISCONTINUITY-SEQUENCE:18446744073709551615", "#EXT-X-DISCONTINUITY"),
            section: "4.4.3.3",
            line: 7
        ),
        Fault(
            "unknown PLAYLIST-TYPE",
            media("#EXT-X-PLAYLIST-TYPE:LIVE"),
            tolerated: .invalidTagValue,
            section: "4.4.3.5",
            line: 4
        ),
        Fault(
            "PART-INF without PART-TARGET",
            media("#EXT-X-PART-INF:X=1"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.3.7",
            line: 4
        ),
        Fault(
            "decimal EXTINF in version 2",
            "#EXTM3U\n#EXT-X-VERSION:2\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.5,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 4
        ),
        Fault(
            "IV in version 1",
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 3
        ),
        Fault(
            "BYTERANGE in version 3",
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-BYTERANGE:1@0\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 4
        ),
        Fault(
            "KEYFORMAT in version 4",
            "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",KEYFORMAT=\"identity\"\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 4
        ),
        Fault(
            "DEFINE in version 7",
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x\"\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 4
        ),
        Fault(
            "QUERYPARAM in version 10",
            "#EXTM3U\n#EXT-X-VERSION:10\n#EXT-X-TARGETDURATION:2\n#EXT-X-DEFINE:QUERYPARAM=\"t\"\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 4
        ),
        Fault(
            "MAP in version 5",
            "#EXTM3U\n#EXT-X-VERSION:5\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 4
        ),
        Fault(
            "MAP of I-frames in version 4",
            "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:2\n#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\ns\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 5
        ),
    ]
}
