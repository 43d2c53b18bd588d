import HLS
import Testing

@Suite("Selection")
struct StreamSelectorTests {
    /// Three qualities out of order, an audio-only stream, two audio groups, subtitles.
    static let film = """
        #EXTM3U
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="lo",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="en-lo.m3u8",CHANNELS="2"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="lo",NAME="Deutsch",LANGUAGE="de",AUTOSELECT=YES,URI="de-lo.m3u8",CHANNELS="2"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="hi",NAME="English",LANGUAGE="eng",DEFAULT=YES,AUTOSELECT=YES,URI="en-hi.m3u8",CHANNELS="6"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="hi",NAME="Commentary",LANGUAGE="en-US",URI="com-hi.m3u8",CHANNELS="2"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Forced",LANGUAGE="en",FORCED=YES,AUTOSELECT=YES,URI="f.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",URI="s-en.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Français",LANGUAGE="fr",URI="s-fr.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=2000000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,AUDIO="lo",SUBTITLES="s"
        720.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=6000000,CODECS="hvc1.1.6.L120,ec-3",RESOLUTION=1920x1080,AUDIO="hi",SUBTITLES="s"
        1080.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42e00a,mp4a.40.2",RESOLUTION=640x360,AUDIO="lo",SUBTITLES="s"
        360.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.5"
        audio.m3u8
        """

    private func select(
        _ text: String = film,
        _ change: (inout SelectionPreferences) -> Void = { _ in }
    ) throws -> Selection {
        var preferences = SelectionPreferences()
        change(&preferences)
        return try StreamSelector(preferences: preferences).select(from: parseMultivariant(text))
    }

    @Test(
        "--video",
        arguments: [
            (.best, "1080.m3u8"), (.worst, "360.m3u8"), (.height(720), "720.m3u8"), (.height(1079), "720.m3u8"),
            (.height(4320), "1080.m3u8"), (.height(360), "360.m3u8"),
        ] as [(SelectionPreferences.Video, String)]
    )
    func video(option: SelectionPreferences.Video, uri: String) throws {
        let selection = try select { $0.video = option }
        #expect(selection.variant.uri == uri)
        #expect(selection.choice.takesVideo)
    }

    @Test("--video HEIGHT below all names what exists")
    func heightBelowAll() {
        let error = #expect(throws: SelectionError.self) { try select { $0.video = .height(100) } }
        #expect(error?.kind == .noMatch(option: "--video"))
        #expect(error?.message == "--video 100 matches no stream; there is 360, 720, 1080")
    }

    @Test("--video none takes the audio alone, and loads no video playlist")
    func noVideo() throws {
        let selection = try select { $0.video = .none }
        #expect(selection.renditions.map(\.rendition.uri) == ["en-hi.m3u8"])
        #expect(!selection.choice.takesVideo && !selection.choice.takesAudio && !selection.choice.loadsVariantPlaylist)
    }

    @Test("--video none without audio Renditions takes the stream without video")
    func noVideoMuxed() throws {
        let text =
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=2x2,CODECS=\"avc1.1,mp4a.40.2\"\nv\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"mp4a.40.2\"\na\n"
        let selection = try select(text) { $0.video = .none }
        #expect(selection.variant.uri == "a" && selection.choice.takesAudio && !selection.choice.takesVideo)
    }

    @Test("--max-bandwidth")
    func bandwidth() throws {
        #expect(try select { $0.maximumBandwidth = 2_000_000 }.variant.uri == "720.m3u8")
        #expect(try select { $0.maximumBandwidth = 1_999_999 }.variant.uri == "360.m3u8")
        #expect(try select { $0.maximumBandwidth = 64000 }.variant.uri == "audio.m3u8")
        let error = #expect(throws: SelectionError.self) { try select { $0.maximumBandwidth = 1 } }
        #expect(
            error?.message == "--max-bandwidth 1 excludes every stream; there is 64000, 500000, 2000000, 6000000 bit/s"
        )
    }

    @Test(
        "--codec by word, name and prefix",
        arguments: [
            ("h264", "720.m3u8"), ("hevc", "1080.m3u8"), ("avc1", "720.m3u8"), ("avc1.42E00A", "360.m3u8"),
            ("hvc1.1", "1080.m3u8"),
            ("eac3", "1080.m3u8"),
        ]
    )
    func codec(name: String, uri: String) throws {
        #expect(try select { $0.codecs = [name] }.variant.uri == uri)
    }

    @Test("--codec that is not there names what is")
    func noCodec() {
        let error = #expect(throws: SelectionError.self) { try select { $0.codecs = ["av1"] } }
        #expect(error?.kind == .noMatch(option: "--codec"))
        #expect(error?.message.contains("hvc1.1.6.L120") == true)
    }

    @Test("--audio: the default, all, none")
    func audio() throws {
        #expect(try select().renditions.map(\.rendition.uri) == ["en-hi.m3u8"])
        #expect(try select { $0.audio = .all }.renditions.map(\.rendition.uri) == ["en-hi.m3u8", "com-hi.m3u8"])
        let none = try select { $0.audio = .none }
        #expect(none.renditions.isEmpty && !none.choice.takesAudio && none.choice.takesVideo)
    }

    @Test(
        "--audio by language, name and channels picks a Variant Stream that has it",
        arguments: [
            ([.language("de")], "720.m3u8", ["de-lo.m3u8"]), ([.language("en")], "1080.m3u8", ["en-hi.m3u8"]),
            ([.language("EN-us")], "1080.m3u8", ["com-hi.m3u8"]),
            ([.language("deu"), .language("eng")], "720.m3u8", ["de-lo.m3u8", "en-lo.m3u8"]),
            ([.name("commentary")], "1080.m3u8", ["com-hi.m3u8"]), ([.channels(6)], "1080.m3u8", ["en-hi.m3u8"]),
            ([.language("en"), .language("en")], "1080.m3u8", ["en-hi.m3u8", "com-hi.m3u8"]),
            ([.name("English"), .channels(6)], "1080.m3u8", ["en-hi.m3u8"]),
        ] as [([RenditionMatch], String, [String])]
    )
    func audioMatching(matches: [RenditionMatch], variant: String, uris: [String]) throws {
        let selection = try select { $0.audio = .matching(matches) }
        #expect(selection.variant.uri == variant)
        #expect(selection.renditions.map(\.rendition.uri) == uris)
    }

    @Test("--audio that is not there names what is")
    func noAudio() {
        let error = #expect(throws: SelectionError.self) { try select { $0.audio = .matching([.language("ja")]) } }
        #expect(error?.kind == .noMatch(option: "--audio"))
        #expect(
            error?.message.hasPrefix("--audio “ja” matches nothing; there is “en” name=“English” channels=2") == true
        )
    }

    @Test("what the other options leave is what exists")
    func scope() {
        // The audio with 6 channels is there, but not at this bandwidth; 360 is there, but not with it.
        let audio = #expect(throws: SelectionError.self) {
            try select {
                $0.audio = .matching([.channels(6)]); $0.maximumBandwidth = 1_000_000
            }
        }
        #expect(audio?.kind == .noMatch(option: "--audio"))
        #expect(audio?.message.contains("channels=6 matches nothing") == true)
        #expect(audio?.message.contains("name=“English” channels=6") == false, "\(audio?.message ?? "")")
        #expect(audio?.message.hasSuffix("in the streams that fit the other options") == true)
        let video = #expect(throws: SelectionError.self) {
            try select {
                $0.audio = .matching([.channels(6)]); $0.video = .height(360)
            }
        }
        #expect(
            video?.message == "--video 360 matches no stream; there is 1080 in the streams that fit the other options"
        )
    }

    @Test("--audio and --video that exclude each other say so")
    func conflict() {
        let error = #expect(throws: SelectionError.self) {
            try select {
                $0.audio = .matching([.channels(6)]); $0.video = .height(720)
            }
        }
        #expect(error?.kind == .noMatch(option: "--video"))
        #expect(error?.message.contains("there is 1080") == true)
    }

    @Test("--subtitles")
    func subtitles() throws {
        #expect(try select { $0.subtitles = .all }.renditions.count == 4)
        // Not the forced ones, which hold fragments only.
        #expect(
            try select { $0.subtitles = .matching([.language("en"), .language("fr")]) }.renditions.map(\.rendition.uri)
                == ["en-hi.m3u8", "s-en.m3u8", "s-fr.m3u8"]
        )
        #expect(try select { $0.subtitles = .default }.renditions.count == 1)
        #expect(throws: SelectionError.self) { try select { $0.subtitles = .matching([.language("ja")]) } }
    }

    @Test("§4.4.6.2.1: a Rendition without URI is in the stream itself; so is one that names the stream's own playlist")
    func muxedAudio() throws {
        for uri in ["", ",URI=\"v\""] {
            let text =
                "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\"\(uri)\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"\nv\n"
            let selection = try select(text)
            #expect(selection.renditions.map(\.uri) == [nil])
            #expect(selection.choice.takesAudio)
        }
        let noGroup = try select("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"missing\"\nv\n")
        #expect(noGroup.renditions.isEmpty && noGroup.choice.takesAudio)
    }

    @Test("§6.3.1: SCORE decides where all have one, and only there")
    func score() throws {
        func text(_ second: String) -> String {
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=4x4,SCORE=1\na\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=2x2\(second)\nb\n"
        }
        #expect(try select(text(",SCORE=1.000001")).variant.uri == "b")
        #expect(try select(text(",SCORE=1")).variant.uri == "a")
        #expect(try select(text("")).variant.uri == "a")
    }

    @Test(
        "Ranking: RESOLUTION, then AVERAGE-BANDWIDTH or BANDWIDTH, then FRAME-RATE, then order; without BANDWIDTH last",
        arguments: [
            ("BANDWIDTH=1,RESOLUTION=4x4", "BANDWIDTH=9,RESOLUTION=2x2", "a"), ("BANDWIDTH=1", "BANDWIDTH=2", "b"),
            ("BANDWIDTH=9,AVERAGE-BANDWIDTH=1", "BANDWIDTH=8,AVERAGE-BANDWIDTH=2", "b"),
            ("BANDWIDTH=1,FRAME-RATE=25", "BANDWIDTH=1,FRAME-RATE=50", "b"), ("BANDWIDTH=1", "BANDWIDTH=1", "a"),
            ("RESOLUTION=4x4", "BANDWIDTH=1,RESOLUTION=2x2", "b"), ("X=1", "X=1", "a"),
        ]
    )
    func ranking(first: String, second: String, winner: String) throws {
        let text = "#EXTM3U\n#EXT-X-STREAM-INF:\(first)\na\n#EXT-X-STREAM-INF:\(second)\nb\n"
        #expect(try select(text).variant.uri == winner)
    }

    @Test(
        "What is skipped and would have been taken",
        arguments: [
            (.best, "", nil, ["4k.m3u8", "hd.m3u8"]), (.worst, "", nil, ["low.m3u8"]),
            (.height(1080), "", nil, ["hd.m3u8"]),
            (.height(720), "", nil, []), (.none, "", nil, []), (.best, "avc1", nil, []),
            (.best, "", 5_000_000, ["hd.m3u8"]),
        ] as [(SelectionPreferences.Video, String, UInt64?, [String])]
    )
    func preferred(_ video: SelectionPreferences.Video, _ codec: String, _ bandwidth: UInt64?, _ expected: [String])
        throws
    {
        let text = """
            #EXTM3U
            #EXT-X-STREAM-INF:BANDWIDTH=9000000,CODECS="vvc1.1",RESOLUTION=3840x2160
            4k.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=4000000,CODECS="vvc1.1",RESOLUTION=1920x1080
            hd.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=2000000,CODECS="avc1.64001f",RESOLUTION=1280x720
            720.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=2000000,CODECS="vvc1.1",RESOLUTION=1280x720
            same.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="vvc1.1",RESOLUTION=320x180
            low.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=9900000,CODECS="ac-4"
            audio.m3u8
            """
        let selection = try select(text) {
            $0.video = video
            $0.codecs = codec.isEmpty ? [] : [codec]
            $0.maximumBandwidth = bandwidth
        }
        #expect(selection.variant.uri == "720.m3u8")
        #expect(selection.skipped.filter(\.isPreferred).map(\.variant.uri) == expected)
    }

    @Test(
        "What is skipped, and why",
        arguments: [
            ("VIDEO-RANGE=XYZ", "VIDEO-RANGE “XYZ” is not known"),
            ("REQ-VIDEO-LAYOUT=\"CH-STEREO,CH-MONO\"", "REQ-VIDEO-LAYOUT “CH-STEREO” is taken only by explicit choice"),
            ("CODECS=\"avc1.1,ac-4.02.01.00\"", "codec “ac-4.02.01.00” cannot be written into this container"),
        ]
    )
    func skipped(attribute: String, reason: String) throws {
        let bad = "#EXT-X-STREAM-INF:BANDWIDTH=9,\(attribute)\nbad\n"
        let selection = try select("#EXTM3U\n\(bad)#EXT-X-STREAM-INF:BANDWIDTH=1\ngood\n")
        #expect(selection.variant.uri == "good")
        #expect(selection.skipped.map(\.reason) == [reason])
        #expect(selection.skipped.map(\.variantIndex) == [0])
        let error = #expect(throws: SelectionError.self) { try select("#EXTM3U\n\(bad)") }
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "no stream can be used: \(reason)")
    }

    @Test("Stereoscopic video by explicit choice")
    func stereo() throws {
        let text =
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,REQ-VIDEO-LAYOUT=\"CH-STEREO/PROJ-RECT\"\ns\n#EXT-X-STREAM-INF:BANDWIDTH=1,REQ-VIDEO-LAYOUT=\"CH-MONO\"\nm\n"
        #expect(try select(text).variant.uri == "m")
        #expect(try select(text) { $0.videoLayouts.insert("CH-STEREO") }.variant.uri == "s")
    }

    @Test("§4.4.6.6, §7: the Pathway to begin with, and fail-over to the same stream on another one")
    func pathways() throws {
        func variant(_ bandwidth: Int, _ pathway: String, _ id: String) -> String {
            "#EXT-X-STREAM-INF:BANDWIDTH=\(bandwidth),PATHWAY-ID=\"\(pathway)\",STABLE-VARIANT-ID=\"\(id)\"\n\(pathway)/\(id)\n"
        }
        let variants = variant(5, "A", "hi") + variant(1, "A", "lo") + variant(6, "B", "hi") + variant(1, "B", "lo")
        let plain = try select("#EXTM3U\n" + variants)
        #expect(plain.variant.uri == "A/hi")
        #expect(plain.failovers.map(\.variant.uri) == ["B/hi"])
        let steered = try select("#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"x\",PATHWAY-ID=\"B\"\n" + variants)
        #expect(steered.variant.uri == "B/hi")
        #expect(steered.failovers.map(\.variant.uri) == ["A/hi"])
    }

    @Test("§4.4.6.2: the same stream listed twice is a fail-over, with the Renditions of its own group")
    func redundant() throws {
        let text = """
            #EXTM3U
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a1",NAME="n",LANGUAGE="en",URI="a1.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a2",NAME="n",LANGUAGE="en",URI="a2.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a3",NAME="n",LANGUAGE="fr",URI="a3.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=2x2,AUDIO="a1"
            one
            #EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=2x2,AUDIO="a2"
            two
            #EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=2x2,AUDIO="a3"
            other-language
            #EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=2x2,AUDIO="a1"
            one
            #EXT-X-STREAM-INF:BANDWIDTH=4,RESOLUTION=2x2,AUDIO="a1"
            other-quality
            """
        let selection = try select(text)
        #expect(selection.variant.uri == "one")
        #expect(selection.failovers.map(\.variant.uri) == ["two"])
        #expect(selection.failovers.first?.renditions.map(\.rendition.uri) == ["a2.m3u8"])
        #expect(selection.failovers.map(\.variantIndex) == [1])
    }

    @Test("Nothing at all")
    func nothing() {
        let error = #expect(throws: SelectionError.self) { try select("#EXTM3U\n") }
        #expect(error?.kind == .empty)
    }

    @Test(
        "Languages",
        arguments: [
            ("en", "en", true), ("en", "EN-us", true), ("eng", "en", true), ("en", "eng", true), ("en-US", "en", false),
            ("e", "en", false), ("en", "enx", false), ("zh-Hant", "chi-Hant-TW", true), ("pt_BR", "pt-br", true),
            ("fre", "fra", true),
        ]
    )
    func languages(range: String, tag: String, fits: Bool) {
        #expect(LanguageTag.matches(range: range, tag: tag) == fits)
    }
}
