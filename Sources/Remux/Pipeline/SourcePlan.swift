import HLS

/// One Media Playlist of a session, and what is taken from it.
struct SourcePlan: Sendable {
    var playlist: MediaPlaylist
    var takesVideo = true
    var takesAudio = true
    /// What CODECS promises of the two: it is waited for, within bounds, also while the container does not list it.
    var promisesVideo = false
    var promisesAudio = false
    /// WebVTT, in a playlist of its own.
    var takesSubtitles = false
    /// Of subtitles in fragmented MP4; `nil`: they are WebVTT segments.
    var textTrack: TextTrack?
    /// The Rendition that the playlist belongs to; `nil` for the Variant Stream's own.
    var rendition: Rendition?
    /// Media Playlists with the same content, in the order to try them.
    var alternatives: [ResourceURI] = []
    /// Of the Multivariant Playlist, for ``alternatives``.
    var variables: [String: String] = [:]

    /// What the Multivariant Playlist calls the presentation; untrusted text.
    var sessionTitle: String?

    /// End of the last segment: the sum of all durations.
    var endMicroseconds: Int64 { playlist.durationMicroseconds }

    /// Whether the formats of its tracks may change: then parameter sets go before every key frame from the start, since a
    /// decoder that seeks back across a change has those of the other picture.
    var mayChangeFormat: Bool {
        let sections = Set(
            playlist.segments.lazy.compactMap(\.initializationSection).map { "\($0.uri) \($0.byteRange as Any)" }
        )
        return sections.count > 1 || playlist.segments.contains(where: \.hasDiscontinuity) || !playlist.isComplete
            || !alternatives.isEmpty
    }

    /// For messages: empty for the Variant Stream's own playlist.
    var label: String {
        guard let rendition else { return "" }
        return "Rendition \(DisplayText.escaped(rendition.name)): "
    }
}
