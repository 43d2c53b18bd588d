import HLS

/// Which Media Segments a part of the presentation needs from each source.
struct ClipPlan: Sendable {
    let range: PresentationRange
    private let whole: [SegmentSchedule]
    private let times: [SegmentTimes]
    private let margins: [SegmentTimes.Margins]
    /// The source that gives the range its media time.
    private let reference: Int
    /// Further segments in front of each source.
    private var leads: [Int]

    /// - Parameter schedules: of `sources`, whole.
    /// - Throws: ``RemuxError`` with code `playlistRefused` where the range cannot be had.
    init(_ request: RangeRequest, sources: [SourcePlan], schedules: [SegmentSchedule]) throws(RemuxError) {
        whole = schedules
        times = schedules.map(SegmentTimes.init)
        margins = sources.map { $0.takesVideo ? .video : .audio }
        leads = sources.map { _ in 0 }
        reference = sources.firstIndex(where: \.takesVideo) ?? 0
        let url = sources[reference].playlist.uri.description
        func refuse(_ text: String, underlying: (any Error)? = nil) -> RemuxError {
            let context = RemuxError.Context(stage: "Schedule", url: url)
            return RemuxError(.playlistRefused, "\(text) (\(url))", context: context, underlying: underlying)
        }
        do {
            range = try request.resolved(in: times[reference])
        } catch {
            throw refuse("\(error)", underlying: error)
        }
        guard !times[reference].isGap(range) else {
            throw refuse("everything \(Self.text(range)) is marked with EXT-X-GAP: there is no media")
        }
    }

    /// For messages: `from 0:10 to 0:20.500`.
    static func text(_ range: PresentationRange) -> String {
        let end = range.endMicroseconds.map { "\(TimePoint.mediaTime(microseconds: $0))" } ?? "the end"
        return "from \(TimePoint.mediaTime(microseconds: range.startMicroseconds)) to \(end)"
    }

    /// The schedules, cut to what is needed.
    var schedules: [SegmentSchedule] {
        let end = range.endMicroseconds ?? times[reference].durationMicroseconds
        return whole.indices.map { index in
            var schedule = whole[index]
            let duration = max(0, end &- range.startMicroseconds)
            schedule.keep(window(of: index).segments, durationMicroseconds: duration)
            return schedule
        }
    }

    /// Whether there are segments in front of those of a source that could be taken, too.
    func canBeginEarlier(_ source: Int) -> Bool { window(of: source).available > 0 }

    /// How many segments in front were asked for.
    func lead(of source: Int) -> Int { leads[source] }

    /// Takes further segments in front: one, then twice as many each time, so that a key frame far away costs few attempts.
    mutating func beginEarlier(_ source: Int) {
        leads[source] = max(1, leads[source] * 2)
    }

    private func window(of source: Int) -> SegmentTimes.Window {
        func window(_ index: Int, from sequence: UInt64) -> SegmentTimes.Window {
            times[index].window(
                of: range,
                margins: margins[index],
                lead: leads[index],
                firstDiscontinuitySequence: sequence
            )
        }
        let first = window(reference, from: 0)
        guard source != reference else { return first }
        return window(source, from: times[reference].discontinuitySequence(of: first) ?? 0)
    }
}
