import Testing

@testable import Transport

@Suite struct TextTests {
    @Test(arguments: [
        ("https://a.example/p/s.ts", "https://a.example/p/s.ts"),
        ("https://joe:pw@a.example/p", "https://a.example/p"),
        ("https://joe:p@w@a.example/p", "https://a.example/p"),
        ("https://a.example/p?token=abc&e=1&flag", "https://a.example/p?token=…&e=…&…"),
        ("https://a.example/p?abc", "https://a.example/p?…"),
        ("https://a.example/p#secret", "https://a.example/p"),
        ("https://a.example/p@q?x=@", "https://a.example/p@q?x=…"),
        ("data:text/plain;base64,c2VjcmV0", "data:…"),
        ("https://a.example/\u{1B}]0;x\u{7}", "https://a.example/\\u{1b}]0;x\\u{7}"),
    ])
    func urlsAreRedacted(url: String, expected: String) {
        #expect("\(RedactedURL(url))" == expected)
    }

    @Test(arguments: [
        "\u{1B}[2J", "\u{9B}31m", "\u{7F}", "\u{202E}abc", "\u{2066}", "\u{200B}", "a\nb", "\u{FEFF}",
    ])
    func nothingMovesTheTerminal(text: String) {
        let shown = DisplayText.escaped(text).unicodeScalars
        #expect(shown.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
    }

    @Test func longTextIsCut() {
        #expect(DisplayText.escaped(String(repeating: "x", count: 5_000)).count == 301)
    }

    @Test func errorsAreSentences() {
        var error = TransportError(.status(404), url: RedactedURL("https://u:p@a/x?k=v"), attempts: 4)
        #expect("\(error)" == "HTTP status 404: not found (https://a/x?k=…), after 4 attempts")
        error = TransportError(.truncated(received: 5, expected: 9))
        #expect("\(error)" == "the body ended after 5 of 9 bytes")
    }
}
