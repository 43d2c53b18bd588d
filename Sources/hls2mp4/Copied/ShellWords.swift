/// The words of one simple command as a POSIX shell or bash splits them: quotes, escapes and continued lines; nothing is
/// expanded or run.
enum ShellWords {
    enum Failure: Error, Equatable {
        case openQuote
        /// An operator or expansion outside of single quotes: more than one simple command.
        case notSimple
    }

    /// - Throws: ``Failure``.
    static func split(_ text: String) throws(Failure) -> [String] {
        var reader = Reader(text)
        var words: [String] = []
        while let word = try reader.word() { words.append(word) }
        return words
    }

    private struct Reader {
        private let scalars: [Unicode.Scalar]
        private var index = 0

        init(_ text: String) { scalars = Array(text.unicodeScalars) }

        private mutating func take() -> Unicode.Scalar? {
            guard index < scalars.count else { return nil }
            defer { index += 1 }
            return scalars[index]
        }

        private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

        /// The next word; `nil` at the end.
        mutating func word() throws(Failure) -> String? {
            skipBlanks()
            guard next != nil else { return nil }
            var word = String.UnicodeScalarView()
            while let scalar = next, !Self.isBlank(scalar) {
                index += 1
                switch scalar {
                case "'": try singleQuoted(into: &word)
                case "\"": try doubleQuoted(into: &word)
                case "\\":
                    guard let escaped = take() else { throw .openQuote }
                    if escaped != "\n" { word.append(escaped) }
                case "$" where next == "'":
                    index += 1
                    try ansiQuoted(into: &word)
                case "$", "`", ";", "|", "&", "<", ">", "(", ")": throw .notSimple
                default: word.append(scalar)
                }
            }
            return String(word)
        }

        private mutating func skipBlanks() {
            while let scalar = next {
                if Self.isBlank(scalar) {
                    index += 1
                } else if scalar == "\\", index + 1 < scalars.count, scalars[index + 1] == "\n" {
                    index += 2
                } else if scalar == "\\", index + 2 < scalars.count, scalars[index + 1] == "\r",
                    scalars[index + 2] == "\n"
                {
                    index += 3
                } else {
                    return
                }
            }
        }

        private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
        }

        private mutating func singleQuoted(into word: inout String.UnicodeScalarView) throws(Failure) {
            while let scalar = take() {
                if scalar == "'" { return }
                word.append(scalar)
            }
            throw .openQuote
        }

        private mutating func doubleQuoted(into word: inout String.UnicodeScalarView) throws(Failure) {
            while let scalar = take() {
                switch scalar {
                case "\"": return
                case "$", "`": throw .notSimple
                case "\\":
                    guard let escaped = take() else { throw .openQuote }
                    switch escaped {
                    case "$", "`", "\"", "\\": word.append(escaped)
                    case "\n": break
                    default:
                        word.append("\\")
                        word.append(escaped)
                    }
                default: word.append(scalar)
                }
            }
            throw .openQuote
        }

        /// bash's `$'…'`, as browsers write it where a value has quotes or other characters of note.
        private mutating func ansiQuoted(into word: inout String.UnicodeScalarView) throws(Failure) {
            while let scalar = take() {
                if scalar == "'" { return }
                guard scalar == "\\" else {
                    word.append(scalar)
                    continue
                }
                guard let escaped = take() else { throw .openQuote }
                switch escaped {
                case "n": word.append("\n")
                case "t": word.append("\t")
                case "r": word.append("\r")
                case "a": word.append("\u{07}")
                case "b": word.append("\u{08}")
                case "e", "E": word.append("\u{1B}")
                case "f": word.append("\u{0C}")
                case "v": word.append("\u{0B}")
                case "x": append(digits(2, radix: 16), to: &word)
                case "u": append(digits(4, radix: 16), to: &word)
                case "U": append(digits(8, radix: 16), to: &word)
                case "0"..."7":
                    index -= 1
                    append(digits(3, radix: 8), to: &word)
                case "\\", "'", "\"", "?": word.append(escaped)
                default:
                    word.append("\\")
                    word.append(escaped)
                }
            }
            throw .openQuote
        }

        private mutating func digits(_ most: Int, radix: UInt32) -> UInt32 {
            var value: UInt32 = 0
            for _ in 0..<most {
                guard let scalar = next, let digit = Character(scalar).hexDigitValue, digit < Int(radix) else { break }
                value = value &* radix &+ UInt32(digit)
                index += 1
            }
            return value
        }

        private func append(_ value: UInt32, to word: inout String.UnicodeScalarView) {
            word.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
    }
}
