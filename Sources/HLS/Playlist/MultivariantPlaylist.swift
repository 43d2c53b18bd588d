/// A Multivariant Playlist: what a presentation offers (RFC 8216bis §4.4.6).
package struct MultivariantPlaylist: Sendable {
    /// URI after redirects; everything in the playlist is relative to it.
    package let uri: ResourceURI
    /// EXT-X-VERSION, 1 where missing.
    package internal(set) var version: UInt64 = 1
    /// Leniencies that were needed.
    package internal(set) var warnings: [PlaylistWarning] = []

    /// EXT-X-INDEPENDENT-SEGMENTS: holds for every Media Playlist in it.
    package internal(set) var hasIndependentSegments = false
    /// EXT-X-START: a hint for players.
    package internal(set) var start: StartPoint?
    /// EXT-X-STREAM-INF tags in playlist order.
    package internal(set) var variants: [VariantStream] = []
    /// EXT-X-MEDIA tags in playlist order.
    package internal(set) var renditions: [Rendition] = []
    /// EXT-X-I-FRAME-STREAM-INF tags. For lists only.
    package internal(set) var iFrameStreams: [VariantStream] = []
    /// EXT-X-SESSION-DATA tags.
    package internal(set) var sessionData: [SessionData] = []
    /// EXT-X-SESSION-KEY tags.
    package internal(set) var sessionKeys: [SegmentKey] = []
    /// EXT-X-CONTENT-STEERING.
    package internal(set) var contentSteering: ContentSteering?
    /// Variables defined by EXT-X-DEFINE, for the Media Playlists that import them.
    package internal(set) var variables: [String: String] = [:]

    /// An empty playlist, to be filled by its builder.
    init(uri: ResourceURI) { self.uri = uri }

    /// What EXT-X-SESSION-DATA calls the presentation: the VALUE of the first DATA-ID that ends in `title`
    /// (`com.apple.hls.title`, `com.example.movie.title`), one without LANGUAGE before others. Untrusted text.
    package var title: String? {
        let titles = sessionData.filter { data in
            data.value != nil && data.id.split(separator: ".").last?.lowercased() == "title"
        }
        return (titles.first { $0.language == nil } ?? titles.first)?.value
    }

    /// The Renditions of a group, in playlist order; empty where `groupID` is `nil` or unknown.
    package func renditions(type: Rendition.MediaType, groupID: String?) -> [Rendition] {
        guard let groupID else { return [] }
        return renditions.filter { $0.type == type && $0.groupID == groupID }
    }
}

/// EXT-X-SESSION-DATA (RFC 8216bis §4.4.6.4). Its URI is never fetched.
package struct SessionData: Sendable, Equatable {
    /// DATA-ID.
    package let id: String
    /// VALUE; untrusted text.
    package let value: String?
    /// URI as written, after variable substitution.
    package let uri: String?
    /// LANGUAGE.
    package let language: String?
    /// FORMAT is RAW, not JSON.
    package let isRaw: Bool
}

/// EXT-X-CONTENT-STEERING (RFC 8216bis §4.4.6.6). The server is never asked.
package struct ContentSteering: Sendable, Equatable {
    /// SERVER-URI as written, after variable substitution.
    package let serverURI: String
    /// PATHWAY-ID to begin with.
    package let pathwayID: String?
}
