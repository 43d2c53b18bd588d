/// What to fetch of a Multivariant Playlist.
package struct Selection: Sendable {
    /// The choice.
    package let choice: StreamChoice
    /// Redundant Variant Streams with their Renditions, in the order to try them when the choice fails: the same
    /// content by the playlist's word, never another quality.
    package let failovers: [StreamChoice]
    /// Variant Streams that cannot be used, and why. Those that merely rank lower are not listed.
    package let skipped: [SkippedVariant]

    /// The Variant Stream chosen.
    package var variant: VariantStream { choice.variant }
    /// The Renditions chosen.
    package var renditions: [SelectedRendition] { choice.renditions }
}

/// A Variant Stream and what is taken of it.
package struct StreamChoice: Sendable {
    /// The Variant Stream.
    package let variant: VariantStream
    /// Its position in the playlist.
    package let variantIndex: Int
    /// Video of the Variant Stream's own playlist is taken.
    package let takesVideo: Bool
    /// Audio of the Variant Stream's own playlist is taken, if there is any.
    package let takesAudio: Bool
    /// Renditions taken, audio first, in the order asked for.
    package let renditions: [SelectedRendition]

    /// Whether the Variant Stream's own playlist is needed at all (RFC 8216bis §6.3.2: else it SHOULD NOT be loaded).
    package var loadsVariantPlaylist: Bool { takesVideo || takesAudio }

    /// Nothing is left to take: no playlist would be loaded.
    package var isEmpty: Bool { !loadsVariantPlaylist && renditions.allSatisfy { $0.uri == nil } }

    /// What to say then.
    package static let emptyText = "nothing is taken: --video, --audio and --subtitles leave everything out"
}

/// A Rendition to take.
package struct SelectedRendition: Sendable {
    /// The Rendition.
    package let rendition: Rendition
    /// Its Media Playlist; `nil`: in the Variant Stream's own (§4.4.6.2.1), also where both name the same one.
    package let uri: ResourceURI?

    /// The Rendition as it is reached from a Variant Stream.
    init(rendition: Rendition, variant: VariantStream) {
        self.rendition = rendition
        uri = rendition.resolvedURI == variant.resolvedURI ? nil : rendition.resolvedURI
    }
}

/// A Variant Stream that was left out.
package struct SkippedVariant: Sendable {
    /// The Variant Stream.
    package let variant: VariantStream
    /// Its position in the playlist.
    package let variantIndex: Int
    /// For people.
    package let reason: String
    /// It would have been taken in place of the choice.
    package internal(set) var isPreferred = false
}
