import ArgumentParser

/// What is told, and how.
struct ReportingOptions: ParsableArguments {
    enum ProgressChoice: String, ExpressibleByArgument, CaseIterable { case auto, bar, json, none }

    @Option(help: "Progress on standard error: a bar on a terminal and lines elsewhere (auto), or as said.")
    var progress = ProgressChoice.auto

    @Flag(name: [.customShort("q"), .customLong("quiet")], help: "No progress and no notes; errors and warnings stay.")
    var quiet = false

    @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Tell details: retries, what was skipped.")
    var verbose = false

    func reporter(label: String) -> Reporter {
        let style: Reporter.Style =
            switch progress {
            case .json: .json
            case .none: .silent
            case .bar: quiet ? .silent : .bar
            case .auto: quiet ? .silent : Terminal.isInteractive ? .bar : .lines
            }
        return Reporter(style: style, label: Terminal.safe(label), isVerbose: verbose && !quiet, isQuiet: quiet)
    }
}
