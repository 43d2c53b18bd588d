/// The plan of one source: which segments to fetch, in which order.
///
/// A value without clock or I/O. It takes snapshots of one Media Playlist, as often as they come, and appends what it
/// has not seen; orders are made when they are asked for, so that a plan of a million segments costs no more than its
/// playlist.
package struct SegmentSchedule: Sendable {
    /// What a snapshot brought.
    package struct Ingestion: Sendable, Equatable {
        /// Segments appended to the plan.
        package var appended = 0
        /// Segments that left the playlist before they were seen (live).
        package var missed: UInt64 = 0
        /// The server started its Media Sequence Numbers again (live).
        package var isReset = false
    }

    /// Segments of one snapshot that are still to be ordered.
    private struct Run {
        var uri: ResourceURI
        var epoch: Int
        var segments: ArraySlice<MediaSegment>
        /// The first one does not continue what was before.
        var startsWithDiscontinuity: Bool
        /// When the first one starts by the run's first EXT-X-PROGRAM-DATE-TIME, in microseconds since 1970.
        var firstDateMicroseconds: Int64?
    }

    private var runs: [Run] = []
    private var epoch = 0
    /// The last Media Sequence Number planned in this epoch.
    private var lastNumber: UInt64?
    /// The newest snapshot's first Media Sequence Number; `nil` before the first snapshot.
    private var windowStart: UInt64?
    private var nextIndex = 0
    private var nextStartMicroseconds: Int64 = 0
    /// When the next segment starts, in microseconds since 1970, by the dates so far.
    private var nextDateMicroseconds: Int64?
    /// Positions in the plan of what is given out; `nil`: all.
    private var kept: Range<Int>?
    /// The last section ordered, so that each is made once.
    private var lastSection: (MediaInitializationSection, InitializationSectionOrder)?

    /// Segments planned so far, those already ordered included and those left out not.
    package private(set) var plannedSegmentCount = 0
    /// Their durations, saturating.
    package private(set) var plannedDurationMicroseconds: Int64 = 0
    /// The newest snapshot says that nothing will follow (EXT-X-ENDLIST or type VOD).
    package private(set) var isComplete = false

    /// An empty plan.
    package init() {}

    /// Appends the segments not seen yet (RFC 8216bis §6.3.5).
    ///
    /// A snapshot older than the newest one (a cache that lags) adds nothing. One that ends before the newest began
    /// is a restart: a new epoch. Throws for a Playlist Delta Update that was not merged.
    @discardableResult
    package mutating func ingest(_ snapshot: MediaPlaylist) throws(PlaylistError) -> Ingestion {
        if let skip = snapshot.skip {
            throw PlaylistError(
                .unsupported,
                line: 0,
                tag: .skip,
                section: "6.3.7",
                "this is a Playlist Delta Update with \(skip.count) segments left out; the full playlist is needed"
            )
        }
        var result = Ingestion()
        var fresh = snapshot.segments[...]
        if let windowStart, let lastNumber, let newest = fresh.last {
            if newest.mediaSequenceNumber < windowStart {
                epoch += 1
                result.isReset = true
            } else if snapshot.mediaSequence > lastNumber {
                result.missed = snapshot.mediaSequence - lastNumber - 1
            } else {
                fresh = fresh.drop { $0.mediaSequenceNumber <= lastNumber }
                // A cache that lags: what it says about the end is out of date too.
                if snapshot.mediaSequence < windowStart, fresh.isEmpty { return result }
            }
        }
        isComplete = snapshot.isComplete
        windowStart = snapshot.mediaSequence
        guard let last = fresh.last else { return result }
        lastNumber = last.mediaSequenceNumber
        runs.append(
            Run(
                uri: snapshot.uri,
                epoch: epoch,
                segments: fresh,
                startsWithDiscontinuity: result.isReset || result.missed > 0,
                firstDateMicroseconds: Self.firstDate(of: fresh)
            )
        )
        result.appended = fresh.count
        plannedSegmentCount += fresh.count
        for segment in fresh {
            plannedDurationMicroseconds = Self.sum(plannedDurationMicroseconds, segment.durationMicroseconds)
        }
        return result
    }

    /// The next segment in order, of those that are kept; `nil` where the plan is used up for now.
    package mutating func next() -> SegmentOrder? {
        guard let kept else { return nextOfAll() }
        while nextIndex < kept.upperBound, let order = nextOfAll() {
            if order.index >= kept.lowerBound { return order }
        }
        return nil
    }

    /// Leaves out every segment whose position in the plan is not in `range`. What the others are stays as it was:
    /// numbers, initialization vectors, Discontinuity Sequences, places in time.
    ///
    /// - Parameter durationMicroseconds: what ``plannedDurationMicroseconds`` becomes.
    package mutating func keep(_ range: Range<Int>, durationMicroseconds: Int64) {
        kept = range
        plannedSegmentCount = range.count
        plannedDurationMicroseconds = durationMicroseconds
    }

    private mutating func nextOfAll() -> SegmentOrder? {
        guard !runs.isEmpty, let segment = runs[0].segments.popFirst() else { return nil }
        let run = runs[0]
        if let programDateTime = segment.programDateTime {
            nextDateMicroseconds = programDateTime.date.millisecondsSince1970 * 1000
        } else if run.startsWithDiscontinuity || nextDateMicroseconds == nil {
            nextDateMicroseconds = run.firstDateMicroseconds
        }
        runs[0].firstDateMicroseconds = nil
        runs[0].startsWithDiscontinuity = false
        if run.segments.isEmpty {
            runs.removeFirst()
        }
        let order = SegmentOrder(
            identity: SegmentIdentity(epoch: run.epoch, mediaSequenceNumber: segment.mediaSequenceNumber),
            index: nextIndex,
            // The parser has resolved it once already.
            uri: (try? run.uri.resolving(segment.uri)) ?? .unresolvable,
            byteRange: segment.byteRange,
            encryption: SegmentEncryption(keys: segment.keys, mediaSequenceNumber: segment.mediaSequenceNumber),
            initializationSection: sectionOrder(for: segment.initializationSection),
            durationMicroseconds: segment.durationMicroseconds,
            startMicroseconds: nextStartMicroseconds,
            discontinuitySequence: segment.discontinuitySequence,
            hasDiscontinuity: segment.hasDiscontinuity || run.startsWithDiscontinuity,
            isGap: segment.isGap,
            programDateTime: segment.programDateTime,
            dateMicroseconds: nextDateMicroseconds,
            bitrateKbps: segment.bitrateKbps,
            title: segment.title,
            line: segment.line
        )
        nextIndex += 1
        nextStartMicroseconds = Self.sum(nextStartMicroseconds, segment.durationMicroseconds)
        nextDateMicroseconds = nextDateMicroseconds.map { Self.sum($0, segment.durationMicroseconds) }
        return order
    }

    /// Extrapolates backward from the first date (§6.3.3).
    private static func firstDate(of segments: ArraySlice<MediaSegment>) -> Int64? {
        var before: Int64 = 0
        for segment in segments {
            if let date = segment.programDateTime?.date { return date.millisecondsSince1970 * 1000 - before }
            before = sum(before, segment.durationMicroseconds)
        }
        return nil
    }

    private mutating func sectionOrder(for section: MediaInitializationSection?) -> InitializationSectionOrder? {
        guard let section else { return nil }
        if let (known, order) = lastSection, known === section { return order }
        let order = InitializationSectionOrder(section)
        lastSection = (section, order)
        return order
    }

    /// Durations are below 2^37 each, so that the sum saturates only by malice.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
