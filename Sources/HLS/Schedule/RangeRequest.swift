/// The part of a presentation that is asked for.
package struct RangeRequest: Hashable, Sendable {
    /// Where it ends.
    package enum End: Hashable, Sendable {
        case at(TimePoint)
        /// After so many microseconds of media time, above 0.
        case after(microseconds: Int64)
    }

    /// `nil`: the start of the presentation.
    package var start: TimePoint?
    /// `nil`: its end.
    package var end: End?

    /// A request.
    package init(start: TimePoint? = nil, end: End? = nil) {
        self.start = start
        self.end = end
    }

    /// The range in the media time of a plan.
    ///
    /// An end behind the end of the plan is the end of the plan, a date before its first one is its start, and so is a time
    /// from the end that is longer than the plan.
    /// - Throws: ``RangeError`` where the range lies outside of the plan or is empty, or where dates are needed and the
    ///   playlist has none.
    package func resolved(in times: SegmentTimes) throws(RangeError) -> PresentationRange {
        let start = try self.start.map { point throws(RangeError) in try times.start(at: point) } ?? 0
        let end: Int64
        switch self.end {
        case nil:
            end = times.durationMicroseconds
        case .after(let microseconds):
            let (sum, overflow) = start.addingReportingOverflow(microseconds)
            end = overflow ? .max : sum
        case .at(let point):
            end = try times.end(at: point)
        }
        guard end > start else {
            throw RangeError(
                "--end is not behind --start: in this stream they are at "
                    + "\(TimePoint.mediaTime(microseconds: end)) and \(TimePoint.mediaTime(microseconds: start))"
            )
        }
        return PresentationRange(
            startMicroseconds: start,
            endMicroseconds: end < times.durationMicroseconds ? end : nil
        )
    }
}

/// A part of a presentation in media time: the sum of the durations (EXTINF) before it in the playlist.
package struct PresentationRange: Hashable, Sendable {
    /// From here, at least 0 …
    package var startMicroseconds: Int64
    /// … up to here; `nil`: to the end.
    package var endMicroseconds: Int64?

    /// A range.
    package init(startMicroseconds: Int64, endMicroseconds: Int64?) {
        self.startMicroseconds = startMicroseconds
        self.endMicroseconds = endMicroseconds
    }
}

/// Why a range cannot be had from a playlist: names the option and what there is.
package struct RangeError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
