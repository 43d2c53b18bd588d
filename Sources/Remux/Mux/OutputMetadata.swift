/// What is said about the output as a whole.
struct OutputMetadata: Equatable, Sendable {
    /// Sanitised, bounded.
    var title: String?
    /// Milliseconds since 1970; `nil`: none is written, so that bytes depend on the input alone.
    var creationTimeMilliseconds: Int64?
    /// By time; none before 0.
    var chapters: [Chapter] = []

    static let maximumTitleLength = 200

    /// Text from a playlist or a command line as a title: without controls, bounded; `nil` where nothing is left.
    static func title(_ text: String) -> String? {
        var title = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(maximumTitleLength) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: title.append(" ")
            case .format, .privateUse: break
            default: title.append(scalar)
            }
        }
        let words = String(title).split(separator: " ").joined(separator: " ")
        return words.isEmpty ? nil : words
    }
}

/// A chapter of the output: it lasts to the next one.
struct Chapter: Equatable, Sendable {
    /// In the output, at least 0.
    var start90k: Int64
    var title: String
}
