import ArgumentParser
import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `hls2mp4 list`: what a playlist offers, and what would be taken of it.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows what a stream offers, and what would be taken with the same options.",
        usage: "hls2mp4 list <input> [--json] [<options>]",
        discussion: """
            Fetches this one playlist and nothing else; a live one as it is now.

            Exit status: 0 listed; 3 playlist not reachable; 4 playlist invalid or refused, or nothing in it is what an \
            option asks for (it is listed all the same); 8 standard output could not be written; 64 usage.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The playlist: an http or https URL, a path, a data: URI, or - for standard input.",
            valueName: "input"
        )
    )
    var namedInput: String?

    @Flag(help: "One JSON document, for programs.")
    var json = false

    @OptionGroup(title: "Playlist") var playlist: PlaylistOptions
    @OptionGroup(title: "Selection") var selection: SelectionOptions
    @OptionGroup(title: "Identity") var identity: IdentityOptions
    @OptionGroup(title: "Network") var network: NetworkOptions

    func validate() throws { _ = try identity.input(namedInput) }

    func run() async throws {
        let input = try identity.input(namedInput)
        var configuration = RemuxConfiguration(input: input, output: .standardOutput)
        selection.apply(to: &configuration)
        network.apply(to: &configuration)
        try identity.apply(to: &configuration)
        playlist.apply(to: &configuration)
        do throws(RemuxError) {
            try playlist.readStandardInput(for: input, to: &configuration)
        } catch {
            throw fail(error.code, error.message)
        }
        if StandardDescriptors.outputWasClosed { throw fail(.output, "standard output is closed") }

        let listing: StreamListing
        do {
            listing = try await StreamListing.load(configuration)
        } catch let error as RemuxError {
            throw fail(error.code, error.message)
        }
        for warning in listing.warnings { Terminal.write("warning: " + Terminal.safe(warning) + "\n") }
        do throws(StandardOutput.Failure) {
            try show(listing)
        } catch {
            guard case .system(let code) = error else { throw ExitCode(ExitStatus.output.rawValue) }
            throw fail(.output, "standard output: " + (strerror(code).map { String(cString: $0) } ?? "errno \(code)"))
        }
        if case .multivariant(let content) = listing.content, let failure = content.selectionFailure {
            guard !failure.isByOption else { throw fail(.playlistRefused, failure.message) }
            Terminal.write("warning: " + Terminal.safe(failure.message) + "\n")
        }
    }

    private func show(_ listing: StreamListing) throws(StandardOutput.Failure) {
        var output = StandardOutput()
        if json {
            try ListingJSON(listing: listing).write { text throws(StandardOutput.Failure) in try output.write(text) }
        } else {
            for line in ListingTable(listing: listing, width: StandardOutput.columns).lines {
                try output.write(line + "\n")
            }
        }
        try output.flush()
    }

    /// Says why, and gives the exit status.
    private func fail(_ code: RemuxError.Code, _ message: String) -> ExitCode {
        Terminal.write("hls2mp4: " + Terminal.safe(message) + "\n")
        return ExitCode(ExitStatus(code).rawValue)
    }
}
