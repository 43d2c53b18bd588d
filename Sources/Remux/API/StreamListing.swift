/// What one playlist offers, as it was read: nothing else is fetched.
///
/// ```swift
/// let listing = try await StreamListing.load(RemuxConfiguration(input: url, output: .standardOutput))
/// ```
/// Texts and URIs are the playlist's own words: neither redacted nor safe for a terminal, unless said otherwise. A URI may
/// hold a token, that of a key the key itself (`data:`).
public struct StreamListing: Sendable {
    /// The two kinds of playlists (RFC 8216bis §4.1).
    public enum Content: Sendable {
        /// Media Segments.
        case media(Media)
        /// Variant Streams and Renditions.
        case multivariant(Multivariant)
    }

    /// The playlist's URL after redirects; redacted, safe for a terminal.
    public let url: String
    /// EXT-X-VERSION, 1 where missing.
    public let version: UInt64
    /// Leniencies that were needed, and what the network met; safe for a terminal.
    public let warnings: [String]
    /// What is in the playlist.
    public let content: Content
}
