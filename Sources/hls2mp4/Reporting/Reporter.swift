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
    private let log: LogFile?
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(style: Style, label: String, isVerbose: Bool, isQuiet: Bool, log: LogFile? = nil) {
        self.style = style
        self.label = label
        self.isVerbose = isVerbose
        self.isQuiet = isQuiet
        self.log = log
    }

    /// The first line of the log.
    ///
    /// - Parameter input: redacted.
    func begin(input: String) { log?.write("begin", "hls2mp4 \(Version.number) \(input)") }

    /// Takes one event of the session.
    func report(_ event: RemuxEvent) {
        switch event {
        case .planned(let segments, let seconds):
            log?.write("plan", "\(segments) segments, \(ClockText.text(seconds: seconds))")
            if style == .json {
                if !isQuiet { emit { $0.plan(segmentCount: segments, seconds: seconds) } }
            } else if style == .lines {
                line("\(segments) segments, \(ClockText.text(seconds: seconds))")
            }
        case .progress(let progress):
            show(progress)
        case .warning(let text):
            log?.write("warning", text)
            if style == .json { emit { $0.message("warning", text) } } else { line("warning: " + text) }
        case .note(let text):
            log?.write("note", text)
            if style == .json {
                if !isQuiet { emit { $0.message("note", text) } }
            } else if isVerbose {
                line(text)
            }
        case .retry(let retry):
            log?.write("retry", retry.message)
            if style == .json {
                if !isQuiet { emit { $0.retry(retry) } }
            } else if isVerbose {
                line(retry.message)
            }
        case .gap(let gap):
            log?.write("gap", GapText.text(gap))
            if style == .json { emit { $0.gap(gap) } }
        }
    }

    /// Tells of something that is no part of the session.
    func warn(_ text: String) { report(.warning(text)) }

    /// Tells the end.
    func conclude(_ conclusion: Conclusion, summary: RemuxSummary) {
        clearBar()
        let line = SummaryLine.text(summary, label: label)
        if summary.outputBytes > 0 || conclusion.status == .complete { log?.write("summary", line) }
        log?.write("end", "exit status \(conclusion.status.rawValue)" + (conclusion.message.map { ": \($0)" } ?? ""))
        guard style != .json else { return emit { $0.end(conclusion, summary) } }
        if !isQuiet, !conclusion.isSilent, summary.outputBytes > 0 || conclusion.status == .complete {
            Terminal.write(line + "\n")
        }
        if let message = conclusion.message, !conclusion.isSilent {
            Terminal.write("hls2mp4: " + Terminal.safe(message) + "\n")
        }
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
            if !isQuiet { emit { $0.progress(progress, bytesPerSecond: speed) } }
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

    private func emit(_ text: (ProgressEvent) -> String) {
        Terminal.write(text(ProgressEvent(elapsed: ContinuousClock.now - start)))
    }
}
