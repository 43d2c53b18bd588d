/// Upper bounds for everything in a playlist that can grow. Beyond them a playlist is refused, never truncated.
package struct PlaylistLimits: Sendable, Equatable {
    /// Decoded size in bytes. 24 h of 2 s segments with signed URIs of 1.5 kB are about 65 MB.
    package var bytes = 64 << 20
    /// Length of one line in bytes.
    package var lineBytes = 1 << 20
    /// Media Segments, those replaced by EXT-X-SKIP included; the same bound holds for Partial Segments.
    package var segments = 1_000_000
    /// EXT-X-DATERANGE tags.
    package var dateRanges = 100_000
    /// Variant Streams and Renditions together, I-frame ones included; the same bound holds for session tags.
    package var streams = 1_000
    /// Attributes of one tag.
    package var attributesPerTag = 256
    /// EXT-X-DEFINE tags.
    package var variables = 10_000
    /// Bytes that variable substitution may produce in the whole playlist, as a multiple of ``bytes``.
    package var expansionFactor = 2
    /// Different EXT-X-KEY tags (METHOD, URI, IV, KEYFORMAT).
    package var keys = 10_000
    /// KEYFORMATs that apply at one time.
    package var keyFormats = 16
    /// Duration of one Media Segment in seconds.
    package var segmentSeconds: Int64 = 86_400

    /// The limits documented at each property.
    package init() {}
}
