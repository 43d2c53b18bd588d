/// What places the cues of one segment.
struct CueAnchor: Equatable, Sendable {
    /// What is taken from a source time to get an output time, in 90 kHz.
    var shift90k: Int64
    /// Where the segment lies in the output by its playlist, in 90 kHz.
    var expected90k: ClosedRange<Int64>
}

/// Turns the times of WebVTT cues into output times (RFC 8216bis §3.1.4). Pure; one for each Rendition.
///
/// MPEG-2 timestamps wrap every 26.5 hours: the turn is the one that brings a segment's first cue nearest to the segment's
/// place in the playlist, and all cues of a header's clock follow it.
struct CueClock {
    /// How cue times are understood that no X-TIMESTAMP-MAP explains.
    private enum Unmapped {
        /// By the specification: local time 0 is MPEG-2 timestamp 0.
        case timestamps
        /// As presentation time, since nothing else fits the playlist.
        case presentation
    }

    /// Playlists round their durations: cues this far from their segment do not contradict it …
    private static let tolerance90k: Int64 = 2 * 90_000
    /// … and one part in this many of the time since the start, because roundings add up.
    private static let drift: Int64 = 50

    private var unmapped: Unmapped?
    /// The times of cues without a map were taken as presentation times.
    var takesPresentationTime: Bool { unmapped == .presentation }

    /// The segment's cues with output times, in its order.
    mutating func place(_ segment: WebVTTSegment, at anchor: CueAnchor, run: UInt64, number: Int) -> [Cue] {
        let unmappedCues = segment.cues.filter { $0.map == nil }
        if unmapped == nil, !unmappedCues.isEmpty { unmapped = Self.decide(unmappedCues, anchor) }
        var offsets: [(map: TimestampMap?, offset90k: Int64)] = []
        return segment.cues.map { cue in
            let offset90k: Int64
            if let known = offsets.last(where: { $0.map == cue.map }) {
                offset90k = known.offset90k
            } else {
                offset90k =
                    cue.map == nil && takesPresentationTime ? 0 : Self.offset90k(cue.map ?? .missing, cue, anchor)
                offsets.append((cue.map, offset90k))
            }
            return Cue(
                start90k: cue.startMilliseconds &* 90 &+ offset90k,
                end90k: cue.endMilliseconds &* 90 &+ offset90k,
                identifier: cue.identifier,
                settings: cue.settings,
                text: cue.text,
                run: run,
                segment: number
            )
        }
    }

    /// The shift of a run where no audio or video gives one: what the first header says lies at the run's start, at the
    /// segment's, or at the presentation's, whichever the cues fit best.
    static func shift90k(of segment: WebVTTSegment, runStart90k: Int64, expected90k: ClosedRange<Int64>) -> Int64 {
        let map = segment.cues.first?.map ?? .missing
        let cues = segment.cues.filter { $0.map == segment.cues.first?.map }
        func distance(_ shift90k: Int64) -> Int64 {
            cues.map { outside($0, map.mpeg90k(of: 0) &- shift90k, expected90k) }.max() ?? 0
        }
        let candidates = [runStart90k, expected90k.lowerBound, 0].map { map.mpeg90k &- $0 }
        return candidates.min { distance($0) < distance($1) } ?? map.mpeg90k
    }

    // MARK: -

    /// What is added to a cue time in 90 kHz to get an output time.
    private static func offset90k(_ map: TimestampMap, _ cue: WebVTTCue, _ anchor: CueAnchor) -> Int64 {
        let start90k = map.mpeg90k(of: cue.startMilliseconds) &- anchor.shift90k
        let placed90k = TimestampUnwrapper.nearest(to: anchor.expected90k.lowerBound, raw: start90k)
        return placed90k &- cue.startMilliseconds &* 90
    }

    private static func decide(_ cues: [WebVTTCue], _ anchor: CueAnchor) -> Unmapped {
        guard let first = cues.first else { return .timestamps }
        let tolerated = tolerance90k + max(0, anchor.expected90k.lowerBound) / drift
        func fits(_ offset90k: Int64) -> Bool {
            cues.allSatisfy { outside($0, offset90k, anchor.expected90k) <= tolerated }
        }
        return !fits(offset90k(.missing, first, anchor)) && fits(0) ? .presentation : .timestamps
    }

    /// How far a cue lies outside of a stretch of time, in 90 kHz.
    private static func outside(_ cue: WebVTTCue, _ offset90k: Int64, _ range: ClosedRange<Int64>) -> Int64 {
        let (start, end) = (cue.startMilliseconds &* 90 &+ offset90k, cue.endMilliseconds &* 90 &+ offset90k)
        return max(0, max(range.lowerBound &- end, start &- range.upperBound))
    }
}
