import HLS

extension FaultTests {
    static let segmentTags: [Fault] = [
        Fault("URI without EXTINF", media("t.ts"), tolerated: .missingSegmentDuration, section: "4.4.4.1", line: 4),
        Fault("gap without EXTINF", media("#EXT-X-GAP", "t.ts"), section: "4.4.4.1", line: 5),
        Fault("EXTINF without number", media("#EXTINF:,t", "t.ts"), section: "4.4.4.1", line: 4),
        Fault(
            "EXTINF without comma",
            media("#EXTINF:9", "t.ts"),
            tolerated: .missingComma,
            section: "4.4.4.1",
            line: 4
        ),
        Fault(
            "EXTINF -1",
            media("#EXTINF:-1,t", "t.ts"),
            tolerated: .unknownSegmentDuration,
            section: "4.4.4.1",
            line: 4
        ),
        Fault("EXTINF -2", media("#EXTINF:-2,t", "t.ts"), section: "4.4.4.1", line: 4),
        Fault("EXTINF nan", media("#EXTINF:nan,t", "t.ts"), section: "4.4.4.1", line: 4),
        Fault("EXTINF inf", media("#EXTINF:inf,t", "t.ts"), section: "4.4.4.1", line: 4),
        Fault("EXTINF above a day", media("#EXTINF:86401,t", "t.ts"), section: "4.4.4.1", line: 4),
        Fault("EXTINF beyond 64 bits", media("#EXTINF:99999999999999999999,t", "t.ts"), section: "4.4.4.1", line: 4),
        Fault(
            "EXTINF with a word before the comma",
            media("#EXTINF:9 tvg-id=1,t", "t.ts"),
            tolerated: .invalidTagValue,
            section: "4.4.4.1",
            line: 4
        ),
        Fault("two EXTINF, one URI", media("#EXTINF:9,"), tolerated: .missingURI, section: "4.4.4.1", line: 5),
        Fault("EXTINF at the end", media() + "#EXTINF:9,\n", tolerated: .missingURI, section: "4.4.4.1", line: 7),
        Fault("BYTERANGE without offset, nothing before", media("#EXT-X-BYTERANGE:5"), section: "4.4.4.2", line: 4),
        Fault(
            "BYTERANGE without offset, other URI before",
            media("#EXT-X-BYTERANGE:5@0", "#EXTINF:9,", "t.ts", "#EXT-X-BYTERANGE:5"),
            section: "4.4.4.2",
            line: 7
        ),
        Fault(
            "BYTERANGE without offset, whole resource before",
            media("#EXTINF:9,", "s.ts", "#EXT-X-BYTERANGE:5"),
            section: "4.4.4.2",
            line: 6
        ),
        Fault(
            "BYTERANGE continues past another URI",
            media(
                "#EXT-X-BYTERANGE:5@0",
                "#EXTINF:9,",
                "s.ts",
                "#EXT-X-BYTERANGE:5@0",
                "#EXTINF:9,",
                "t.ts",
                "#EXT-X-BYTERANGE:5"
            ),
            tolerated: .byteRangeOfOtherResource,
            section: "4.4.4.2",
            line: 10
        ),
        Fault("BYTERANGE that is none", media("#EXT-X-BYTERANGE:5@x"), section: "4.4.4.2", line: 4),
        Fault("BYTERANGE of nothing", media("#EXT-X-BYTERANGE:0@5"), section: "4.4.4.2", line: 4),
        Fault("BYTERANGE beyond 2^64", media("#EXT-X-BYTERANGE:18446744073709551615@1"), section: "4.4.4.2", line: 4),
        Fault("BYTERANGE beyond 2^63", media("#EXT-X-BYTERANGE:1@9223372036854775807"), section: "4.4.4.2", line: 4),
        Fault("KEY without METHOD", media("#EXT-X-KEY:URI=\"k\""), section: "4.4.4.4", line: 4),
        Fault("KEY without URI", media("#EXT-X-KEY:METHOD=AES-128"), section: "4.4.4.4", line: 4),
        Fault("KEY with a bad URI", media("#EXT-X-KEY:METHOD=AES-128,URI=\"http:///k\""), section: "4.4.4.4", line: 4),
        Fault(
            "KEY NONE with attributes",
            media("#EXT-X-KEY:METHOD=NONE,URI=\"k\""),
            tolerated: .conflictingAttributes,
            section: "4.4.4.4",
            line: 4
        ),
        Fault(
            "KEY with a bad IV",
            media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0xG"),
            tolerated: .invalidAttributeValue,
            section: "4.4.4.4",
            line: 4
        ),
        Fault(
            "KEY with an IV of 33 digits",
            media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x100000000000000000000000000000000"),
            tolerated: .invalidAttributeValue,
            section: "4.4.4.4",
            line: 4
        ),
        Fault(
            "KEY AES-256-GCM with IV",
            media("#EXT-X-KEY:METHOD=AES-256-GCM,URI=\"k\",IV=0x1"),
            tolerated: .conflictingAttributes,
            section: "4.4.4.4",
            line: 4
        ),
        Fault(
            "KEY SAMPLE-AES-CTR with IV",
            media("#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"k\",IV=0x1"),
            tolerated: .conflictingAttributes,
            section: "4.4.4.4",
            line: 4
        ),
        Fault(
            "MAP without URI",
            media("#EXT-X-MAP:BYTERANGE=\"1@0\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.4.5",
            line: 4
        ),
        Fault("MAP with a bad URI", media("#EXT-X-MAP:URI=\"http:///i\""), section: "4.4.4.5", line: 4),
        Fault(
            "MAP BYTERANGE without offset",
            media("#EXT-X-MAP:URI=\"i\",BYTERANGE=\"5\""),
            tolerated: .invalidAttributeValue,
            section: "4.4.4.5",
            line: 4
        ),
        Fault("MAP BYTERANGE that is none", media("#EXT-X-MAP:URI=\"i\",BYTERANGE=\"x\""), section: "4.4.4.5", line: 4),
        Fault(
            "MAP with AES-128 and no IV",
            media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"", "#EXT-X-MAP:URI=\"i\""),
            tolerated: .initializationSectionWithoutIV,
            section: "4.4.4.5",
            line: 5
        ),
        Fault(
            "PROGRAM-DATE-TIME that is none",
            media("#EXT-X-PROGRAM-DATE-TIME:yesterday"),
            tolerated: .invalidTagValue,
            section: "4.4.4.6",
            line: 4
        ),
        Fault(
            "BITRATE that is none",
            media("#EXT-X-BITRATE:fast"),
            tolerated: .invalidTagValue,
            section: "4.4.4.8",
            line: 4
        ),
        Fault(
            "DATERANGE without ID",
            media("#EXT-X-DATERANGE:START-DATE=\"2020-01-01T00:00:00Z\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE without START-DATE",
            media("#EXT-X-DATERANGE:ID=\"a\""),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE that ends before it starts",
            media("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:01Z\",END-DATE=\"2020-01-01T00:00:00Z\""),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE END-ON-NEXT without CLASS",
            media("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",END-ON-NEXT=YES"),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE END-ON-NEXT with DURATION",
            media(
                "#EXT-X-DATERANGE:ID=\"a\",CLASS=\"c\",DURATION=1,START-DATE=\"2020-01-01T00:00:00Z\",END-ON-NEXT=YES"
            ),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE CUE with PRE and POST",
            media("#EXT-X-DATERANGE:ID=\"a\",CUE=\"PRE,POST\",START-DATE=\"2020-01-01T00:00:00Z\""),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE END-DATE that is not START-DATE plus DURATION",
            media(
                "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",END-DATE=\"2020-01-01T00:00:01Z\",DURATION=1.5"
            ),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "DATERANGE that changes",
            media(
                "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",X-A=\"1\"",
                "#EXT-X-DATERANGE:ID=\"a\",X-A=\"2\""
            ),
            tolerated: .invalidDateRange,
            section: "4.4.5.1",
            line: 5
        ),
        Fault(
            "DATERANGE without any PROGRAM-DATE-TIME",
            media("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\""),
            tolerated: .missingRequiredTag,
            section: "4.4.5.1",
            line: 4
        ),
        Fault(
            "PRELOAD-HINT beside ENDLIST",
            media("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"u\""),
            tolerated: .misplacedTag,
            section: "4.4.5.3",
            line: 0
        ),
        Fault(
            "SKIP without SKIPPED-SEGMENTS",
            media("#EXT-X-SKIP:X=1"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.5.2",
            line: 4
        ),
        Fault(
            "two SKIP",
            media("#EXT-X-SKIP:SKIPPED-SEGMENTS=1", "#EXT-X-SKIP:SKIPPED-SEGMENTS=1"),
            tolerated: .repeatedTag,
            section: "4.4.5.2",
            line: 5
        ),
        Fault(
            "PRELOAD-HINT without URI",
            media("#EXT-X-PRELOAD-HINT:TYPE=PART"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.5.3",
            line: 4
        ),
        Fault(
            "discontinuity at the end",
            media() + "#EXT-X-DISCONTINUITY\n",
            tolerated: .segmentTagsWithoutSegment,
            section: "4.4.4",
            line: 7
        ),
    ]

    static let lowLatency: [Fault] = [
        Fault(
            "CAN-SKIP-UNTIL below 6 target durations",
            media("#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=59.9"),
            tolerated: .lowLatencyRule,
            section: "4.4.3.8",
            line: 0
        ),
        Fault(
            "CAN-SKIP-DATERANGES alone",
            media("#EXT-X-SERVER-CONTROL:CAN-SKIP-DATERANGES=YES"),
            tolerated: .lowLatencyRule,
            section: "4.4.3.8",
            line: 0
        ),
        Fault(
            "HOLD-BACK below 3 target durations",
            media("#EXT-X-SERVER-CONTROL:HOLD-BACK=29.9"),
            tolerated: .lowLatencyRule,
            section: "4.4.3.8",
            line: 0
        ),
        Fault(
            "PART-INF without PART-HOLD-BACK",
            media("#EXT-X-PART-INF:PART-TARGET=1"),
            tolerated: .lowLatencyRule,
            section: "4.4.3.8",
            line: 0
        ),
        Fault(
            "PART-HOLD-BACK below 2 PART-TARGET",
            media("#EXT-X-PART-INF:PART-TARGET=1", "#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=1.9"),
            tolerated: .lowLatencyRule,
            section: "4.4.3.8",
            line: 0
        ),
        Fault(
            "PART without PART-INF",
            media("#EXT-X-PART:URI=\"p\",DURATION=1"),
            tolerated: .missingRequiredTag,
            section: "4.4.3.7",
            line: 0
        ),
        Fault(
            "PART longer than PART-TARGET",
            media(
                "#EXT-X-PART-INF:PART-TARGET=1",
                "#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=3",
                "#EXT-X-PART:URI=\"p\",DURATION=1.1"
            ),
            tolerated: .lowLatencyRule,
            section: "4.4.4.9",
            line: 0
        ),
        Fault(
            "PART without URI",
            media("#EXT-X-PART:DURATION=1"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.4.9",
            line: 4
        ),
        Fault(
            "PART BYTERANGE without offset, nothing before",
            media("#EXT-X-PART:URI=\"p\",DURATION=1,BYTERANGE=\"5\""),
            section: "4.4.4.9",
            line: 4
        ),
        Fault(
            "MAP after a PART",
            media("#EXT-X-PART:URI=\"p\",DURATION=1", "#EXT-X-MAP:URI=\"i\""),
            tolerated: .lowLatencyRule,
            section: "4.4.4.9",
            line: 5
        ),
        Fault(
            "DISCONTINUITY after a PART",
            media("#EXT-X-PART:URI=\"p\",DURATION=1", "#EXT-X-DISCONTINUITY"),
            tolerated: .lowLatencyRule,
            section: "4.4.4.9",
            line: 5
        ),
    ]

    static let multivariantTags: [Fault] = [
        Fault(
            "STREAM-INF without URI line",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2"),
            tolerated: .missingURI,
            section: "4.4.6.2",
            line: 3
        ),
        Fault(
            "STREAM-INF at the end",
            multivariant() + "#EXT-X-STREAM-INF:BANDWIDTH=2\n",
            tolerated: .missingURI,
            section: "4.4.6.2",
            line: 5
        ),
        Fault(
            "STREAM-INF without BANDWIDTH",
            multivariant("#EXT-X-STREAM-INF:CODECS=\"avc1\"", "u"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.2",
            line: 3
        ),
        Fault(
            "STREAM-INF with a bad URI",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2", "http:///u"),
            section: "4.1",
            line: 4
        ),
        Fault("URI line alone", multivariant("u"), tolerated: .misplacedTag, section: "4.4.6.2", line: 3),
        Fault(
            "unknown AUDIO group",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO=\"a\"", "u"),
            tolerated: .undefinedRenditionGroup,
            section: "4.4.6.2",
            line: 3
        ),
        Fault(
            "VIDEO group that is an AUDIO group",
            multivariant(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\"",
                "#EXT-X-STREAM-INF:BANDWIDTH=2,VIDEO=\"a\"",
                "u"
            ),
            tolerated: .undefinedRenditionGroup,
            section: "4.4.6.2",
            line: 4
        ),
        Fault(
            "CLOSED-CAPTIONS=NONE in one of two",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2,CLOSED-CAPTIONS=NONE", "u"),
            tolerated: .conflictingAttributes,
            section: "4.4.6.2",
            line: 5
        ),
        Fault(
            "ALLOWED-CPC without colon",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2,ALLOWED-CPC=\"abc\"", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.4.6.2",
            line: 3
        ),
        Fault(
            "MEDIA without TYPE",
            multivariant("#EXT-X-MEDIA:GROUP-ID=\"a\",NAME=\"n\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "MEDIA without GROUP-ID",
            multivariant("#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"n\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "MEDIA without NAME",
            multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "SUBTITLES without URI",
            multivariant("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"n\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "CLOSED-CAPTIONS with URI",
            multivariant("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"n\",INSTREAM-ID=\"CC1\",URI=\"u\""),
            tolerated: .conflictingAttributes,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "CLOSED-CAPTIONS without INSTREAM-ID",
            multivariant("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"n\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "CLOSED-CAPTIONS with an unknown INSTREAM-ID",
            multivariant("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"n\",INSTREAM-ID=\"SERVICE64\""),
            tolerated: .invalidAttributeValue,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "SCORE of 0",
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2,SCORE=0", "u"),
            tolerated: .invalidAttributeValue,
            section: "4.4.6.2",
            line: 3
        ),
        Fault(
            "CONTENT-STEERING to an unknown Pathway",
            multivariant("#EXT-X-CONTENT-STEERING:SERVER-URI=\"p\",PATHWAY-ID=\"x\""),
            tolerated: .conflictingAttributes,
            section: "4.4.6.6",
            line: 3
        ),
        Fault(
            "SERVICE captions in version 6",
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"n\",INSTREAM-ID=\"SERVICE1\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nu\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 3
        ),
        Fault(
            "INSTREAM-ID of audio in version 12",
            "#EXTM3U\n#EXT-X-VERSION:12\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",INSTREAM-ID=\"1\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nu\n",
            tolerated: .versionTooLow,
            section: "8",
            line: 3
        ),
        Fault(
            "FORCED audio",
            multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",FORCED=YES"),
            tolerated: .conflictingAttributes,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "CHANNELS of video",
            multivariant("#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"a\",NAME=\"n\",CHANNELS=\"2\""),
            tolerated: .conflictingAttributes,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "DEFAULT=YES, AUTOSELECT=NO",
            multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=YES,AUTOSELECT=NO"),
            tolerated: .conflictingAttributes,
            section: "4.4.6.1",
            line: 3
        ),
        Fault(
            "two DEFAULT in a group",
            multivariant(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=YES",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"m\",DEFAULT=YES"
            ),
            tolerated: .conflictingRenditions,
            section: "4.4.6.1.1",
            line: 4
        ),
        Fault(
            "the same NAME in a group",
            multivariant(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\"",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\""
            ),
            tolerated: .conflictingRenditions,
            section: "4.4.6.1.1",
            line: 4
        ),
        Fault(
            "I-FRAME-STREAM-INF without URI",
            multivariant("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1"),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.3",
            line: 3
        ),
        Fault(
            "SESSION-DATA without DATA-ID",
            multivariant("#EXT-X-SESSION-DATA:VALUE=\"v\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.4",
            line: 3
        ),
        Fault(
            "SESSION-DATA with VALUE and URI",
            multivariant("#EXT-X-SESSION-DATA:DATA-ID=\"i\",VALUE=\"v\",URI=\"u\""),
            tolerated: .conflictingAttributes,
            section: "4.4.6.4",
            line: 3
        ),
        Fault(
            "SESSION-DATA twice",
            multivariant(
                "#EXT-X-SESSION-DATA:DATA-ID=\"i\",VALUE=\"v\"",
                "#EXT-X-SESSION-DATA:DATA-ID=\"i\",VALUE=\"w\""
            ),
            tolerated: .repeatedTag,
            section: "4.4.6.4",
            line: 4
        ),
        Fault(
            "SESSION-KEY NONE",
            multivariant("#EXT-X-SESSION-KEY:METHOD=NONE"),
            tolerated: .invalidAttributeValue,
            section: "4.4.6.5",
            line: 3
        ),
        Fault(
            "SESSION-KEY without URI",
            multivariant("#EXT-X-SESSION-KEY:METHOD=AES-128"),
            tolerated: .invalidTagValue,
            section: "4.4.6.5",
            line: 3
        ),
        Fault(
            "SESSION-KEY twice",
            multivariant("#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\"", "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\""),
            tolerated: .repeatedTag,
            section: "4.4.6.5",
            line: 4
        ),
        Fault(
            "CONTENT-STEERING without SERVER-URI",
            multivariant("#EXT-X-CONTENT-STEERING:PATHWAY-ID=\"p\""),
            tolerated: .missingRequiredAttribute,
            section: "4.4.6.6",
            line: 3
        ),
        Fault(
            "CONTENT-STEERING twice",
            multivariant("#EXT-X-CONTENT-STEERING:SERVER-URI=\"p\"", "#EXT-X-CONTENT-STEERING:SERVER-URI=\"p\""),
            tolerated: .repeatedTag,
            section: "4.4.6.6",
            line: 4
        ),
        Fault(
            "two START",
            multivariant("#EXT-X-START:TIME-OFFSET=1", "#EXT-X-START:TIME-OFFSET=1"),
            section: "4.4.2.2",
            line: 4
        ),
        Fault("IMPORT", multivariant("#EXT-X-DEFINE:IMPORT=\"a\""), section: "4.4.2.3", line: 3),
    ]
}
