/// A cue as a WebVTT segment holds it, with the times of its header's clock.
struct WebVTTCue: Equatable, Sendable {
    var startMilliseconds: Int64
    /// Above the start.
    var endMilliseconds: Int64
    /// Empty where the cue has none.
    var identifier = ""
    /// What stands behind the times, as written: `line:10% align:start`.
    var settings = ""
    /// Cue text (WebVTT §4.2.2), with markup; lines separated by U+000A.
    var text: String
    /// The map of the header before it; `nil` where that has none.
    var map: TimestampMap?
}

/// What one WebVTT segment holds.
struct WebVTTSegment: Equatable, Sendable {
    var cues: [WebVTTCue] = []
    var counts = WebVTTCounts()
}

/// What was left out of WebVTT segments: counted, reported as warnings.
struct WebVTTCounts: Equatable, Sendable {
    /// Cues whose times cannot be read, or whose end is not behind their start.
    var damagedCues = 0
    /// Cues cut at ``WebVTTLimits/cueTextBytes``.
    var cutCues = 0
    /// Cues beyond ``WebVTTLimits/cues``, or more than may be held at once.
    var excessCues = 0
    /// X-TIMESTAMP-MAP tags that cannot be read.
    var unreadableMaps = 0

    static func += (left: inout WebVTTCounts, right: WebVTTCounts) {
        left.damagedCues += right.damagedCues
        left.cutCues += right.cutCues
        left.excessCues += right.excessCues
        left.unreadableMaps += right.unreadableMaps
    }
}

/// Bounds of what is taken from WebVTT.
struct WebVTTLimits: Sendable {
    /// Bytes of one segment, after content decoding and decryption.
    static let segmentBytes = 16 << 20
    /// UTF-8 bytes of one cue's text.
    var cueTextBytes = 16 << 10
    /// UTF-8 bytes of a cue's identifier, and of its settings.
    var lineBytes = 1 << 10
    /// Cues of one segment.
    var cues = 100_000
}
