import Testing

@testable import HLS

/// What each tag of a Media Playlist means, one test per section of RFC 8216bis.
@Suite("Media Playlists")
struct MediaPlaylistTests {
    @Test("§4.1: LF, CRLF and no final line end read the same", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(terminator: String) throws {
        let lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:10", "", "# comment", "#EXTINF:9,x", "a.ts", "#EXT-X-ENDLIST"]
        for text in [lines.joined(separator: terminator), lines.joined(separator: terminator) + terminator] {
            let playlist = try parseMedia(text)
            #expect(playlist.segments.map(\.uri) == ["a.ts"])
            #expect(playlist.segments.first?.title == "x")
            #expect(playlist.hasEndList)
        }
    }

    @Test("§4.1: invalid UTF-8 is replaced, and strict refuses it")
    func invalidUTF8() throws {
        let uri = try #require(ResourceURI("http://h/p"))
        let bytes = Array("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,a".utf8) + [0xFF] + Array("b\ns.ts\n".utf8)
        guard case .media(let playlist) = try PlaylistParser().parse(bytes, uri: uri) else { throw UnexpectedKind() }
        #expect(playlist.segments.first?.title == "a\u{FFFD}b")
        #expect(playlist.warnings.contains { $0.leniency == .invalidUTF8 && $0.line == 3 })
        #expect(throws: PlaylistError.self) {
            try PlaylistParser(options: .init(isStrict: true)).parse(bytes, uri: uri)
        }
    }

    @Test("§4.1: UTF-16 is refused", arguments: [[0xFE, 0xFF], [0xFF, 0xFE]] as [[UInt8]])
    func utf16(mark: [UInt8]) throws {
        let uri = try #require(ResourceURI("http://h/p"))
        #expect(throws: PlaylistError.self) { try PlaylistParser().parse(mark + [0, 0x23], uri: uri) }
    }

    @Test("§4.1: comments and blank lines before #EXTM3U are no leniency")
    func commentsFirst() throws {
        #expect(try parse("# hello\n\n#comment\n" + media(), isStrict: true).warnings == [])
    }

    @Test(
        "§4.1: a playlist with Media Playlist tags and no segment is empty, one with no tags an empty Multivariant one"
    )
    func emptyPlaylists() throws {
        #expect(try parseMedia("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-ENDLIST\n").segments.isEmpty)
        #expect(try parseMultivariant("#EXTM3U\n").variants.isEmpty)
    }

    @Test("§6.3.1: unknown tags, attributes and dialects are ignored, even under strict")
    func unknownThings() throws {
        let text = media(
            "#EXT-X-CUE-OUT:30",
            "#EXTVLCOPT:http-user-agent=x",
            "#EXT-X-ALLOW-CACHE:NO",
            "#EXTGRP:a",
            "#ext-x-gap",
            "#EXT-X-MAP:URI=\"i\",NEW=1",
            "#EXT-X-GAPS",
            "#EXTINF2:4,"
        )
        let playlist = try parseMedia(text, isStrict: true)
        #expect(playlist.segments.count == 1)
        #expect(playlist.segments.first?.isGap == false)
        #expect(playlist.segments.first?.initializationSection?.uri == "i")
    }

    @Test("§6.3.1: a tag with an unknown REQ- attribute is ignored")
    func unknownRequirement() throws {
        #expect(try parseMedia(media("#EXT-X-MAP:URI=\"i\",REQ-X=1")).segments.first?.initializationSection == nil)
        #expect(try parseMedia(media("#EXT-X-START:TIME-OFFSET=1,REQ-X=1"), isStrict: true).start == nil)
    }

    @Test("§6.3.1: a tag with an unknown enumerated value is ignored")
    func unknownEnumeration() throws {
        #expect(try parseMedia(media("#EXT-X-START:TIME-OFFSET=1,PRECISE=MAYBE"), isStrict: true).start == nil)
        #expect(try parseMedia(media("#EXT-X-PRELOAD-HINT:TYPE=NEW,URI=\"u\""), isStrict: true).preloadHints == [])
    }

    @Test("§4.2: commas and equal signs inside quotes belong to the value")
    func quotes() throws {
        let section = try parseMedia(media("#EXT-X-MAP:X=\"a,URI=b\",URI=\"i?a=1,2=3\",BYTERANGE=\"5@7\"")).segments
            .first?.initializationSection
        #expect(section?.uri == "i?a=1,2=3")
        #expect(section?.resolvedURI.text == "https://h.example/v/i?a=1,2=3")
        #expect(section?.byteRange == ByteRange(offset: 7, length: 5))
    }

    @Test("§4.2: the first of two equal names counts")
    func firstAttributeCounts() throws {
        let playlist = try parseMedia(media("#EXT-X-MAP:URI=\"i\",URI=\"j\""))
        #expect(playlist.segments.first?.initializationSection?.uri == "i")
    }

    @Test("§4.4.2.2: START, both signs; it cuts nothing")
    func start() throws {
        let playlist = try parseMedia(media("#EXT-X-START:TIME-OFFSET=-12.5,PRECISE=YES"), isStrict: true)
        #expect(playlist.start == StartPoint(timeOffsetMicroseconds: -12_500_000, isPrecise: true))
        var schedule = SegmentSchedule()
        try schedule.ingest(playlist)
        #expect(schedule.plannedSegmentCount == 1)
    }

    @Test("§4.4.2.3: NAME, IMPORT and QUERYPARAM, in URI lines, quoted strings and hexadecimal sequences")
    func variables() throws {
        let text = media(
            "#EXT-X-DEFINE:NAME=\"n\",VALUE=\"a b\"",
            "#EXT-X-DEFINE:IMPORT=\"i\"",
            "#EXT-X-DEFINE:QUERYPARAM=\"t\"",
            "#EXT-X-DEFINE:NAME=\"nested\",VALUE=\"{$t}-{$\"",
            "#EXT-X-DEFINE:NAME=\"empty\",VALUE=\"\"",
            "#EXT-X-MAP:URI=\"{$n}/{$i}{$empty}\"",
            "#EXT-X-KEY:METHOD=AES-128,URI=\"k{$t}\",IV=0x{$t}{$t}",
            "#EXTINF:9,{$n}",
            "{$nested}{$}{$n }{$n"
        )
        let playlist = try parseMedia(text, isStrict: true, imports: ["i": "{$n}"])
        let segment = try #require(playlist.segments.first)
        // A result is not searched again, and what is no reference stays.
        #expect(segment.uri == "1-{${$}{$n }{$n")
        #expect(segment.title == "{$n}")
        #expect(segment.initializationSection?.uri == "a b/{$n}")
        #expect(segment.key?.uri == "k1")
        #expect(segment.key?.initializationVector == InitializationVector(mediaSequenceNumber: 0x11))
        #expect(playlist.variables["nested"] == "1-{$")
    }

    @Test("§4.4.3: the tags of the playlist")
    func playlistTags() throws {
        let playlist = try parseMedia(
            media(
                "#EXT-X-MEDIA-SEQUENCE:7",
                "#EXT-X-DISCONTINUITY-SEQUENCE:3",
                "#EXT-X-PLAYLIST-TYPE:VOD",
                "#EXT-X-I-FRAMES-ONLY",
                "#EXT-X-INDEPENDENT-SEGMENTS"
            ),
            isStrict: true
        )
        #expect(playlist.version == 13)
        #expect(playlist.targetDuration == 10)
        #expect(playlist.mediaSequence == 7)
        #expect(playlist.discontinuitySequence == 3)
        #expect(playlist.playlistType == .vod)
        #expect(playlist.isIFramesOnly && playlist.hasEndList && playlist.hasIndependentSegments && playlist.isComplete)
        #expect(try parseMedia(media("#EXT-X-PLAYLIST-TYPE:EVENT")).playlistType == .event)
    }

    @Test("§4.4.3.1: a missing target duration is the longest segment, rounded; of a decimal one the next whole second")
    func targetDuration() throws {
        #expect(try parseMedia("#EXTM3U\n#EXTINF:3.5,\na\n#EXTINF:2,\nb\n").targetDuration == 4)
        #expect(try parseMedia("#EXTM3U\n#EXTINF:0,\na\n").targetDuration == 1)
        #expect(try parseMedia("#EXTM3U\n#EXT-X-TARGETDURATION:9.1\n#EXTINF:3.5,\na\n").targetDuration == 10)
        #expect(try parseMedia("#EXTM3U\n#EXT-X-TARGETDURATION:9.0\n#EXTINF:3.5,\na\n").targetDuration == 9)
    }

    @Test("§4.4.3.2, §4.4.3.3: numbers count up; every EXT-X-DISCONTINUITY counts")
    func sequenceNumbers() throws {
        let playlist = try parseMedia(
            media(
                "#EXT-X-MEDIA-SEQUENCE:18446744073709551613",
                "#EXT-X-DISCONTINUITY-SEQUENCE:5",
                "#EXT-X-DISCONTINUITY",
                "#EXTINF:1,",
                "a",
                "#EXTINF:1,",
                "b",
                "#EXT-X-DISCONTINUITY",
                "#EXT-X-DISCONTINUITY"
            )
        )
        #expect(playlist.segments.map(\.mediaSequenceNumber) == [.max - 2, .max - 1, .max])
        #expect(playlist.segments.map(\.discontinuitySequence) == [6, 6, 8])
        #expect(playlist.segments.map(\.hasDiscontinuity) == [true, false, true])
    }

    @Test("§4.4.3.4: ENDLIST may stand anywhere")
    func endListFirst() throws {
        #expect(
            try parseMedia("#EXTM3U\n#EXT-X-ENDLIST\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na\n", isStrict: true)
                .hasEndList
        )
    }

    @Test(
        "§4.4.4.1: EXTINF in microseconds, with and without comma",
        arguments: [
            ("9", 9_000_000, nil), ("9,", 9_000_000, nil), ("9.5,title, with comma", 9_500_000, "title, with comma"),
            ("0.0000004,", 0, nil), ("0.0000005,", 1, nil), ("1.9999999,", 2_000_000, nil), (".5,", 500_000, nil),
            ("3.,  ", 3_000_000, nil), ("0,", 0, nil), ("00009.009009009,x", 9_009_009, "x"),
            ("10.0,  t  ", 10_000_000, "t"),
        ] as [(String, Int64, String?)]
    )
    func durations(value: String, microseconds: Int64, title: String?) throws {
        let segment = try parseMedia("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:\(value)\ns\n").segments.first
        #expect(segment?.durationMicroseconds == microseconds)
        #expect(segment?.title == title)
    }

    @Test("§4.4.4.1: without EXTINF the target duration is assumed, wherever it stands")
    func missingDuration() throws {
        let playlist = try parseMedia("#EXTM3U\na\n#EXTINF:2,\nb\n#EXT-X-TARGETDURATION:7\nc\n")
        #expect(playlist.segments.map(\.durationMicroseconds) == [7_000_000, 2_000_000, 7_000_000])
    }

    @Test("§4.4.4.2: byte ranges continue per URI; the tag may stand before or after EXTINF")
    func byteRanges() throws {
        let playlist = try parseMedia(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-BYTERANGE:10@5\n#EXTINF:1,\na\n#EXTINF:1,\n#EXT-X-BYTERANGE:20\na\n"
                + "#EXT-X-BYTERANGE:1@0\n#EXTINF:1,\nb\n#EXT-X-BYTERANGE:7\n#EXTINF:1,\na\n#EXTINF:1,\nb\n"
        )
        let ranges = playlist.segments.map { $0.byteRange.map { [$0.offset, $0.end] } ?? [] }
        #expect(ranges == [[5, 15], [15, 35], [0, 1], [35, 42], []])
        #expect(playlist.warnings.map(\.leniency).contains(.byteRangeOfOtherResource))
    }

    @Test("§4.4.4.5: MAP stays until the next MAP, with the keys in force at its tag")
    func maps() throws {
        let playlist = try parseMedia(
            media(
                "#EXT-X-MAP:URI=\"a\"",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1",
                "#EXTINF:1,",
                "1",
                "#EXT-X-MAP:URI=\"b\"",
                "#EXT-X-KEY:METHOD=NONE",
                "#EXT-X-DISCONTINUITY",
                "#EXTINF:1,",
                "2"
            ),
            isStrict: true
        )
        #expect(playlist.segments.map { $0.initializationSection?.uri } == ["a", "b", "b"])
        #expect(playlist.segments.map { $0.initializationSection?.keys.count } == [0, 1, 1])
        #expect(playlist.segments.map(\.keys.count) == [1, 0, 0])
        #expect(playlist.segments[1].initializationSection === playlist.segments[2].initializationSection)
    }

    @Test("§4.4.4.7, §4.4.4.8: GAP holds for one segment, BITRATE until the next, but not for byte ranges")
    func gapAndBitrate() throws {
        let playlist = try parseMedia(
            media("#EXT-X-BITRATE:1000", "#EXT-X-GAP", "#EXTINF:1,", "1", "#EXTINF:1,", "#EXT-X-BYTERANGE:1@0", "2"),
            isStrict: true
        )
        #expect(playlist.segments.map(\.isGap) == [true, false, false])
        #expect(playlist.segments.map(\.bitrateKbps) == [1000, nil, 1000])
    }

    @Test("§4.4.4.9: Partial Segments, their ranges and their parents")
    func parts() throws {
        let playlist = try parseMedia(
            """
            #EXTM3U
            #EXT-X-VERSION:9
            #EXT-X-TARGETDURATION:4
            #EXT-X-PART-INF:PART-TARGET=1.0
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.0,CAN-SKIP-UNTIL=24,HOLD-BACK=12
            #EXT-X-MEDIA-SEQUENCE:10
            #EXT-X-PART:DURATION=1,URI="p",BYTERANGE="5@0",INDEPENDENT=YES
            #EXT-X-PART:DURATION=1,URI="p",BYTERANGE="6"
            #EXTINF:4,
            s10
            #EXT-X-PART:DURATION=0.5,URI="q",GAP=YES
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI="r",BYTERANGE-START=9
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI="second"
            #EXT-X-RENDITION-REPORT:URI="../1M/w.m3u8",LAST-MSN=273,LAST-PART=1
            """,
            isStrict: true
        )
        let parts = playlist.partialSegments
        #expect(parts.map(\.mediaSequenceNumber) == [10, 10, 11])
        #expect(parts.map(\.partIndex) == [0, 1, 0])
        #expect(parts.map { $0.byteRange?.end } == [5, 11, nil])
        #expect(parts.map(\.isIndependent) == [true, false, false])
        #expect(parts.map(\.isGap) == [false, false, true])
        #expect(playlist.partTargetMicroseconds == 1_000_000)
        #expect(playlist.serverControl?.canBlockReload == true)
        #expect(playlist.serverControl?.canSkipUntilMicroseconds == 24_000_000)
        #expect(playlist.preloadHints == [PreloadHint(type: .part, uri: "r", offset: 9, length: nil)])
        #expect(
            playlist.renditionReports == [
                RenditionReport(uri: "../1M/w.m3u8", lastMediaSequenceNumber: 273, lastPartIndex: 1)
            ]
        )
    }

    @Test("§4.4.5.1: Date Ranges merge by ID")
    func dateRanges() throws {
        let playlist = try parseMedia(
            media(
                "#EXT-X-PROGRAM-DATE-TIME:2010-02-19T14:54:23.031+08:00",
                "#EXT-X-DATERANGE:ID=\"a\",CLASS=\"c\",START-DATE=\"2010-02-19T14:54:23Z\",PLANNED-DURATION=59.99,SCTE35-OUT=0xFC,CUE=\"ONCE,NEW\"",
                "#EXT-X-DATERANGE:ID=\"b\",START-DATE=\"2010-02-19T14:54:23Z\",X-A=\"x,y\",DURATION=0",
                "#EXT-X-DATERANGE:ID=\"a\",DURATION=59.993,SCTE35-IN=0xFD"
            ),
            isStrict: true
        )
        #expect(playlist.dateRanges.map(\.id) == ["a", "b"])
        let first = try #require(playlist.dateRanges.first)
        #expect(first.className == "c")
        #expect(first.durationMicroseconds == 59_993_000)
        #expect(first.plannedDurationMicroseconds == 59_990_000)
        #expect(first.attributes == ["SCTE35-OUT": "0xFC", "SCTE35-IN": "0xFD"])
        #expect(first.cues == ["ONCE"])
        #expect(playlist.dateRanges.last?.attributes == ["X-A": "x,y"])
        #expect(playlist.segments.first?.programDateTime?.text == "2010-02-19T14:54:23.031+08:00")
        #expect(playlist.segments.first?.programDateTime?.date.millisecondsSince1970 == 1_266_562_463_031)
    }

    @Test("§4.4.5.2: SKIP stands for segments, and their numbers count")
    func skip() throws {
        let playlist = try parseMedia(
            media("#EXT-X-MEDIA-SEQUENCE:5", "#EXT-X-SKIP:SKIPPED-SEGMENTS=3,RECENTLY-REMOVED-DATERANGES=\"a\tb\""),
            isStrict: true
        )
        #expect(playlist.skip == SkippedSegments(count: 3, removedDateRangeIDs: ["a", "b"]))
        #expect(playlist.segments.first?.mediaSequenceNumber == 8)
    }

    @Test("Lines survive: of the URI, of the section")
    func lines() throws {
        let playlist = try parseMedia(media("", "#EXT-X-MAP:URI=\"i\"", "# c"))
        #expect(playlist.segments.first?.line == 8)
        #expect(playlist.segments.first?.initializationSection?.line == 5)
    }

    @Test("A fault repeated many times is one warning with a count")
    func warningsAreCounted() throws {
        let text = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n" + String(repeating: "#EXTINF:-1,\ns \n", count: 100)
        let warnings = try parse(text).warnings
        #expect(warnings.map(\.leniency) == [.unknownSegmentDuration, .surroundingBlanks])
        #expect(warnings.map(\.occurrences) == [100, 100])
        #expect(warnings.map(\.line) == [3, 4])
        #expect(warnings.first?.description.contains("100 times") == true)
    }

    @Test("Messages are safe for a terminal and show no secret")
    func messages() throws {
        for text in [
            media("#EXT-X-MEDIA-SEQUENCE:\u{202E}\u{200B}x"),
            media("#EXT-X-KEY:METHOD=AES-128,URI=\"http:///?k=secret\""),
            media("#EXTINF:1,", "http:///secret"), media("#EXT-X-DEFINE:NAME=\"a\u{2066} \",VALUE=\"secret\""),
            media("#EXTINF:" + String(repeating: "x", count: 100_000)),
        ] {
            do {
                _ = try parse(text)
                Issue.record("accepted")
            } catch {
                let message = "\(error)"
                #expect(!message.contains("secret"))
                #expect(message.count < 300)
                #expect(message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .format })
            }
        }
    }
}
