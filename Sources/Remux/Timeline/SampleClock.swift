/// Times of sound by its samples: a timestamp says when one frame is due, those behind it follow from their number of samples,
/// so that roundings do not add up.
struct SampleClock: Sendable {
    private var anchor90k: Int64?
    private var samplesSinceAnchor: Int64 = 0

    /// The next frame is due at this time, 90 kHz.
    mutating func set(_ timestamp90k: Int64) {
        anchor90k = timestamp90k
        samplesSinceAnchor = 0
    }

    /// When the next frame is due, 90 kHz; `nil` while no timestamp has come. The clock goes on behind the frame.
    ///
    /// - Parameter scale: the sample rate, by which all samples since the last timestamp are counted: a damaged header that
    ///   tells another one moves no other frame.
    mutating func advance(by sampleCount: Int, scale: TimeScale) -> Int64? {
        defer { samplesSinceAnchor &+= Int64(sampleCount) }
        return anchor90k.map { $0 &+ scale.convert(samplesSinceAnchor, to: .mpeg) }
    }
}
