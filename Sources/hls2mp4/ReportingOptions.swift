import ArgumentParser

/// What is told, and how.
struct ReportingOptions: ParsableArguments {
    enum ProgressChoice: String, ExpressibleByArgument, CaseIterable { case auto, bar, json, none }

    @Option(help: "Progress on standard error: a bar on a terminal and lines elsewhere (auto), or as said.")
    var progress = ProgressChoice.auto

    @Option(
        help: ArgumentHelp(
            "What was made and what is missing, as JSON (docs/report.md); also when the run fails or is stopped.",
            valueName: "file"
        )
    )
    var report: String?

    @Option(
        name: .customLong("log-file"),
        help: ArgumentHelp(
            "Warnings, retries and notes with their times, appended to a file; with -q too.",
            valueName: "file"
        )
    )
    var logFile: String?

    @Flag(
        name: [.customShort("q"), .customLong("quiet")],
        help: "No progress, no notes and no summary; errors and warnings stay."
    )
    var quiet = false

    @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Tell details: retries, what was skipped.")
    var verbose = false

    func validate() throws {
        for (option, path) in [("--report", report), ("--log-file", logFile)] {
            switch path {
            case "": throw ValidationError("\(option) needs a file name")
            case "-": throw ValidationError("\(option) takes a file; /dev/stderr and /dev/stdout are such")
            default: break
            }
        }
    }

    /// Opens the files that the options name.
    ///
    /// - Parameter output: the output's path; `nil`: standard output.
    /// - Throws: ``SideFileError``, before anything has been written.
    func openFiles(output: String?) throws(SideFileError) -> (report: ReportFile?, log: LogFile?) {
        for (option, path) in [("--report", report), ("--log-file", logFile)] {
            guard let path else { continue }
            try FilePlace.check(path, option: option, isNotOutput: output)
        }
        if let report, let logFile, FilePlace.areSame(report, logFile) {
            throw SideFileError("--report and --log-file name the same file, \(report)")
        }
        let file: ReportFile? = if let report { try ReportFile(path: report) } else { nil }
        let log: LogFile? = if let logFile { try LogFile(path: logFile) } else { nil }
        return (file, log)
    }

    func reporter(label: String, log: LogFile? = nil) -> Reporter {
        let style: Reporter.Style =
            switch progress {
            case .json: .json
            case .none: .silent
            case .bar: quiet ? .silent : .bar
            case .auto: quiet ? .silent : Terminal.isInteractive ? .bar : .lines
            }
        return Reporter(
            style: style,
            label: Terminal.safe(label),
            isVerbose: verbose && !quiet,
            isQuiet: quiet,
            log: log
        )
    }
}
