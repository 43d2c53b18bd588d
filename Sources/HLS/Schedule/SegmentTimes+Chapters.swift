/// What chapters are placed by.
extension SegmentTimes {
    /// A place in the media time of a plan.
    package struct Place: Hashable, Sendable {
        package var microseconds: Int64
        package var discontinuitySequence: UInt64
    }

    /// Where each Discontinuity Sequence begins, in order.
    package var runStarts: [Place] {
        var starts: [Place] = []
        for entry in entries where starts.last?.discontinuitySequence != entry.discontinuitySequence {
            starts.append(
                Place(microseconds: entry.startMicroseconds, discontinuitySequence: entry.discontinuitySequence)
            )
        }
        return starts
    }

    /// Where a date is, by EXT-X-PROGRAM-DATE-TIME; one that the dates leave out is where they go on behind it. `nil`: before
    /// the first date, or behind the last segment.
    package func place(ofDateMicroseconds date: Int64) -> Place? {
        guard let first = entries.lazy.compactMap(\.dateMicroseconds).first, date >= first else { return nil }
        for entry in entries {
            guard let from = entry.dateMicroseconds, date &- from < entry.durationMicroseconds else { continue }
            return Place(
                microseconds: entry.startMicroseconds &+ max(0, date &- from),
                discontinuitySequence: entry.discontinuitySequence
            )
        }
        return nil
    }
}
