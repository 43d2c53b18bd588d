/// Text from the network or the user made safe for a terminal.
enum DisplayText {
    /// The most characters of foreign text in one message.
    static let maximumLength = 300

    /// `text` with control characters (C0, DEL, C1), bidirectional controls and zero-width characters written as
    /// `\u{…}`, cut to ``maximumLength``.
    static func escaped(_ text: String) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < maximumLength else { return result + "…" }
            count += 1
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
