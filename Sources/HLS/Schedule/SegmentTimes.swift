/// When the segments of a plan are, in media time and by the wall clock: what a time range is cut by.
package struct SegmentTimes: Sendable {
    /// A segment by its position in the plan.
    struct Entry: Sendable {
        var startMicroseconds: Int64
        var durationMicroseconds: Int64
        var dateMicroseconds: Int64?
        var discontinuitySequence: UInt64
        var isGap: Bool

        var endMicroseconds: Int64 { SegmentTimes.sum(startMicroseconds, durationMicroseconds) }
    }

    let entries: [Entry]
    /// The whole plan's.
    package let durationMicroseconds: Int64

    /// The times of everything that a schedule plans and has not given out.
    package init(of schedule: SegmentSchedule) {
        var schedule = schedule
        var entries: [Entry] = []
        entries.reserveCapacity(schedule.plannedSegmentCount)
        while let order = schedule.next() {
            entries.append(
                Entry(
                    startMicroseconds: order.startMicroseconds,
                    durationMicroseconds: order.durationMicroseconds,
                    dateMicroseconds: order.dateMicroseconds,
                    discontinuitySequence: order.discontinuitySequence,
                    isGap: order.isGap
                )
            )
        }
        self.entries = entries
        durationMicroseconds = entries.last?.endMicroseconds ?? 0
    }

    /// The playlist has EXT-X-PROGRAM-DATE-TIME.
    package var hasDates: Bool { entries.contains { $0.dateMicroseconds != nil } }

    // MARK: - Points

    /// Where a range from `point` on starts.
    func start(at point: TimePoint) throws(RangeError) -> Int64 {
        switch point {
        case .mediaTime(let microseconds):
            let time = microseconds < 0 ? max(0, durationMicroseconds &+ microseconds) : microseconds
            guard time < durationMicroseconds else {
                throw RangeError("--start \(point) is not in the stream: it is \(length) long")
            }
            return time
        case .date(let date):
            let wanted = try microseconds(of: date, option: "--start")
            for entry in entries {
                guard let from = entry.dateMicroseconds, wanted < Self.sum(from, entry.durationMicroseconds) else {
                    continue
                }
                // Between two dates that leave a time out: what comes next.
                return Self.sum(entry.startMicroseconds, max(0, wanted &- from))
            }
            throw RangeError("--start \(point) is not in the stream: \(dates)")
        }
    }

    /// Where a range up to `point` ends.
    func end(at point: TimePoint) throws(RangeError) -> Int64 {
        switch point {
        case .mediaTime(let microseconds):
            let time = microseconds < 0 ? durationMicroseconds &+ microseconds : microseconds
            guard time > 0 else { throw RangeError("--end \(point) is not in the stream: it is \(length) long") }
            return time
        case .date(let date):
            let wanted = try microseconds(of: date, option: "--end")
            for entry in entries.reversed() {
                guard let from = entry.dateMicroseconds, wanted > from else { continue }
                return Self.sum(entry.startMicroseconds, min(entry.durationMicroseconds, wanted &- from))
            }
            throw RangeError("--end \(point) is not in the stream: \(dates)")
        }
    }

    private func microseconds(of date: CalendarDate, option: String) throws(RangeError) -> Int64 {
        guard hasDates else {
            throw RangeError(
                "\(option) \(date.text) needs a playlist with EXT-X-PROGRAM-DATE-TIME, and this one has none: give a "
                    + "time from the start, of \(length)"
            )
        }
        return date.millisecondsSince1970 &* 1000
    }

    private var length: String { TimePoint.mediaTime(microseconds: durationMicroseconds).description }

    /// For messages: the first and the last date.
    private var dates: String {
        let dated = entries.lazy.compactMap { entry in
            entry.dateMicroseconds.map { ($0, Self.sum($0, entry.durationMicroseconds)) }
        }
        guard let first = dated.first?.0, let last = dated.last?.1 else { return "it has no dates" }
        return "it lasts from \(CalendarDate(microsecondsSince1970: first).text) to "
            + CalendarDate(microsecondsSince1970: last).text
    }

    /// Durations are below 2^37 each, so that a sum saturates only by malice.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
