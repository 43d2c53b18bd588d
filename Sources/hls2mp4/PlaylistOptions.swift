import ArgumentParser
import Remux

/// How the playlist is read.
struct PlaylistOptions: ParsableArguments {
    @Option(
        name: .customLong("base-url"),
        help: ArgumentHelp(
            "What relative URIs of the input are resolved against: a URL or a path. Needed with - unless all are absolute.",
            valueName: "url"
        )
    )
    var baseURL: String?

    @Flag(help: "Refuse playlists that only leniency can read.")
    var strict = false

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.baseURL = baseURL
        configuration.isStrict = strict
    }

    /// Reads the playlist from standard input where the input is `-`.
    ///
    /// Blocks, before anything else has begun: a signal ends the program at once.
    ///
    /// - Throws: ``RemuxError`` with the code of a playlist that cannot be had.
    func readStandardInput(for input: String, to configuration: inout RemuxConfiguration) throws(RemuxError) {
        guard input == "-" else { return }
        do throws(StandardInput.Failure) {
            configuration.playlist = try StandardInput.read(limit: RemuxConfiguration.maximumPlaylistBytes)
        } catch {
            throw RemuxError(
                error == .tooLarge ? .playlistRefused : .playlistUnreachable,
                "the playlist could not be read from standard input: \(error)"
            )
        }
    }
}
