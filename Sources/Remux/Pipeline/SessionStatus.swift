import Synchronization

/// Counters and messages of a session, written from tasks and threads, read for progress and the summary. Thread-safe.
final class SessionStatus: Sendable {
    /// Warnings that are given once a session, however often their cause shows.
    enum Repeated: Hashable {
        case disguise, renewed
        case initializationVectorMissing
        case paddingMissing, downgrade, contentEncoding, rangeIgnored, format, leftOut(String)
    }

    private struct State {
        var given: Set<Repeated> = []
        var progress = RemuxProgress()
        var summary = RemuxSummary()
    }

    private let state = Mutex(State())
    private let events: AsyncStream<RemuxEvent>.Continuation

    init(events: AsyncStream<RemuxEvent>.Continuation) {
        self.events = events
    }

    /// The state as it is now.
    var progress: RemuxProgress { state.withLock { $0.progress } }
    var summary: RemuxSummary { state.withLock { $0.summary } }

    func update(_ body: (inout RemuxProgress, inout RemuxSummary) -> Void) {
        state.withLock { body(&$0.progress, &$0.summary) }
    }

    func plan(segmentCount: Int, seconds: Double) {
        update { progress, summary in
            progress.plannedSegmentCount = segmentCount
            progress.plannedSeconds = seconds
            summary.plannedSegmentCount = segmentCount
            summary.plannedSeconds = seconds
        }
        events.yield(.planned(segmentCount: segmentCount, durationSeconds: seconds))
    }

    /// Fetching begins anew: nothing counts as handed on yet.
    func beginAnew() {
        update { progress, summary in
            progress.segmentCount = 0
            progress.lostSegmentCount = 0
            summary.segmentCount = 0
            summary.gaps = []
        }
        note("the start needs earlier Media Segments to be decoded from: begun anew with them")
    }

    /// The plan has other segments than ``plan(segmentCount:seconds:)`` said, for the same seconds.
    func replan(segmentCount: Int) {
        update { progress, summary in
            progress.plannedSegmentCount = segmentCount
            summary.plannedSegmentCount = segmentCount
        }
    }

    func reportPosition(microseconds: Int64) {
        update { progress, _ in progress.positionSeconds = Double(microseconds) / 1_000_000 }
    }

    /// A Media Segment was received whole and handed on.
    func committed(bytes: UInt64) {
        update { progress, summary in
            progress.segmentCount += 1
            progress.receivedBytes += bytes
            summary.segmentCount += 1
            summary.receivedBytes += bytes
        }
    }

    func retried(_ retry: RemuxRetry) {
        update { progress, summary in
            progress.retryCount += 1
            summary.retryCount += 1
        }
        events.yield(.retry(retry))
    }

    func lost(_ gap: RemuxSummary.Gap) {
        update { progress, summary in
            summary.gaps.append(gap)
            if !gap.isAnnounced { progress.lostSegmentCount += 1 }
        }
        events.yield(.gap(gap))
    }

    /// Segments are missing that the playlist does not call a gap.
    var hasLostSegments: Bool { summary.gaps.contains { !$0.isAnnounced } }

    /// A segment of subtitles cannot be had: sound and picture go on.
    func lostSubtitles(_ gap: RemuxSummary.Gap) {
        update { _, summary in summary.subtitleGaps.append(gap) }
        events.yield(.gap(gap))
        warn(gap.cause)
    }

    func warn(_ message: String) {
        update { _, summary in
            if summary.warnings.count < RemuxSummary.maximumWarningCount {
                summary.warnings.append(message)
            } else {
                summary.omittedWarningCount += 1
            }
        }
        events.yield(.warning(message))
    }

    func warnOnce(_ kind: Repeated, _ message: String) {
        guard state.withLock({ $0.given.insert(kind).inserted }) else { return }
        warn(message)
    }

    /// Tells how far the session is and what it holds.
    func reportProgress(bufferedBytes: Int, limitBytes: Int) {
        update { progress, _ in
            progress.bufferedBytes = bufferedBytes
            progress.bufferLimitBytes = limitBytes
        }
        events.yield(.progress(progress))
    }

    func note(_ message: String) { events.yield(.note(message)) }

    /// Tells what the timeline left out or moved.
    func add(_ counts: TimelineCounts) {
        if counts.videoBeforeKeyFrame > 0 {
            warn(
                "\(counts.videoBeforeKeyFrame) pictures before the first key frame were left out: nothing decodes them"
            )
        }
        if counts.audioOverlapDropped > 0 {
            note("\(counts.audioOverlapDropped) audio packets that end before the run before theirs were left out")
        }
        if counts.audioRepeatedDropped > 0 {
            warn("\(counts.audioRepeatedDropped) audio packets that repeat what was heard were left out")
        }
        if counts.decodeTimesMoved > 0 {
            warn("\(counts.decodeTimesMoved) decoding times did not increase and were moved")
        }
        if counts.timestampsMissing > 0 {
            warn("\(counts.timestampsMissing) packets before the first timestamp of their stream were left out")
        }
        if counts.timestampsPredicted > 0 {
            warn("\(counts.timestampsPredicted) packets had no timestamp and were placed behind those before them")
        }
    }

    /// Tells what the demuxer found damaged.
    func add(_ counts: DemuxCounts) {
        let unreadable = counts.unreadablePackets + counts.packetsBeforeFormat
        if unreadable > 0 {
            warn("\(unreadable) packets could not be read and were left out")
        }
    }

    /// What is known at the end only.
    func end(elapsed: Duration) {
        let resident = ProcessMemory.peakResidentBytes
        update { _, summary in
            summary.elapsedSeconds = elapsed / .seconds(1)
            summary.peakResidentBytes = resident
        }
    }

    /// No further event.
    func finish() { events.finish() }
}
