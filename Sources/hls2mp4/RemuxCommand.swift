import ArgumentParser
import Dispatch
import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `hls2mp4 remux`, the default: one stream into one file or pipe.
struct RemuxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remux",
        abstract: "Converts a stream (the default)."
    )

    @Argument(help: "The playlist: an http or https URL, or a path.")
    var input: String

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Selection") var selection: SelectionOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Keys") var keys: KeyOptions
    @OptionGroup(title: "Reporting") var reporting: ReportingOptions

    func validate() throws {
        if output.path == "-", isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("standard output is a terminal; redirect it, or name a file with -o")
        }
    }

    func run() async throws {
        var configuration = RemuxConfiguration(input: input, output: try output.output(for: input))
        try output.apply(to: &configuration)
        selection.apply(to: &configuration)
        try network.apply(to: &configuration)
        keys.apply(to: &configuration)
        configuration.isStrict = reporting.strict

        let session = RemuxSession(configuration)
        let reporter = reporting.reporter(label: output.label(for: input))
        let printing = Task { for await event in session.events { reporter.report(event) } }
        let work = Task { try await session.run() }
        let signals = StopSignals()
        let sources = signals.listen { work.cancel() }
        defer { for source in sources { source.cancel() } }
        let result = await work.result
        await printing.value
        let status = reporter.conclude(result, summary: session.summary, signal: signals.first)
        if status != .complete { throw ExitCode(status.rawValue) }
    }
}
