import ArgumentParser
import Remux

/// The program: `hls2mp4 URL -o OUT`.
@main
struct HLS2MP4: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hls2mp4",
        abstract: "Turns an HLS stream into a real, seekable MP4, in one pass.",
        discussion: RemuxCommand.discussion,
        version: Version.text,
        subcommands: [RemuxCommand.self, ListCommand.self, RepairCommand.self],
        defaultSubcommand: RemuxCommand.self
    )

    static func main() async {
        StandardDescriptors.open()
        // The options of the default subcommand are what somebody who asks for help wants to see.
        let words = Array(CommandLine.arguments.dropFirst())
        if words == ["--help"] || words == ["-h"] {
            print(helpMessage(for: RemuxCommand.self))
            return
        }
        await main(nil)
    }
}
