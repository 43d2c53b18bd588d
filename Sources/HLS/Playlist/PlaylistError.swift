/// Why a playlist was refused: where, by which rule, and what was expected.
///
/// `message` is safe for a terminal and holds no query value, key or title.
package struct PlaylistError: Error, Equatable, Sendable {
    /// What kind of refusal it is.
    package enum Kind: Sendable, Equatable {
        /// No `#EXTM3U`: this is something else.
        case notAPlaylist
        /// A rule of the grammar is broken and the meaning is not clear.
        case invalid
        /// Only `--strict` refuses it.
        case strict(Leniency)
        /// Legal, but more than this program or protocol version takes.
        case unsupported
        /// A bound of ``PlaylistLimits`` is exceeded.
        case limit
    }

    /// What kind of refusal it is.
    package var kind: Kind
    /// Line number from 1; 0 where the playlist as a whole is meant.
    package var line: Int
    /// Tag without `#`, `nil` for a URI line or the playlist as a whole.
    package var tag: String?
    /// What is wrong and what was expected.
    package var message: String
    /// Section of RFC 8216bis (draft 22) that says so.
    package var section: String?

    /// Where no section is given it is the tag's.
    init(_ kind: Kind = .invalid, line: Int, tag: Tag? = nil, section: String? = nil, _ message: String) {
        self.kind = kind
        self.line = line
        self.tag = tag?.rawValue
        self.message = message
        self.section = section ?? tag?.section
    }
}

extension PlaylistError: CustomStringConvertible {
    package var description: String {
        var text = line > 0 ? "line \(line): " : ""
        if let tag { text += "\(tag): " }
        text += message
        if let section { text += " (RFC 8216bis, section \(section))" }
        return text
    }
}
