import ArgumentParser
import Remux

/// The program: `hls2mp4 URL -o OUT`.
@main
struct HLS2MP4: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hls2mp4",
        abstract: "Turns an HLS stream into a real, seekable MP4, in one pass.",
        discussion: """
            Segments are fetched in parallel, decrypted as they arrive, put on one timeline and copied into a fragmented \
            MP4 that plays while it grows. Nothing is decoded, nothing is written to temporary files.

            Exit status: 0 complete; 1 internal error; 3 playlist not reachable; 4 playlist invalid, empty, unsupported \
            or refused by policy; 5 incomplete, segments are missing; 6 key, decryption or DRM; 7 media corrupt or not \
            muxable; 8 output could not be written; 64 usage; 130 and 143 stopped by SIGINT and SIGTERM.
            """,
        version: Version.text,
        subcommands: [RemuxCommand.self],
        defaultSubcommand: RemuxCommand.self
    )

    static func main() async {
        StandardDescriptors.open()
        await main(nil)
    }
}
