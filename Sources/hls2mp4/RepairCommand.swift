import ArgumentParser
import Remux

/// `hls2mp4 repair`: finishes a recording that was cut off.
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Finishes a recording that was cut off, in place.",
        usage: "hls2mp4 repair <file.part> [-o <out>] [--layout <layout>] [-y]",
        discussion: """
            Drops what is behind the last whole movie fragment, writes index and durations, and gives the file its name. \
            Nothing is fetched and nothing copied; stopped at any moment, it can be run again.

            Exit status: 0 finished; 7 nothing can be saved, or nothing is left to repair; 8 the file could not be written \
            (also: it is being written by another run, its name is taken); 64 usage.
            """
    )

    @Argument(help: ArgumentHelp("The recording, as a run has left it.", valueName: "file.part"))
    var path: String

    @Option(
        name: [.customShort("o", allowingJoined: true), .customLong("output")],
        help: ArgumentHelp(
            "The name it gets, on the same file system. Left out: its own, without .part.",
            valueName: "out"
        )
    )
    var output: String?

    @Option(help: "fragmented, or flat (see hls2mp4 --help). Left out: as the recording was begun.")
    var layout: LayoutChoice?

    @Flag(name: [.customShort("y"), .customLong("overwrite")], help: "Replace OUT.")
    var overwrites = false

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    func validate() throws {
        if path.isEmpty || output == "" { throw ValidationError("a file needs a name") }
        if path == "-" || output == "-" { throw ValidationError("a recording is finished in its file; name that") }
    }

    func run() async throws {
        var repair = RecordingRepair(path: path)
        repair.output = output
        repair.layout = layout?.layout
        repair.overwrites = overwrites
        let summary: RecordingRepair.Summary
        do {
            summary = try await repair.run()
        } catch let error as RemuxError {
            Terminal.write("hls2mp4: " + Terminal.safe(error.message) + "\n")
            throw ExitCode(ExitStatus(error.code).rawValue)
        }
        if !quiet { Terminal.write(Terminal.safe(Self.text(summary)) + "\n") }
    }

    /// One line: what there is now, and what is gone.
    static func text(_ summary: RecordingRepair.Summary) -> String {
        guard let seconds = summary.durationSeconds else {
            return "\(summary.path): was complete, and has its name now"
        }
        let dropped = summary.droppedBytes == 0 ? "nothing cut off" : "\(summary.droppedBytes) bytes cut off at the end"
        return
            "\(summary.path): \(ClockText.text(seconds: seconds)) kept in \(summary.fragmentCount) fragments, \(dropped), "
            + "\(summary.layout.rawValue)"
    }
}
