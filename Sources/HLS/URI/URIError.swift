/// Why a text is no usable URI. Holds nothing of the text itself, so that no secret travels with it.
package enum URIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is empty after blanks were trimmed.
    case empty
    /// No scheme, where an absolute URI is needed (RFC 3986 §4.3).
    case missingScheme
    /// The part before the first `:` is no scheme name (RFC 3986 §3.1).
    case invalidScheme
    /// `http` and `https` need a host (RFC 9110 §4.2.1).
    case missingHost
    /// A relative reference cannot be resolved against a base such as `data:` (RFC 3986 §5.2.3).
    case baseNotHierarchical

    package var description: String {
        switch self {
        case .empty: "the URI is empty"
        case .missingScheme: "an absolute URI with a scheme is needed"
        case .invalidScheme: "the URI does not start with a valid scheme or path"
        case .missingHost: "the URI has no host"
        case .baseNotHierarchical:
            "a relative URI, and the playlist came without a URL it could be relative to (--base-url gives one)"
        }
    }
}
