/// Text from the wire, made safe for a terminal and a log line.
package enum DisplayText {
    /// Longest excerpt in Unicode scalars.
    package static let excerptLength = 48

    /// A quoted excerpt of something the playlist says: escapes neutralised, length bounded. Not for URIs.
    static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
        escaped(String(decoding: bytes.prefix(excerptLength * 4), as: UTF8.self))
    }

    /// A quoted excerpt: controls, format characters and line separators as `\u{…}`, cut at ``excerptLength``.
    package static func escaped(_ text: String) -> String {
        var output = "\u{201C}"
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < excerptLength else {
                output += "…"
                break
            }
            count += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                output += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                output.unicodeScalars.append(scalar)
            }
        }
        return output + "\u{201D}"
    }
}
