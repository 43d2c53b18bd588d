/// Language tags (RFC 5646), compared by basic filtering (RFC 4647 §3.3.1), with the three-letter codes of ISO 639-2
/// that playlists use for languages that have a two-letter one.
package enum LanguageTag {
    /// Whether `tag` lies in `range`: equal to it or longer by whole subtags, without regard to case.
    package static func matches(range: String, tag: String) -> Bool {
        let range = canonical(range)
        let tag = canonical(tag)
        return tag == range || tag.hasPrefix(range + "-")
    }

    /// Lower case, `_` as `-`, the primary subtag in its shortest form.
    package static func canonical(_ tag: String) -> String {
        let subtags = tag.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).map(String.init)
        guard let primary = subtags.first else { return "" }
        return ([shortest[primary] ?? primary] + subtags.dropFirst()).joined(separator: "-")
    }

    /// ISO 639-2 codes, both terminology and bibliographic, to ISO 639-1.
    private static let shortest: [String: String] = [
        "ara": "ar", "bul": "bg", "ben": "bn", "cat": "ca", "ces": "cs", "cze": "cs", "cym": "cy", "wel": "cy",
        "dan": "da", "deu": "de", "ger": "de", "ell": "el", "gre": "el", "eng": "en", "spa": "es", "est": "et",
        "eus": "eu", "baq": "eu", "fas": "fa", "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "gle": "ga",
        "glg": "gl", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "hye": "hy", "arm": "hy", "ind": "id",
        "isl": "is", "ice": "is", "ita": "it", "jpn": "ja", "kat": "ka", "geo": "ka", "kor": "ko", "lat": "la",
        "lit": "lt", "lav": "lv", "mkd": "mk", "mac": "mk", "msa": "ms", "may": "ms", "nld": "nl", "dut": "nl",
        "nor": "no", "nob": "nb", "nno": "nn", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru",
        "slk": "sk", "slo": "sk", "slv": "sl", "sqi": "sq", "alb": "sq", "srp": "sr", "swe": "sv", "tam": "ta",
        "tel": "te", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "zho": "zh", "chi": "zh",
    ]
}
