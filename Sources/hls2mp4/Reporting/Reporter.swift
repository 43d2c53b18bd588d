import Remux
import Synchronization

/// Tells a person or a program how a session goes, on standard error. Thread-safe.
final class Reporter: Sendable {
    enum Style { case bar, lines, json, silent }

    private struct State {
        var speed = SpeedEstimate()
        var barIsShown = false
        var lastTenth = -1
    }

    private let style: Style
    private let label: String
    private let isVerbose: Bool
    private let isQuiet: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(style: Style, label: String, isVerbose: Bool, isQuiet: Bool) {
        self.style = style
        self.label = label
        self.isVerbose = isVerbose
        self.isQuiet = isQuiet
    }

    /// Takes one event of the session.
    func report(_ event: RemuxEvent) {
        switch event {
        case .planned(let segments, let seconds):
            if style == .json {
                emit(["event": .string("plan"), "segments": .int(segments), "seconds": .double(seconds)])
            } else if style == .lines {
                line("\(segments) segments, \(ClockText.text(seconds: seconds))")
            }
        case .progress(let progress):
            show(progress)
        case .warning(let text):
            if style == .json {
                emit(["event": .string("warning"), "message": .string(text)])
            } else {
                line("warning: " + text)
            }
        case .note(let text):
            if style == .json {
                emit(["event": .string("note"), "message": .string(text)])
            } else if isVerbose {
                line(text)
            }
        }
    }

    /// Tells the end; returns the exit status.
    ///
    /// - Parameter stopText: what to say where a signal stopped the session.
    func conclude(
        _ result: Result<RemuxSummary, any Error>,
        summary: RemuxSummary,
        signal: Int32? = nil,
        stopText: String = "stopped"
    ) -> ExitStatus {
        clearBar()
        let status: ExitStatus
        var message: String?
        switch result {
        case .success: status = .complete
        case .failure(let error as RemuxError):
            status = ExitStatus(error.code)
            message = error.code == .readerGone ? nil : error.message
        case .failure(is CancellationError):
            status = signal == 15 ? .terminated : .interrupted
            message = stopText
        case .failure(let error):
            status = .internalError
            message = "\(error)"
        }
        if style == .json {
            var fields: [(String, JSONValue)] = [("event", .string("end")), ("exitStatus", .int(Int(status.rawValue)))]
            if let message { fields.append(("message", .string(message))) }
            fields += [
                ("segments", .int(summary.segmentCount)), ("lost", .int(summary.lostSegmentCount)),
                ("lostSubtitles", .int(summary.subtitleGaps.count)), ("retries", .int(summary.retryCount)),
                ("receivedBytes", .int(Int(clamping: summary.receivedBytes))),
                ("outputBytes", .int(Int(clamping: summary.outputBytes))),
                ("seconds", .double(summary.durationSeconds)),
            ]
            Terminal.write(JSONValue.object(fields).text + "\n")
            return status
        }
        if let message {
            Terminal.write("hls2mp4: " + Terminal.safe(message) + "\n")
        }
        if status == .complete, !isQuiet, style != .silent {
            Terminal.write(SummaryLine.text(summary, label: label, elapsed: ContinuousClock.now - start) + "\n")
        }
        return status
    }

    private func show(_ progress: RemuxProgress) {
        let speed = state.withLock { $0.speed.update(bytes: progress.receivedBytes, at: ContinuousClock.now - start) }
        switch style {
        case .silent: break
        case .bar:
            state.withLock { $0.barIsShown = true }
            let bar = ProgressBar(isUnicode: Terminal.speaksUTF8, columns: Terminal.columns)
            Terminal.write("\r" + bar.text(progress, label: label, bytesPerSecond: speed) + "\u{1b}[K")
        case .lines:
            let tenth = Int(ProgressBar.fraction(progress) * 10)
            let isNew = state.withLock { state in
                defer { state.lastTenth = max(state.lastTenth, tenth) }
                return tenth > state.lastTenth && progress.segmentCount > 0
            }
            if isNew { line(ProgressBar(isUnicode: false, columns: 200).plain(progress, bytesPerSecond: speed)) }
        case .json:
            emit([
                "event": .string("progress"), "segments": .int(progress.segmentCount),
                "plannedSegments": .int(progress.plannedSegmentCount),
                "receivedBytes": .int(Int(clamping: progress.receivedBytes)),
                "bytesPerSecond": .int(Int(speed)), "seconds": .double(progress.positionSeconds),
                "plannedSeconds": .double(progress.plannedSeconds), "bufferedBytes": .int(progress.bufferedBytes),
                "retries": .int(progress.retryCount), "lost": .int(progress.lostSegmentCount),
            ])
        }
    }

    private func line(_ text: String) {
        clearBar()
        Terminal.write(Terminal.safe(text) + "\n")
    }

    private func clearBar() {
        let wasShown = state.withLock { state in
            defer { state.barIsShown = false }
            return state.barIsShown
        }
        if wasShown { Terminal.write("\r\u{1b}[K") }
    }

    private func emit(_ fields: KeyValuePairs<String, JSONValue>) {
        Terminal.write(JSONValue.object(fields.map { ($0.key, $0.value) }).text + "\n")
    }
}
