/// What a playlist says about a track, for the container's metadata.
struct TrackLabel: Equatable, Sendable {
    /// An RFC 5646 tag (LANGUAGE).
    var language: String?
    /// NAME: untrusted text, bounded.
    var name: String?
    var isDefault = true
    var isForced = false

    static let maximumNameLength = 200
}
