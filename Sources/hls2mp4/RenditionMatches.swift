import Remux

/// The list of `--audio` and `--subtitles`: `en,name=Commentary`.
enum RenditionMatches {
    /// - Parameter takesChannels: `channels=2` is understood.
    /// - Returns: `nil` where an entry cannot be read.
    static func parse(_ argument: String, takesChannels: Bool) -> [RemuxConfiguration.Selection.Match]? {
        var matches: [RemuxConfiguration.Selection.Match] = []
        for entry in argument.split(separator: ",", omittingEmptySubsequences: false) {
            if entry.isEmpty { return nil }
            if entry.hasPrefix("name=") {
                matches.append(.name(String(entry.dropFirst(5))))
            } else if entry.hasPrefix("channels=") {
                guard takesChannels, let count = Int(entry.dropFirst(9)) else { return nil }
                matches.append(.channels(count))
            } else {
                matches.append(.language(String(entry)))
            }
        }
        return matches
    }
}
