import ArgumentParser
import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Where the output goes and what it is like.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .customLong("output")],
        help: ArgumentHelp(
            "The file to make, or - for standard output. Left out: the last path element of the input, with the extension of the format.",
            valueName: "out"
        )
    )
    var path: String?

    @Option(
        help: ArgumentHelp(
            "What to make. Left out: what the extension of OUT says, else mp4. copy: the decrypted segments, unchanged.",
            valueName: FormatChoice.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var format: FormatChoice?

    @Flag(name: [.customShort("y"), .customLong("overwrite")], help: "Replace OUT once the new file is complete.")
    var overwrites = false

    @Flag(name: .customLong("restart"), help: "Discard the OUT.part of an earlier run.")
    var restarts = false

    @Option(
        name: .customLong("on-missing"),
        help: "When a segment cannot be had: fail, or go on and keep the gap (exit status 5 in both cases)."
    )
    var onMissing = MissingChoice.fail

    @Option(
        name: .customLong("on-format-change"),
        help: ArgumentHelp(
            "When picture size, codec, sample rate … change: inband keeps one file, and fails where that cannot hold them; "
                + "split makes OUT, OUT-2, OUT-3 …; fail.",
            valueName: "inband|split|fail"
        )
    )
    var onFormatChange = FormatChangeChoice.inband

    @Option(
        help: ArgumentHelp(
            "fragmented: plays while it grows, in every browser; or flat: an ordinary MP4, for editors and old devices.",
            valueName: "layout"
        )
    )
    var layout = LayoutChoice.fragmented

    @Option(
        name: .customLong("fragment-duration"),
        help: ArgumentHelp("Shortest movie fragment in seconds, 0.1 to 60.", valueName: "seconds")
    )
    var fragmentSeconds = 1.0

    enum FormatChangeChoice: String, ExpressibleByArgument, CaseIterable {
        case inband, split, fail

        var policy: RemuxConfiguration.FormatChangePolicy {
            switch self {
            case .inband: .inBand
            case .split: .split
            case .fail: .fail
            }
        }
    }

    enum MissingChoice: String, ExpressibleByArgument, CaseIterable { case fail, gap }

    func validate() throws {
        guard (0.1...60).contains(fragmentSeconds) else {
            throw ValidationError("--fragment-duration takes seconds from 0.1 to 60")
        }
        if isStandardOutput, onFormatChange == .split {
            throw ValidationError("--on-format-change split needs a file: standard output is one stream")
        }
        if layout == .flat, isStandardOutput {
            throw ValidationError(
                "--layout flat is made in place when all is there, so it needs a file: name one with -o"
            )
        }
        if path == "" { throw ValidationError("-o needs a file name, or - for standard output") }
    }

    var isStandardOutput: Bool { path == "-" }

    func output(for input: String) throws -> RemuxConfiguration.Output {
        isStandardOutput ? .standardOutput : .file(path: fileName(for: input))
    }

    /// The output's path as it is known before the run; `nil`: standard output.
    func path(for input: String) -> String? { isStandardOutput ? nil : fileName(for: input) }

    /// The file's name; with `copy` and without `-o` its extension is found out later.
    private func fileName(for input: String) -> String {
        path ?? OutputName.derived(from: input, fileExtension: (format?.container ?? .mp4).fileExtension)
    }

    func apply(to configuration: inout RemuxConfiguration) throws {
        configuration.container = format?.container
        configuration.addsExtension = path == nil && format == .copy
        configuration.overwrites = overwrites
        configuration.restarts = restarts
        configuration.missingSegments = onMissing == .gap ? .gap : .fail
        configuration.formatChange = onFormatChange.policy
        configuration.minimumFragmentSeconds = fragmentSeconds
        configuration.layout = layout.layout
    }

    /// What the progress bar calls the output.
    func label(for input: String) -> String {
        isStandardOutput
            ? "stdout" : fileName(for: input).split(separator: "/").last.map(String.init) ?? ""
    }

    /// What is true of the output after a signal.
    ///
    /// - Parameters:
    ///   - writtenBytes: what was given to the output.
    ///   - foundPath: the file's name, where the session found it out.
    func stopText(for input: String, writtenBytes: UInt64, foundPath: String?) -> String {
        if writtenBytes == 0 { return "stopped; nothing was written" }
        let partPath = (foundPath ?? fileName(for: input)) + ".part"
        guard !isStandardOutput, access(partPath, F_OK) == 0 else { return "stopped; the output is not complete" }
        return "stopped; what was written so far is in \(partPath) and plays"
    }
}

/// `--format`.
enum FormatChoice: String, ExpressibleByArgument, CaseIterable {
    case mp4, mov, mkv, ts, m4a, copy

    var container: RemuxConfiguration.Container {
        switch self {
        case .mp4: .mp4
        case .mov: .mov
        case .mkv: .mkv
        case .ts: .ts
        case .m4a: .m4a
        case .copy: .copy
        }
    }
}

/// How the MP4 is laid out, as `--layout` takes it.
enum LayoutChoice: String, ExpressibleByArgument, CaseIterable {
    case fragmented, flat

    var layout: MP4Layout {
        switch self {
        case .fragmented: .fragmented
        case .flat: .flat
        }
    }
}
