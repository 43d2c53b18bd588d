import ArgumentParser
import Remux
import Testing

@testable import hls2mp4

@Suite struct OutputNameTests {
    @Test(
        "the output is named after the last path element of the input, and nothing else",
        arguments: [
            ("https://example.com/film/index.m3u8", "index.mp4"),
            ("https://example.com/film/index.m3u8?token=a/b.m3u8#x", "index.mp4"),
            ("https://example.com/a%2Fb.M3U8", "a_2Fb.mp4"),
            ("https://example.com/", "output.mp4"),
            ("https://example.com", "output.mp4"),
            ("https://example.com/..", "output.mp4"),
            ("https://example.com/.-hidden.m3u8", "hidden.mp4"),
            ("https://example.com/-rf", "rf.mp4"),
            ("folder/some film.m3u8", "some_film.mp4"),
            ("https://example.com/\u{1b}[2J;$(x)", "__2J___x_.mp4"),
        ]
    )
    func name(_ input: String, _ expected: String) {
        #expect(OutputName.derived(from: input) == expected)
    }

    @Test("long names are cut")
    func long() {
        #expect(OutputName.derived(from: "/" + String(repeating: "a", count: 500)).count == 124)
    }
}

@Suite struct TextTests {
    @Test(
        "clock texts",
        arguments: [
            (0.0, "0:00"), (7.9, "0:07"), (62, "1:02"), (3661, "1:01:01"), (-5, "0:00"), (.infinity, "0:00"),
            (.nan, "0:00"),
        ]
    )
    func clock(_ seconds: Double, _ expected: String) {
        #expect(ClockText.text(seconds: seconds) == expected)
    }

    @Test(
        "size texts",
        arguments: [
            (0.0, "0 kB"), (912_000, "912 kB"), (48_200_000, "48.2 MB"), (959_287_407, "959 MB"), (1.5e12, "1.5 TB"),
            (.nan, "0 kB"),
        ]
    )
    func size(_ bytes: Double, _ expected: String) {
        #expect(SizeText.text(bytes: bytes) == expected)
    }

    @Test(
        "nothing that a terminal obeys gets through",
        arguments: [
            ("a\u{1b}]0;x\u{7}b", "a\\u{1b}]0;x\\u{7}b"), ("\u{9b}2J", "\\u{9b}2J"), ("a\u{202e}b", "a\\u{202e}b"),
            ("line\nline", "line\\u{a}line"), ("ärger", "ärger"),
        ]
    )
    func safe(_ text: String, _ expected: String) {
        #expect(Terminal.safe(text) == expected)
    }

    @Test("JSON is escaped and keeps its order")
    func json() {
        let value = JSONValue.object([
            ("b", .string("a\"\\\n\u{1b}")), ("a", .int(-3)), ("x", .double(1.23456)), ("n", .double(.infinity)),
        ])
        #expect(value.text == #"{"b":"a\"\\\u000a\u001b","a":-3,"x":1.235,"n":null}"#)
    }

    @Test("every code has its exit status")
    func statuses() {
        let table: [(RemuxError.Code, Int32)] = [
            (.internalError, 1), (.playlistUnreachable, 3), (.playlistRefused, 4), (.incomplete, 5), (.key, 6),
            (.media, 7),
            (.output, 8), (.readerGone, 8), (.configuration, 64),
        ]
        for (code, status) in table { #expect(ExitStatus(code).rawValue == status) }
    }

    @Test("the bar fits the terminal and shows what is done", arguments: [20, 40, 80, 200])
    func bar(_ columns: Int) {
        var progress = RemuxProgress()
        progress.plannedSegmentCount = 10
        progress.segmentCount = 5
        progress.plannedSeconds = 100
        progress.positionSeconds = 50
        for isUnicode in [true, false] {
            let text = ProgressBar(isUnicode: isUnicode, columns: columns)
                .text(progress, label: "a rather long name of a film.mp4", bytesPerSecond: 1e6)
            #expect(text.count < columns)
            if columns >= 40 { #expect(text.contains("50%")) }
        }
    }
}

@Suite struct OptionTests {
    @Test(
        "usage errors",
        arguments: [
            ["--key", "00112233445566778899aabbccddeeff", "--key-file", "k", "http://a"],
            ["--key", "0011:00112233445566778899aabbccddeeff", "http://a"],
            ["--key", "00112233445566778899aabbccddeeff:", "http://a"],
            ["--key", "00", "http://a"], ["--key", "zz", "http://a"], ["-j", "0", "http://a"],
            ["-j", "65", "http://a"],
            ["-H", "no colon", "http://a"], ["--max-memory", "1", "http://a"],
            ["--fragment-duration", "0", "http://a"], [],
            ["-o", "", "http://a"], ["--on-missing", "skip", "http://a"],
        ]
    )
    func usage(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try RemuxCommand.parse(arguments) }
    }

    @Test("what is given reaches the configuration")
    func configuration() throws {
        let command = try RemuxCommand.parse([
            "http://a/b.m3u8", "-o", "x.mp4", "-y", "-j", "3", "-H", "Authorization: Bearer a:b", "--key",
            "0x00112233445566778899aabbccddeeff", "--key",
            "abababab-abab-abab-abab-abababababab:33333333333333333333333333333333", "--iv",
            "000102030405060708090A0B0C0D0E0F", "--on-missing", "gap",
        ])
        var configuration = RemuxConfiguration(input: command.namedInput ?? "", output: .standardOutput)
        try command.output.apply(to: &configuration)
        command.network.apply(to: &configuration)
        try command.identity.apply(to: &configuration)
        command.keys.apply(to: &configuration)
        #expect(configuration.overwrites)
        #expect(configuration.jobs == 3)
        let field = try RemuxConfiguration.HeaderField(name: "Authorization", value: "Bearer a:b")
        #expect(configuration.headers == [field])
        let keys = configuration.keys
        #expect(keys.map(\.keyID?.first) == [nil, 0xAB] && keys.map(\.bytes.last) == [0xFF, 0x33])
        #expect(configuration.initializationVector == (0..<16).map { UInt8($0) })
        #expect(configuration.missingSegments == .gap)
    }
}
