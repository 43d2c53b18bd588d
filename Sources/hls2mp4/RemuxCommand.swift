import ArgumentParser
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
        abstract: "Converts a stream (the default: the word remux may be left out).",
        usage: "hls2mp4 <input> [-o <out>] [<options>]",
        discussion: discussion
    )

    static let discussion = """
        Segments are fetched in parallel, decrypted as they arrive, put on one timeline and copied into a fragmented \
        MP4 (or what --format says) that plays while it grows. Nothing is decoded, nothing is written to temporary files.

        hls2mp4 list <input> shows what a stream offers and what these options would take of it. \
        hls2mp4 repair <file.part> finishes what a run has left that was cut off.

        Exit status: 0 complete; 1 internal error; 3 playlist not reachable; 4 playlist invalid, empty, unsupported \
        or refused by policy; 5 incomplete, segments are missing; 6 key, decryption or DRM; 7 media corrupt or not \
        muxable; 8 output could not be written; 64 usage; 130 and 143 stopped by SIGINT and SIGTERM.
        """

    @Argument(
        help: ArgumentHelp(
            "The playlist: an http or https URL, a path, a data: URI, or - for standard input.",
            valueName: "input"
        )
    )
    var namedInput: String?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Metadata") var metadata: MetadataOptions
    @OptionGroup(title: "Playlist") var playlist: PlaylistOptions
    @OptionGroup(title: "Selection") var selection: SelectionOptions
    @OptionGroup(title: "Time range") var range: RangeOptions
    @OptionGroup(title: "Subtitles") var sidecar: SidecarOptions
    @OptionGroup(title: "Identity") var identity: IdentityOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Keys") var keys: KeyOptions
    @OptionGroup(title: "Reporting") var reporting: ReportingOptions

    func validate() throws {
        let input = try identity.input(namedInput)
        if output.path == nil, !OutputName.canBeDerived(from: input) {
            throw ValidationError("name the output with -o: the input has no name that it could be called after")
        }
        if output.isStandardOutput, isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("standard output is a terminal; redirect it, or name a file with -o")
        }
        try sidecar.check(selection, isStandardOutput: output.isStandardOutput)
    }

    func run() async throws {
        let input = try identity.input(namedInput)
        var configuration = RemuxConfiguration(input: input, output: try output.output(for: input))
        try output.apply(to: &configuration)
        metadata.apply(to: &configuration)
        selection.apply(to: &configuration)
        configuration.timeRange = range.timeRange
        sidecar.apply(to: &configuration)
        network.apply(to: &configuration)
        try identity.apply(to: &configuration)
        keys.apply(to: &configuration)
        playlist.apply(to: &configuration)

        let signals = StopSignals()
        let path = output.path(for: input)
        let (reportFile, log): (ReportFile?, LogFile?)
        do throws(SideFileError) {
            (reportFile, log) = try reporting.openFiles(output: path)
        } catch {
            throw fail(error)
        }
        let refusal = refusal(input, &configuration)
        let session = RemuxSession(configuration)
        var report = RunReport(startedAt: .now, outputPath: path, summary: session.summary)
        do throws(SideFileError) {
            try reportFile?.begin(report)
        } catch {
            throw fail(error)
        }
        let reporter = reporting.reporter(label: output.label(for: input), log: log)
        reporter.begin(input: report.summary.input)
        var conclusion: Conclusion
        if let refusal {
            conclusion = Conclusion(.failure(refusal))
        } else {
            conclusion = await run(session, reporter, signals) { summary in
                output.stopText(for: input, writtenBytes: summary.outputBytes, foundPath: summary.outputPath)
            }
        }
        report.summary = session.summary
        report.end = (.now, conclusion)
        do throws(SideFileError) {
            try reportFile?.write(report)
        } catch {
            if conclusion.status == .complete {
                conclusion = Conclusion(.failure(RemuxError(.output, error.message)))
            } else {
                reporter.warn(error.message)
            }
        }
        reporter.conclude(conclusion, summary: report.summary)
        if conclusion.status != .complete { throw ExitCode(conclusion.status.rawValue) }
    }

    /// Runs the session to its end, or to the first signal.
    private func run(
        _ session: RemuxSession,
        _ reporter: Reporter,
        _ signals: StopSignals,
        stopText: (RemuxSummary) -> String
    ) async -> Conclusion {
        let printing = Task { for await event in session.events { reporter.report(event) } }
        let work = Task { try await session.run() }
        signals.onFirst { work.cancel() }
        let result = await work.result
        await printing.value
        return Conclusion(result, signal: signals.first, stopText: stopText(session.summary))
    }

    /// What is wrong before the session: the playlist through standard input, and an output that is none.
    private func refusal(_ input: String, _ configuration: inout RemuxConfiguration) -> RemuxError? {
        do throws(RemuxError) {
            try playlist.readStandardInput(for: input, to: &configuration)
        } catch {
            return error
        }
        guard output.isStandardOutput, StandardDescriptors.outputWasClosed else { return nil }
        return RemuxError(.output, "standard output is closed; redirect it, or name a file with -o")
    }

    /// Says why a report or a log cannot be had, and gives the exit status.
    private func fail(_ error: SideFileError) -> ExitCode {
        Terminal.write("hls2mp4: " + Terminal.safe(error.message) + "\n")
        return ExitCode(ExitStatus.output.rawValue)
    }
}
