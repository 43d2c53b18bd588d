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
    /// The Variant Stream that it was chosen with; `nil` where the input is a Media Playlist.
    var variant: VariantStream?
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

    /// It is a playlist of the Rendition's own, not the Variant Stream's.
    var isOfRendition: Bool { rendition != nil && variant == nil }

    /// Whether the formats of its tracks may change: then parameter sets go before every key frame from the start, since a
    /// decoder that seeks back across a change has those of the other picture.
    ///
    /// In movie fragments all that may change is in the Media Initialization Section. One that changes together with the key, and
    /// without a Discontinuity, is where encryption begins or ends.
    var mayChangeFormat: Bool {
        if !playlist.isComplete || !alternatives.isEmpty { return true }
        return zip(playlist.segments, playlist.segments.dropFirst()).contains { segment, next in
            guard let section = next.initializationSection else { return next.hasDiscontinuity }
            let old = segment.initializationSection
            let isSame = section.uri == old?.uri && section.byteRange == old?.byteRange
            return !isSame && (next.hasDiscontinuity || segment.keys == next.keys)
        }
    }

    /// For messages: empty for the Variant Stream's own playlist.
    var label: String {
        guard let rendition else { return "" }
        return "Rendition \(DisplayText.escaped(rendition.name)): "
    }
}
