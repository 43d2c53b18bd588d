/// A cue with its place in the output.
struct Cue: Equatable, Sendable {
    /// Output time in 90 kHz, from the start of the presentation.
    var start90k: Int64
    /// Above the start.
    var end90k: Int64
    var identifier = ""
    /// WebVTT cue settings.
    var settings = ""
    /// WebVTT cue text; lines separated by U+000A.
    var text: String
    /// The Discontinuity Sequence that it belongs to.
    var run: UInt64 = 0
    /// Counts the segments of its source: the one that it was read from last.
    var segment = 0
}
