/// Cues as the text of a file of their own. Pure.
enum SidecarText {
    /// The start of a WebVTT file.
    static func header(_ format: RemuxConfiguration.Sidecar) -> String {
        switch format {
        case .webVTT: "WEBVTT\n\n"
        case .subRip: ""
        }
    }

    /// One cue and the blank line behind it.
    ///
    /// - Parameter number: counts the cues of the file from 1.
    static func text(_ cue: Cue, _ format: RemuxConfiguration.Sidecar, number: Int) -> String {
        switch format {
        case .webVTT:
            let times = "\(time(cue.start90k, ".")) --> \(time(cue.end90k, "."))"
            return (cue.identifier.isEmpty ? "" : cue.identifier + "\n")
                + times + (cue.settings.isEmpty ? "" : " " + cue.settings) + "\n" + cue.text + "\n\n"
        case .subRip:
            let text = subRipText(cue)
            return "\(number)\n\(time(cue.start90k, ",")) --> \(time(cue.end90k, ","))\n" + text + "\n\n"
        }
    }

    /// Hours, minutes, seconds, milliseconds.
    private static func time(_ time90k: Int64, _ point: String) -> String {
        let milliseconds = (max(0, time90k) + 45) / 90
        let seconds = milliseconds / 1000
        return "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
            + point + padded(milliseconds % 1000, 3)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// SubRip knows bold, italic and underlined text, and `{\an8}` for text at the top; nothing more that players agree on.
    static func subRipText(_ cue: Cue) -> String {
        var text = isAtTop(cue.settings) ? "{\\an8}" : ""
        for run in StyledText(webVTT: cue.text).runs {
            let tags = [(StyledText.Style.bold, "b"), (.italic, "i"), (.underline, "u")].filter {
                run.style.contains($0.0)
            }
            let (open, close) = (tags.map { "<\($0.1)>" }.joined(), tags.reversed().map { "</\($0.1)>" }.joined())
            // Players read line by line: no tag stays open over the end of one.
            text += run.text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : open + $0 + close }.joined(separator: "\n")
        }
        // A blank line would end the cue.
        return text.split(separator: "\n").joined(separator: "\n")
    }

    /// `line` in the upper half: a percentage below 50, or one of the first lines from the top.
    private static func isAtTop(_ settings: String) -> Bool {
        guard
            let setting = settings.split(whereSeparator: { $0 == " " || $0 == "\t" }).first(where: {
                $0.hasPrefix("line:")
            })
        else { return false }
        let value = setting.dropFirst(5).prefix { $0 != "," }
        if value.hasSuffix("%") {
            return Double(value.dropLast()).map { $0 < 50 } ?? false
        }
        return Int(value).map { (0..<6).contains($0) } ?? false
    }
}
