/// The names of subtitle files beside the output: `film.en.vtt`, `film.en.forced.vtt`, `film.en.2.vtt`. Pure.
enum SidecarName {
    /// What is said about a file.
    struct Label: Sendable {
        /// An RFC 5646 tag; untrusted text.
        var language: String?
        var isForced = false
        /// For people who do not hear the sound.
        var describesSound = false
    }

    private static let maximumLanguageLength = 35

    /// The paths, in the order of the labels; no two are the same.
    ///
    /// - Parameter output: path of the output, whose last extension is replaced.
    static func paths(output: String, labels: [Label], format: RemuxConfiguration.Sidecar) -> [String] {
        var taken: Set<String> = []
        return labels.map { label in
            var name = stem(of: output) + "." + language(label.language)
            if label.describesSound { name += ".sdh" }
            if label.isForced { name += ".forced" }
            var candidate = name
            var number = 2
            // Names that differ in case alone are one on some file systems.
            while !taken.insert(candidate.lowercased()).inserted {
                candidate = name + ".\(number)"
                number += 1
            }
            return candidate + "." + format.rawValue
        }
    }

    /// Letters, digits and hyphens of the tag; `und` where none are left.
    private static func language(_ tag: String?) -> String {
        let plain = (tag ?? "").unicodeScalars.filter { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-": true
            default: false
            }
        }
        let text = String(String.UnicodeScalarView(plain.prefix(maximumLanguageLength)))
        return text.isEmpty || text.hasPrefix("-") ? "und" : text
    }

    private static func stem(of path: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = path[start...]
        guard let point = name.lastIndex(of: "."), point > name.startIndex else { return path }
        return String(path[..<point])
    }
}
