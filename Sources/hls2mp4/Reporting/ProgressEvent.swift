import Remux

/// `--progress json`: one object a line, described in `docs/report.md`.
///
/// A name that is there stays what it is; others, and other events, may be added in the same version.
struct ProgressEvent {
    static let version = 1

    /// Since the start of the run.
    var elapsed: Duration

    func plan(segmentCount: Int, seconds: Double) -> String {
        line("plan", [("segments", .int(segmentCount)), ("seconds", .double(seconds))])
    }

    func progress(_ progress: RemuxProgress, bytesPerSecond: Double) -> String {
        line(
            "progress",
            [
                ("segments", .int(progress.segmentCount)), ("plannedSegments", .int(progress.plannedSegmentCount)),
                ("lost", .int(progress.lostSegmentCount)), ("retries", .int(progress.retryCount)),
                ("seconds", .double(progress.positionSeconds)), ("plannedSeconds", .double(progress.plannedSeconds)),
                ("receivedBytes", .unsigned(progress.receivedBytes)),
                ("bytesPerSecond", .double(bytesPerSecond.rounded())), ("bufferedBytes", .int(progress.bufferedBytes)),
            ]
        )
    }

    /// - Parameter name: `warning` or `note`.
    func message(_ name: String, _ text: String) -> String { line(name, [("message", .string(text))]) }

    func retry(_ retry: RemuxRetry) -> String {
        var fields: [(String, JSONValue)] = [("subject", .string(retry.subject))]
        if let number = retry.mediaSequenceNumber { fields.append(("mediaSequenceNumber", .unsigned(number))) }
        fields += [
            ("attempt", .int(retry.attempt)), ("delaySeconds", .double(retry.delaySeconds)),
            ("cause", .string(retry.cause)),
        ]
        return line("retry", fields)
    }

    func gap(_ gap: RemuxSummary.Gap) -> String {
        guard case .object(let fields) = RunReport.value(gap) else { return "" }
        return line("gap", fields)
    }

    func end(_ conclusion: Conclusion, _ summary: RemuxSummary) -> String {
        var fields: [(String, JSONValue)] = [
            ("exitStatus", .int(Int(conclusion.status.rawValue))), ("result", .string(conclusion.status.word)),
        ]
        if let message = conclusion.message { fields.append(("message", .string(message))) }
        fields += [
            ("segments", .int(summary.segmentCount)), ("plannedSegments", .int(summary.plannedSegmentCount)),
            ("lost", .int(summary.lostSegmentCount)), ("lostSubtitles", .int(summary.subtitleGaps.count)),
            ("retries", .int(summary.retryCount)), ("seconds", .double(summary.durationSeconds)),
            ("receivedBytes", .unsigned(summary.receivedBytes)), ("outputBytes", .unsigned(summary.outputBytes)),
            ("bufferPeakBytes", .int(summary.peakBufferedBytes)),
        ]
        return line("end", fields)
    }

    private func line(_ name: String, _ fields: [(String, JSONValue)]) -> String {
        let head: [(String, JSONValue)] = [
            ("event", .string(name)), ("version", .int(Self.version)), ("elapsed", .double(elapsed / .seconds(1))),
        ]
        return JSONValue.object(head + fields).text + "\n"
    }
}
