import Testing

@testable import Remux

@Suite struct SubtitleTextTests {
    static let texts: [(String, String)] = [
        ("plain", "plain"),
        ("<b>bold</b> and <i.x>it</i><u>al</u>", "bold and ital"),
        ("<v Ann Other>Hello</v> <c.yellow.bg_blue>there</c> <lang en>x</lang>", "Hello there x"),
        ("<00:01.000>timed<00:02.000> text", "timed text"),
        ("<ruby>漢<rt>kan</rt></ruby>", "漢(kan)"),
        ("&lt;b&gt; &amp; &quot;&apos;&nbsp;&#228;&#xE4;&lrm;", "<b> & \"'\u{A0}ää\u{200E}"),
        ("&unknown; & && &#0; &#10; &#xFFFFFFFF;", "&unknown; & && &#0; &#10; &#xFFFFFFFF;"),
        ("a < b", "a "),
        ("</i></b>x", "x"),
    ]

    @Test(arguments: texts)
    func markup(_ webVTT: String, _ plain: String) {
        #expect(StyledText(webVTT: webVTT).plain == plain)
    }

    @Test("styles nest and are counted")
    func styles() {
        let runs = StyledText(webVTT: "a<b>b<i>c</i></b><b><b>d</b>e</b>f").runs
        #expect(runs.map(\.text) == ["a", "b", "c", "de", "f"])
        #expect(runs.map(\.style) == [[], .bold, [.bold, .italic], .bold, []])
    }

    @Test("3GPP TS 26.245 §5.17: length, text, style records that count characters")
    func timedText() {
        #expect(TimedTextSample.bytes(StyledText(webVTT: "ä")) == [0, 2, 0xC3, 0xA4])
        let styled = TimedTextSample.bytes(StyledText(webVTT: "ä<i>ö</i>"))
        #expect(
            styled == [0, 4, 0xC3, 0xA4, 0xC3, 0xB6, 0, 0, 0, 22] + Array("styl".utf8) + [0, 1]
                + [0, 1, 0, 2, 0, 1, 2, 16, 255, 255, 255, 255]
        )
        let long = TimedTextSample.bytes(StyledText(webVTT: String(repeating: "ä", count: 40_000)))
        #expect(long.count == 65_534 + 2 && long[0] == 0xFF && long[1] == 0xFE)
    }

    private let cue = Cue(
        start90k: 90_000 * 3600 * 100 + 90_000,
        end90k: 90_000 * 3600 * 100 + 225_000,
        identifier: "7",
        settings: "line:5%",
        text: "<i>a &amp; b</i>\n<v X>c</v>"
    )

    @Test func webVTT() {
        #expect(
            SidecarText.text(cue, .webVTT, number: 1)
                == "7\n100:00:01.000 --> 100:00:02.500 line:5%\n<i>a &amp; b</i>\n<v X>c</v>\n\n"
        )
    }

    @Test func subRip() {
        #expect(
            SidecarText.text(cue, .subRip, number: 3)
                == "3\n100:00:01,000 --> 100:00:02,500\n{\\an8}<i>a & b</i>\nc\n\n"
        )
    }

    static let names: [(String, [SidecarName.Label], [String])] = [
        ("a/film.mp4", [SidecarName.Label(language: "en")], ["a/film.en.vtt"]),
        (
            "film.part1.mp4",
            [
                SidecarName.Label(language: "en"), SidecarName.Label(language: "EN"),
                SidecarName.Label(language: "en", isForced: true),
                SidecarName.Label(language: "en", describesSound: true),
                SidecarName.Label(), SidecarName.Label(language: "../../x"), SidecarName.Label(language: "-x"),
            ],
            [
                "film.part1.en.vtt", "film.part1.EN.2.vtt", "film.part1.en.forced.vtt", "film.part1.en.sdh.vtt",
                "film.part1.und.vtt", "film.part1.x.vtt", "film.part1.und.2.vtt",
            ]
        ),
        ("x.d/film", [SidecarName.Label(language: "de")], ["x.d/film.de.vtt"]),
        ("x/.mp4", [SidecarName.Label(language: "de")], ["x/.mp4.de.vtt"]),
    ]

    @Test(arguments: names)
    func paths(_ output: String, _ labels: [SidecarName.Label], _ paths: [String]) {
        #expect(SidecarName.paths(output: output, labels: labels, format: .webVTT) == paths)
    }
}
