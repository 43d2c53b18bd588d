import HLS
import Testing

/// What each tag of a Multivariant Playlist means, one test per section of RFC 8216bis.
@Suite("Multivariant Playlists")
struct MultivariantPlaylistTests {
    @Test("§4.4.6.1: all attributes of EXT-X-MEDIA")
    func renditions() throws {
        let playlist = try parseMultivariant(
            multivariant(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English, 5.1\",LANGUAGE=\"en\",ASSOC-LANGUAGE=\"en-GB\",URI=\"e/p.m3u8\",DEFAULT=YES,AUTOSELECT=YES,STABLE-RENDITION-ID=\"s\",CHANNELS=\"16/JOC\",BIT-DEPTH=24,SAMPLE-RATE=48000,CHARACTERISTICS=\"public.a,public.b\",INSTREAM-ID=\"A.1\"",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Muxed\"",
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"n\",URI=\"s.m3u8\",FORCED=YES",
                "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"c\",NAME=\"n\",INSTREAM-ID=\"SERVICE9\""
            ),
            isStrict: true
        )
        #expect(playlist.renditions.map(\.type) == [.audio, .audio, .subtitles, .closedCaptions])
        let audio = try #require(playlist.renditions.first)
        #expect(audio.groupID == "a" && audio.name == "English, 5.1" && audio.language == "en")
        #expect(audio.associatedLanguage == "en-GB" && audio.uri == "e/p.m3u8")
        #expect(audio.resolvedURI?.text == "https://h.example/v/e/p.m3u8")
        #expect(audio.isDefault && audio.isAutoselect && !audio.isForced)
        #expect(audio.channels == "16/JOC" && audio.channelCount == 16)
        #expect(audio.bitDepth == 24 && audio.sampleRate == 48000 && audio.stableID == "s" && audio.instreamID == "A.1")
        #expect(audio.characteristics == ["public.a", "public.b"])
        #expect(playlist.renditions[1].uri == nil && playlist.renditions[1].resolvedURI == nil)
        #expect(playlist.renditions[2].isForced)
        #expect(playlist.renditions(type: .audio, groupID: "a").count == 2)
        #expect(playlist.renditions(type: .subtitles, groupID: "a").count == 1)
        #expect(playlist.renditions(type: .audio, groupID: nil).isEmpty)
    }

    @Test(
        "§4.4.6.1: CHANNELS counts by its first parameter",
        arguments: [("2", 2), ("6/-/BINAURAL", 6), ("x", nil), ("/JOC", nil), ("99999999999999999999", nil)]
            as [(String, Int?)]
    )
    func channels(text: String, count: Int?) throws {
        let playlist = try parseMultivariant(
            multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",CHANNELS=\"\(text)\"")
        )
        #expect(playlist.renditions.first?.channelCount == count)
    }

    @Test("§6.3.1: EXT-X-MEDIA of an unknown TYPE or with an unknown DEFAULT is ignored, legally")
    func unknownMedia() throws {
        let playlist = try parseMultivariant(
            multivariant(
                "#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID=\"a\",NAME=\"n\"",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=MAYBE"
            ),
            isStrict: true
        )
        #expect(playlist.renditions.isEmpty)
    }

    @Test("§4.4.6.2: all attributes of EXT-X-STREAM-INF")
    func variants() throws {
        let playlist = try parseMultivariant(
            multivariant(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\"",
                "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"v\",NAME=\"n\"",
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"n\",URI=\"u\"",
                "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"c\",NAME=\"n\",INSTREAM-ID=\"CC1\"",
                "#EXT-X-STREAM-INF:BANDWIDTH=5000000,AVERAGE-BANDWIDTH=4000000,SCORE=1.25,CODECS=\"avc1.64001f, mp4a.40.2\",SUPPLEMENTAL-CODECS=\"dvh1.08.07/db4h,x\",RESOLUTION=1280x720,FRAME-RATE=29.970,HDCP-LEVEL=TYPE-0,ALLOWED-CPC=\"com.example.drm1:SMART-TV/PC\",VIDEO-RANGE=PQ,REQ-VIDEO-LAYOUT=\"CH-STEREO/PROJ-RECT,CH-MONO\",STABLE-VARIANT-ID=\"sv\",AUDIO=\"a\",VIDEO=\"v\",SUBTITLES=\"s\",CLOSED-CAPTIONS=\"c\",PATHWAY-ID=\"CDN-A\"",
                "720.m3u8"
            ),
            isStrict: true
        )
        let variant = try #require(playlist.variants.first)
        #expect(variant.uri == "720.m3u8" && variant.resolvedURI.text == "https://h.example/v/720.m3u8")
        #expect(variant.bandwidth == 5_000_000 && variant.averageBandwidth == 4_000_000)
        #expect(variant.scoreMillionths == 1_250_000 && variant.frameRateThousandths == 29970)
        #expect(variant.codecs == "avc1.64001f, mp4a.40.2" && variant.codecList == ["avc1.64001f", "mp4a.40.2"])
        #expect(variant.supplementalCodecList == ["dvh1.08.07", "x"])
        #expect(variant.resolution?.description == "1280x720")
        #expect(variant.hdcpLevel == "TYPE-0" && variant.videoRange == .pq)
        #expect(variant.videoLayout == [["CH-STEREO", "PROJ-RECT"], ["CH-MONO"]])
        #expect(variant.stableID == "sv" && variant.pathwayID == "CDN-A")
        #expect(variant.audioGroupID == "a" && variant.videoGroupID == "v" && variant.subtitlesGroupID == "s")
        #expect(variant.closedCaptions == .group("c"))
        #expect(playlist.variants.last?.pathwayID == "." && playlist.variants.last?.videoRange == .sdr)
    }

    @Test(
        "§6.3.1: what makes EXT-X-STREAM-INF and its URI line count for nothing",
        arguments: ["REQ-X=1", "REQ-VIDEO-LAYOUT=\"CH-MONO/NEW\"", "HDCP-LEVEL=TYPE-9", "CLOSED-CAPTIONS=SOME"]
    )
    func ignoredVariants(attribute: String) throws {
        let playlist = try parseMultivariant(
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2,\(attribute)", "ignored.m3u8"),
            isStrict: true
        )
        #expect(playlist.variants.map(\.uri) == ["v.m3u8"])
    }

    @Test("§4.4.6.2: an unknown VIDEO-RANGE is kept, to be not selected")
    func unknownVideoRange() throws {
        let playlist = try parseMultivariant(
            multivariant("#EXT-X-STREAM-INF:BANDWIDTH=2,VIDEO-RANGE=XYZ", "x.m3u8"),
            isStrict: true
        )
        #expect(playlist.variants.first?.videoRange == .unknown("XYZ"))
    }

    @Test("§4.4.6.2: comments and blank lines may stand before the URI line")
    func commentBeforeURI() throws {
        let playlist = try parseMultivariant(
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n# c\n\n#EXT-X-NEW\nv\n",
            isStrict: true
        )
        #expect(playlist.variants.map(\.uri) == ["v"])
        #expect(playlist.variants.first?.line == 2)
    }

    @Test("§4.4.6.3 to §4.4.6.6: I-frame streams, session data and keys, content steering")
    func otherTags() throws {
        let playlist = try parseMultivariant(
            multivariant(
                "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\",RESOLUTION=16x9,AUDIO=\"none\"",
                "#EXT-X-SESSION-DATA:DATA-ID=\"t\",VALUE=\"\",LANGUAGE=\"en\"",
                "#EXT-X-SESSION-DATA:DATA-ID=\"t\",URI=\"u\",FORMAT=RAW",
                "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\",IV=0x1",
                "#EXT-X-CONTENT-STEERING:SERVER-URI=\"/steer\",PATHWAY-ID=\".\"",
                "#EXT-X-DEFINE:NAME=\"n\",VALUE=\"v\"",
                "#EXT-X-INDEPENDENT-SEGMENTS",
                "#EXT-X-START:TIME-OFFSET=1"
            ),
            isStrict: true
        )
        #expect(playlist.iFrameStreams.map(\.uri) == ["i.m3u8"])
        #expect(playlist.iFrameStreams.first?.audioGroupID == nil)
        #expect(playlist.sessionData.map(\.value) == ["", nil])
        #expect(playlist.sessionData.map(\.isRaw) == [false, true])
        #expect(playlist.sessionKeys.map(\.uri) == ["k"])
        #expect(playlist.contentSteering?.serverURI == "/steer" && playlist.contentSteering?.pathwayID == ".")
        #expect(playlist.variables == ["n": "v"])
        #expect(playlist.hasIndependentSegments && playlist.start?.timeOffsetMicroseconds == 1_000_000)
    }

    @Test("§4.4.6: kinds that are mixed are read by the first tag that gives URI lines their meaning")
    func mixedKinds() throws {
        #expect(
            try parseMultivariant("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n").variants.count
                == 1
        )
        let media = try parseMedia(
            "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\ns\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n"
        )
        #expect(media.segments.map(\.uri) == ["s", "v"])
        #expect(media.warnings.contains { $0.leniency == .mixedPlaylistKinds })
    }
}
