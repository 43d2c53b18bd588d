/// Where a playlist puts a Media Segment: what decides between a gap and a jump where timestamps alone do not.
struct SegmentPlace: Equatable, Sendable {
    var mediaSequenceNumber: UInt64
    /// Sum of the durations before it, 90 kHz.
    var start90k: Int64
    var duration90k: Int64
    /// Its date, by EXT-X-PROGRAM-DATE-TIME, 90 kHz since 1970; `nil` where the playlist has none.
    var date90k: Int64?
}

/// The first decoding time of a track in a Media Segment: relates the track's clock to the playlist.
struct SegmentAnchor: Equatable, Sendable {
    var place: SegmentPlace
    /// Of the track's first sample in the segment, 90 kHz.
    var first90k: Int64
    /// Samples of the track in the segment so far.
    var count = 1
}

/// How long the playlist says it takes from one sample of a track to the next one, 90 kHz.
struct PlaylistStep: Equatable, Sendable {
    /// By the durations of the segments.
    var range: ClosedRange<Int64>
    /// By their dates.
    var dates90k: Int64?
    /// The first sample ends a segment, so that the durations say one value.
    var isExact: Bool { range.lowerBound == range.upperBound }

    private static let shortestSample90k: Int64 = 900

    /// - Parameters:
    ///   - last90k: decoding time of the sample before.
    ///   - anchor: of the segment of that; `before`: of the track's segment before that one.
    ///   - place: the segment of the sample to come.
    init?(from last90k: Int64, anchor: SegmentAnchor?, before: SegmentAnchor?, to place: SegmentPlace?) {
        guard var anchor, let place, place.start90k >= anchor.place.start90k
        else { return nil }
        if anchor.place.mediaSequenceNumber == place.mediaSequenceNumber {
            let here = place.start90k &+ (last90k &- anchor.first90k)
            range = 0...max(0, place.start90k &+ place.duration90k &- here)
            guard anchor.count == 1, let before else { return }
            // Readers that look one sample ahead give out the last sample of a segment when the next one has begun.
            let left = place.start90k &- before.place.start90k &- (last90k &- before.first90k)
            guard left > Self.shortestSample90k else { return }
            anchor = before
        }
        let inside = last90k &- anchor.first90k
        let step = place.start90k &- anchor.place.start90k &- inside
        range = step...step
        if let date = place.date90k, let old = anchor.place.date90k { dates90k = date &- old &- inside }
    }

    /// Whether the playlist shows a step of this size too, within a tolerance: by its durations or by its dates.
    func shows(_ step90k: Int64, tolerance90k: Int64) -> Bool {
        if let dates90k, abs(Self.bounded(step90k &- dates90k)) <= tolerance90k { return true }
        return step90k >= range.lowerBound &- tolerance90k && step90k <= range.upperBound &+ tolerance90k
    }

    private static func bounded(_ value: Int64) -> Int64 { max(value, -TimeScale.saturated) }
}
