import HLS

/// One Rendition of subtitles on its way from its ring to its track or file. Confined to the thread `remux`.
final class SubtitleRendition {
    /// Where the audio and video of the session are; what subtitles follow.
    struct Lead {
        /// The latest time that is about to be written, 90 kHz, of the output.
        var time90k: Int64
        /// What of the presentation is time 0 of the output: the start of a clip.
        var start90k: Int64 = 0
        /// End of the Media Segment being read, by its playlist.
        var playlistMicroseconds: Int64
        /// End of the last Media Segment, by its playlist.
        var endMicroseconds: Int64
        /// Where the playlist's time begins in the presentation.
        var originMicroseconds: Int64
        var placement: (UInt64) -> RunPlacement?
        /// Whether audio and video have left a run behind them.
        var isPast: (UInt64) -> Bool
    }

    /// Segments are read this far ahead of audio and video: late enough to bound what is held, early enough for a cue that
    /// the next segments repeat, prolong or overlap.
    static let readAheadMicroseconds: Int64 = 60_000_000
    /// What is taken as known of that, 90 kHz: a cue may stand in a later segment than it should.
    static let knownAhead90k: Int64 = 45 * 90_000

    let plan: SourcePlan
    private let source: SubtitleSource
    private var clock = CueClock()
    private(set) var queue = CueQueue()
    private(set) var counts = WebVTTCounts()
    /// Cues of runs that have no place, since no audio or video came of them.
    private(set) var placelessCues = 0
    private(set) var isFinished = false
    /// Samples that go into the output as they are, of subtitles in fragmented MP4.
    private(set) var samples: TextSampleQueue
    private(set) var damagedSamples = 0
    private var pending: (mark: SegmentMark, content: SubtitleSource.Content)?
    private var readThroughMicroseconds = Int64.min
    private var run: (number: UInt64, placement: RunPlacement)?
    private var segmentCount = 0

    /// - Parameter isForFile: the output is a file of cues.
    init(plan: SourcePlan, ring: ByteRing, isForFile: Bool) {
        self.plan = plan
        source = SubtitleSource(ring: ring, makesCues: isForFile)
        samples = TextSampleQueue(emptySample: plan.textTrack?.emptySample ?? [])
    }

    var takesPresentationTime: Bool { clock.takesPresentationTime }

    /// Reads as far ahead of audio and video as is due, or until a run comes that they have not reached. Blocks while
    /// segments are on their way.
    ///
    /// - Returns: what is shown before this time is known, 90 kHz.
    func read(ahead lead: Lead) -> Int64 {
        var endMicroseconds = lead.endMicroseconds
        while !isFinished, readThroughMicroseconds < lead.playlistMicroseconds &+ Self.readAheadMicroseconds {
            guard next(), let mark = pending?.mark else { break }
            guard place(lead) else {
                endMicroseconds = mark.startMicroseconds
                break
            }
        }
        // A run, and the presentation, cuts off what is shown at its end: by the playlist not before this.
        let left90k = TimeScale(1_000_000).convert(max(0, endMicroseconds &- lead.playlistMicroseconds), to: .mpeg)
        return lead.time90k &+ min(left90k, Self.knownAhead90k)
    }

    /// Reads to the end: audio and video have ended.
    func readToEnd(_ lead: Lead) {
        while next() {
            if !place(lead) { drop() }
        }
    }

    /// Reads to the end where there is neither audio nor video: the playlist gives the times.
    ///
    /// - Parameter clipStart90k: what of it becomes time 0; `nil`: the first Media Segment.
    func readAlone(clipStart90k: Int64?) {
        var runs: [UInt64: RunPlacement] = [:]
        var starts: [UInt64: Int64] = [:]
        var origin: Int64? = clipStart90k == nil ? nil : 0
        while next(), let (mark, content) = pending {
            let number = mark.discontinuitySequence
            origin = origin ?? mark.startMicroseconds
            let expected = Self.expected90k(mark, origin: origin ?? 0)
            let start90k = starts[number] ?? expected.lowerBound
            starts[number] = start90k
            if runs[number] == nil, content.count > 0 {
                let shift90k: Int64
                switch content {
                case .cues(let segment):
                    shift90k = CueClock.shift90k(of: segment, runStart90k: start90k, expected90k: expected)
                case .samples(let samples, _):
                    shift90k = (samples.first?.start90k ?? 0) &- expected.lowerBound
                }
                runs[number] = RunPlacement(shift90k: shift90k, start90k: start90k)
            }
            _ = place(
                Lead(
                    time90k: expected.lowerBound,
                    start90k: clipStart90k ?? 0,
                    playlistMicroseconds: mark.startMicroseconds,
                    endMicroseconds: mark.startMicroseconds,
                    originMicroseconds: origin ?? 0,
                    placement: { runs[$0] ?? RunPlacement(shift90k: 0, start90k: start90k) },
                    isPast: { _ in false }
                )
            )
        }
    }

    /// The samples for whoever takes them out.
    func withSamples<Result>(_ body: (inout TextSampleQueue) throws -> Result) rethrows -> Result { try body(&samples) }

    /// End of what has been read, 90 kHz.
    var end90k: Int64 { max(queue.cues.map(\.end90k).max() ?? 0, samples.end90k) }

    /// The queue for whoever takes cues out of it.
    func withQueue<Result>(_ body: (inout CueQueue) throws -> Result) rethrows -> Result { try body(&queue) }

    // MARK: -

    /// Makes sure that a segment is pending; `false` at the end.
    private func next() -> Bool {
        if pending != nil { return true }
        guard !isFinished else { return false }
        switch source.blockingNext() {
        case .segment(let mark, let content):
            pending = (mark, content)
            switch content {
            case .cues(let segment): counts += segment.counts
            case .samples(_, let damagedCount): damagedSamples += damagedCount
            }
            return true
        case .finished:
            isFinished = true
            return false
        }
    }

    /// Puts the pending segment's cues into the queue; `false` where its run has no place yet.
    private func place(_ lead: Lead) -> Bool {
        guard let (mark, content) = pending else { return true }
        let number = mark.discontinuitySequence
        if run?.number != number {
            guard let placement = lead.placement(number) else {
                guard lead.isPast(number) else { return false }
                drop()
                return true
            }
            // What the run before shows at most lasts until this one begins.
            if let run {
                queue.end(runsThrough: run.number, at: placement.start90k &- lead.start90k)
                samples.end(runsThrough: run.number, at: placement.start90k &- lead.start90k)
            }
            run = (number, placement)
        }
        guard let placement = run?.placement else { return false }
        let expected = Self.expected90k(mark, origin: lead.originMicroseconds)
        switch content {
        case .cues(let segment): take(segment, number, placement, expected, lead)
        case .samples(let added, _): take(added, number, placement, expected, lead)
        }
        pass(mark)
        return true
    }

    private func take(
        _ segment: WebVTTSegment,
        _ number: UInt64,
        _ placement: RunPlacement,
        _ expected: ClosedRange<Int64>,
        _ lead: Lead
    ) {
        let anchor = CueAnchor(shift90k: placement.shift90k, expected90k: expected)
        for var cue in clock.place(segment, at: anchor, run: number, number: segmentCount) {
            cue.start90k = max(cue.start90k, placement.start90k) &- lead.start90k
            cue.end90k = cue.end90k &- lead.start90k
            if cue.end90k > cue.start90k { queue.add(cue) }
        }
    }

    private func take(
        _ added: [WebVTTSegment.TimedSample],
        _ number: UInt64,
        _ placement: RunPlacement,
        _ expected: ClosedRange<Int64>,
        _ lead: Lead
    ) {
        guard let first = added.first else { return }
        // The tracks beside may have timestamps of 33 bits.
        let raw = first.start90k
        let place = TimestampUnwrapper.nearest(to: expected.lowerBound &+ placement.shift90k, raw: raw)
        let shift90k = placement.shift90k &- (place &- raw) &+ lead.start90k
        for sample in added {
            samples.add(
                TextSampleQueue.Sample(
                    start90k: max(sample.start90k &- shift90k, placement.start90k &- lead.start90k),
                    end90k: sample.end90k &- shift90k,
                    payload: sample.payload,
                    run: number
                )
            )
        }
    }

    private func drop() {
        guard let (mark, content) = pending else { return }
        placelessCues += content.count
        pass(mark)
    }

    private func pass(_ mark: SegmentMark) {
        pending = nil
        segmentCount += 1
        readThroughMicroseconds = mark.startMicroseconds &+ mark.durationMicroseconds
    }

    private static func expected90k(_ mark: SegmentMark, origin: Int64) -> ClosedRange<Int64> {
        let scale = TimeScale(1_000_000)
        let start = scale.convert(mark.startMicroseconds &- origin, to: .mpeg)
        return start...(start &+ max(0, scale.convert(mark.durationMicroseconds, to: .mpeg)))
    }
}
