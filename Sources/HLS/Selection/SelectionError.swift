/// Nothing in the playlist fits what was asked for. `message` names the option and what exists; safe for a terminal.
package struct SelectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of mismatch it is.
    package enum Kind: Sendable, Equatable {
        /// The playlist offers no Variant Stream at all.
        case empty
        /// None of them can be written into the output, or each is refused for a reason of its own.
        case unsupported
        /// The option named matches nothing.
        case noMatch(option: String)
    }
    /// What kind of mismatch it is.
    package let kind: Kind
    /// The option and what exists.
    package let message: String

    package var description: String { message }
}
