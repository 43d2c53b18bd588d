/// A playlist is one of two kinds (RFC 8216bis §4.1).
package enum Playlist: Sendable {
    /// Variant Streams and Renditions.
    case multivariant(MultivariantPlaylist)
    /// Media Segments.
    case media(MediaPlaylist)

    /// URI after redirects.
    package var uri: ResourceURI {
        switch self {
        case .multivariant(let playlist): playlist.uri
        case .media(let playlist): playlist.uri
        }
    }

    /// EXT-X-VERSION, 1 where missing.
    package var version: UInt64 {
        switch self {
        case .multivariant(let playlist): playlist.version
        case .media(let playlist): playlist.version
        }
    }

    /// Leniencies that were needed.
    package var warnings: [PlaylistWarning] {
        switch self {
        case .multivariant(let playlist): playlist.warnings
        case .media(let playlist): playlist.warnings
        }
    }
}
