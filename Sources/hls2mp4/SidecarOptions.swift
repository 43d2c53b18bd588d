import ArgumentParser
import Remux

/// Where subtitles go.
struct SidecarOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write subtitles beside the file instead, as OUT.LANGUAGE.vtt or .srt.",
            valueName: "vtt|srt"
        )
    )
    var sidecar: SidecarChoice?

    /// - Parameter isStandardOutput: there is no file that subtitles could stand beside.
    func check(_ selection: SelectionOptions, isStandardOutput: Bool) throws {
        if sidecar != nil, selection.subtitles.subtitles == .none {
            throw ValidationError("--sidecar needs subtitles: choose them with --subtitles")
        }
        if sidecar != nil, isStandardOutput {
            throw ValidationError("--sidecar writes files beside the output, and -o - has none; name a file with -o")
        }
    }

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.sidecar = sidecar?.sidecar
    }
}

/// `--sidecar`.
enum SidecarChoice: String, ExpressibleByArgument, CaseIterable {
    case vtt, srt

    var sidecar: RemuxConfiguration.Sidecar {
        switch self {
        case .vtt: .webVTT
        case .srt: .subRip
        }
    }
}
