/// Text with bold, italic and underlined parts: what is left of WebVTT cue text (§4.2.2) where a format knows no more.
///
/// Other tags (voice, class, language, time stamps) are taken out, ruby text is put in parentheses, character references
/// become characters.
struct StyledText: Equatable, Sendable {
    struct Style: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        /// The face style flags of 3GPP TS 26.245 §5.16.
        static let bold = Style(rawValue: 1)
        static let italic = Style(rawValue: 2)
        static let underline = Style(rawValue: 4)
    }

    /// A stretch of one style.
    struct Run: Equatable, Sendable {
        var text: String
        var style: Style
    }

    private(set) var runs: [Run] = []

    var plain: String { runs.map(\.text).joined() }

    init() {}

    /// - Parameter webVTT: cue text.
    init(webVTT: String) {
        var depths: [Style: Int] = [:]
        var rest = Substring(webVTT)
        while let first = rest.first {
            switch first {
            case "<":
                let tag = rest.dropFirst().prefix { $0 != ">" }
                rest = rest.dropFirst(tag.count + 1).dropFirst()
                take(tag, &depths)
            case "&":
                let (character, length) = Self.reference(rest)
                append(character, Self.style(depths))
                rest = rest.dropFirst(length)
            default:
                let text = rest.prefix { $0 != "<" && $0 != "&" }
                append(String(text), Self.style(depths))
                rest = rest.dropFirst(text.count)
            }
        }
    }

    /// Adds another text on a line of its own.
    mutating func appendLine(_ other: StyledText) {
        if !runs.isEmpty { append("\n", []) }
        for run in other.runs { append(run.text, run.style) }
    }

    private mutating func append(_ text: String, _ style: Style) {
        guard !text.isEmpty else { return }
        if let last = runs.last, last.style == style {
            runs[runs.count - 1].text += text
        } else {
            runs.append(Run(text: text, style: style))
        }
    }

    private static func style(_ depths: [Style: Int]) -> Style {
        Style(depths.filter { $0.value > 0 }.map(\.key))
    }

    private mutating func take(_ tag: Substring, _ depths: inout [Style: Int]) {
        let isEnd = tag.first == "/"
        let name = (isEnd ? tag.dropFirst() : tag).prefix { $0 != "." && $0 != " " && $0 != "\t" && $0 != "\n" }
        let style: Style
        switch name {
        case "b": style = .bold
        case "i": style = .italic
        case "u": style = .underline
        case "rt":
            append(isEnd ? ")" : "(", Self.style(depths))
            return
        default: return
        }
        depths[style] = max(0, (depths[style] ?? 0) + (isEnd ? -1 : 1))
    }

    /// Longer names than this are no character reference.
    private static let maximumReferenceLength = 12

    /// The character behind a reference at the start of `text`, and how many characters it takes up there.
    private static func reference(_ text: Substring) -> (String, Int) {
        let name = text.dropFirst().prefix(maximumReferenceLength).prefix { $0 != ";" && $0 != "&" && $0 != "<" }
        guard text.dropFirst(1 + name.count).first == ";" else { return ("&", 1) }
        if let character = named[String(name)] { return (character, name.count + 2) }
        guard name.first == "#" else { return ("&", 1) }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        guard let value = UInt32(isHexadecimal ? digits.dropFirst() : digits, radix: isHexadecimal ? 16 : 10),
            value >= 0x20, let scalar = Unicode.Scalar(value)
        else { return ("&", 1) }
        return (String(Character(scalar)), name.count + 2)
    }

    private static let named = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "lrm": "\u{200E}",
        "rlm": "\u{200F}",
    ]
}
