import HLS

extension RemuxConfiguration {
    /// A part of the presentation. Only the Media Segments it needs are fetched.
    public struct TimeRange: Sendable, Hashable {
        /// A point of the presentation.
        public enum Point: Sendable, Hashable {
            /// From the start of the presentation; negative: from its end. At most ten years.
            ///
            /// Media time is the time of the whole conversion. It is counted by the durations in the playlist up to the
            /// first segment that is fetched, and by timestamps from there on.
            case mediaTime(Duration)
            /// A wall-clock time, by the playlist's EXT-X-PROGRAM-DATE-TIME.
            case date(millisecondsSince1970: Int64)

            /// Reads `90`, `90.5`, `1:30`, `1:02:03.250`, each also negative, or a date as in RFC 3339
            /// (`2026-11-24T10:00:00Z`, with its offset from UTC).
            public init?(_ text: String) {
                switch TimePoint(text) {
                case .mediaTime(let microseconds): self = .mediaTime(.microseconds(microseconds))
                case .date(let date): self = .date(millisecondsSince1970: date.millisecondsSince1970)
                case nil: return nil
                }
            }
        }

        /// Where the part ends.
        public enum End: Sendable, Hashable {
            case at(Point)
            /// After so much media time, above 0.
            case after(Duration)
        }

        /// Default: the start of the presentation.
        public var start: Point?
        /// Default: its end.
        public var end: End?

        public init(start: Point? = nil, end: End? = nil) {
            self.start = start
            self.end = end
        }

        /// Whether the end is certainly not behind the start, whatever the stream.
        public var isEmpty: Bool {
            switch (start, end) {
            case (_, .after(let duration)): duration <= .zero
            case (.mediaTime(let start), .at(.mediaTime(let end))):
                (start < .zero) == (end < .zero) && end <= start
            case (nil, .at(.mediaTime(let end))): end == .zero
            case (.date(let start), .at(.date(let end))): end <= start
            default: false
            }
        }
    }
}

extension RemuxConfiguration.TimeRange {
    /// In the words of Schedule.
    var request: RangeRequest {
        RangeRequest(
            start: start?.timePoint,
            end: end.map { end in
                switch end {
                case .at(let point): .at(point.timePoint)
                case .after(let duration): .after(microseconds: Self.microseconds(duration))
                }
            }
        )
    }

    /// Whole microseconds, at most ten years in either direction.
    fileprivate static func microseconds(_ duration: Duration) -> Int64 {
        let limit = TimePoint.maximumMicroseconds
        let bounded = min(max(duration, .microseconds(-limit)), .microseconds(limit))
        let (seconds, attoseconds) = bounded.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

extension RemuxConfiguration.TimeRange.Point {
    fileprivate var timePoint: TimePoint {
        switch self {
        case .mediaTime(let time):
            .mediaTime(microseconds: RemuxConfiguration.TimeRange.microseconds(time))
        case .date(let milliseconds):
            .date(CalendarDate(millisecondsSince1970: min(max(milliseconds, -1 << 52), 1 << 52)))
        }
    }
}
