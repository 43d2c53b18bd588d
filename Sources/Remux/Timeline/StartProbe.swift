/// Finds out, from the first packets of a source, whether a key frame stands at or before the start of a clip.
struct StartProbe: Sendable {
    /// The start in the whole presentation, 90 kHz.
    let start90k: Int64
    private(set) var hasKeyFrame = false

    init(start90k: Int64) { self.start90k = start90k }

    /// Takes a picture's time, the first one of its source, and where the playlist puts the segment of that.
    ///
    /// - Returns: `false` where this picture shows that there is no such key frame.
    mutating func accepts(
        pts90k: Int64?,
        dts90k: Int64?,
        isKey: Bool,
        firstPts90k: Int64,
        segmentStart90k: Int64
    ) -> Bool {
        guard !hasKeyFrame, let pts90k else { return true }
        func place(_ time: Int64) -> Int64 {
            segmentStart90k &+ (TimestampUnwrapper.nearest(to: firstPts90k, raw: time) &- firstPts90k)
        }
        if isKey, place(pts90k) <= start90k { hasKeyFrame = true }
        return hasKeyFrame || (!isKey && place(dts90k ?? pts90k) <= start90k)
    }
}
