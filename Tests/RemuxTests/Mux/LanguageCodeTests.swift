import Testing

@testable import Remux

@Suite struct LanguageCodeTests {
    @Test(
        "RFC 5646 tags become ISO 639-2/T codes",
        arguments: [
            ("en", "eng"), ("fr-CA", "fra"), ("DE", "deu"), ("zh-Hant", "zho"), ("gsw", "gsw"), ("por", "por"),
            ("", "und"),
            ("x-private", "und"), ("qq", "und"), ("e1", "und"), ("日本", "und"),
        ]
    )
    func codes(_ tag: String, _ expected: String) {
        #expect(LanguageCode.iso639(of: tag) == expected)
    }
}
