import HLS

/// The chapters that a playlist gives: one for each Date Range (EXT-X-DATERANGE) and each Discontinuity. Pure.
///
/// Times are the playlist's, and become exact when the timeline has placed the runs that they are in.
struct ChapterPlan: Sendable {
    private struct Mark {
        enum Kind: Int { case dateRange, part, resumption }

        var place: SegmentTimes.Place
        var title: String
        var kind: Kind
    }

    /// Players that read the list of Nero's MP4 count it in one byte.
    static let maximumChapters = 255
    /// A part that begins this near a Date Range is the same border.
    static let sameBorderMicroseconds: Int64 = 500_000
    /// Date Ranges that say what is not in the media.
    private static let silentClasses = "com.apple.hls."

    private let marks: [Mark]
    private let startMicroseconds: Int64
    /// Chapters beyond the limit.
    let excessCount: Int

    /// - Parameters:
    ///   - times: of the whole plan.
    ///   - range: the part that is taken; `nil`: all.
    init(_ dateRanges: [DateRange], times: SegmentTimes, range: PresentationRange? = nil) {
        let starts = times.runStarts
        func part(at microseconds: Int64) -> String {
            "Part \(max(1, starts.count { $0.microseconds <= microseconds }))"
        }
        var marks: [Mark] = []
        for dateRange in dateRanges where !(dateRange.className ?? "").hasPrefix(Self.silentClasses) {
            guard let (start, end) = Self.places(of: dateRange, times, firstRun: starts.first) else { continue }
            let title = OutputMetadata.title(Self.title(of: dateRange)) ?? part(at: start.microseconds)
            marks.append(Mark(place: start, title: title, kind: .dateRange))
            if let end {
                marks.append(Mark(place: end, title: part(at: end.microseconds), kind: .resumption))
            }
        }
        if !marks.isEmpty || starts.count > 1 {
            marks += starts.map { Mark(place: $0, title: part(at: $0.microseconds), kind: .part) }
        }
        let kept = Self.cut(Self.merged(marks), to: range)
        self.marks = Array(kept.prefix(Self.maximumChapters))
        excessCount = kept.count - self.marks.count
        startMicroseconds = range?.startMicroseconds ?? 0
    }

    var isEmpty: Bool { marks.isEmpty }

    /// The chapters, as many whatever is known of the runs.
    ///
    /// - Parameter runs: what has been placed.
    func chapters(_ runs: RunStarts = RunStarts()) -> [Chapter] {
        let scale = TimeScale(1_000_000)
        var last: Int64 = 0
        return marks.map { mark in
            let planned90k = scale.convert(mark.place.microseconds &- startMicroseconds, to: .mpeg)
            last = max(last, planned90k &+ runs.delay90k(of: mark.place.discontinuitySequence))
            return Chapter(start90k: last, title: mark.title)
        }
    }

    /// Where the runs of the timeline came to lie.
    struct RunStarts: Sendable, Equatable {
        private var planned90k: [UInt64: Int64] = [:]
        private var delays90k: [UInt64: Int64] = [:]

        /// A source enters a run.
        mutating func enter(_ run: UInt64, playlistStart90k: Int64) {
            if planned90k[run] == nil { planned90k[run] = playlistStart90k }
        }

        /// Runs that were entered and have no place.
        var open: [UInt64] { planned90k.keys.filter { delays90k[$0] == nil } }

        /// A run has its place.
        mutating func place(_ run: UInt64, start90k: Int64) {
            if let planned = planned90k[run] { delays90k[run] = start90k &- planned }
        }

        /// How much later than the playlist says the run is; for one without a place as much as the one before it.
        func delay90k(of run: UInt64) -> Int64 {
            delays90k.filter { $0.key <= run }.max { $0.key < $1.key }?.value ?? 0
        }
    }

    // MARK: -

    private static func title(of range: DateRange) -> String {
        let titles = range.attributes.filter { $0.key == "X-TITLE" || $0.key.hasSuffix("-TITLE") }
        return range.attributes["X-TITLE"] ?? titles.min { $0.key < $1.key }?.value ?? range.id
    }

    private static func places(
        of range: DateRange,
        _ times: SegmentTimes,
        firstRun: SegmentTimes.Place?
    ) -> (start: SegmentTimes.Place, end: SegmentTimes.Place?)? {
        guard let date = range.startDate?.date else { return nil }
        let start = date.millisecondsSince1970 &* 1000
        let duration = range.durationMicroseconds ?? range.plannedDurationMicroseconds
        let end = range.endDate.map { $0.date.millisecondsSince1970 &* 1000 } ?? duration.map { start &+ $0 }
        let endPlace = end.flatMap { $0 > start ? times.place(ofDateMicroseconds: $0) : nil }
        if let place = times.place(ofDateMicroseconds: start) { return (place, endPlace) }
        // Begun before the playlist does, and still going on.
        guard let endPlace, let firstRun else { return nil }
        return (firstRun, endPlace)
    }

    /// By time, without borders that another one stands for.
    private static func merged(_ marks: [Mark]) -> [Mark] {
        let dateRanges = marks.filter { $0.kind == .dateRange }.map(\.place.microseconds).sorted()
        func isTaken(_ mark: Mark) -> Bool {
            mark.kind != .dateRange
                && dateRanges.contains { abs($0 &- mark.place.microseconds) < sameBorderMicroseconds }
        }
        let sorted = marks.filter { !isTaken($0) }.enumerated().sorted {
            ($0.element.place.microseconds, $0.element.kind.rawValue, $0.offset)
                < ($1.element.place.microseconds, $1.element.kind.rawValue, $1.offset)
        }
        var merged: [Mark] = []
        for (_, mark) in sorted {
            if let last = merged.last {
                let distance = mark.place.microseconds &- last.place.microseconds
                if distance == 0 || mark.kind == .resumption && distance < sameBorderMicroseconds { continue }
                if last.kind == .resumption, mark.kind == .part, distance < sameBorderMicroseconds {
                    merged[merged.count - 1] = mark
                    continue
                }
            }
            merged.append(mark)
        }
        return merged
    }

    private static func cut(_ marks: [Mark], to range: PresentationRange?) -> [Mark] {
        guard let range else { return marks }
        var kept: [Mark] = []
        for var mark in marks where mark.place.microseconds < range.endMicroseconds ?? .max {
            if mark.place.microseconds <= range.startMicroseconds {
                mark.place.microseconds = range.startMicroseconds
                kept = [mark]
            } else {
                kept.append(mark)
            }
        }
        return kept
    }
}
