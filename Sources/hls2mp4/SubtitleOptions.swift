import ArgumentParser
import Remux

/// Which subtitles are taken, and where they go.
struct SubtitleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Subtitles, into the file as text tracks: languages (en,fr), name=…, or default, all, none.",
            valueName: "subtitles"
        )
    )
    var subtitles = SubtitleChoice(subtitles: .none)

    @Option(
        help: ArgumentHelp(
            "Write subtitles beside the file instead, as OUT.LANGUAGE.vtt or .srt.",
            valueName: "vtt|srt"
        )
    )
    var sidecar: SidecarChoice?

    func validate() throws {
        if sidecar != nil, subtitles.subtitles == .none {
            throw ValidationError("--sidecar needs subtitles: choose them with --subtitles")
        }
    }

    /// - Parameter isStandardOutput: there is no file that subtitles could stand beside.
    func check(isStandardOutput: Bool) throws {
        if sidecar != nil, isStandardOutput {
            throw ValidationError("--sidecar writes files beside the output, and -o - has none; name a file with -o")
        }
    }

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.selection.subtitles = subtitles.subtitles
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

/// `--subtitles`.
struct SubtitleChoice: ExpressibleByArgument {
    let subtitles: RemuxConfiguration.Selection.Subtitles

    init(subtitles: RemuxConfiguration.Selection.Subtitles) { self.subtitles = subtitles }

    init?(argument: String) {
        switch argument {
        case "default": subtitles = .default
        case "all": subtitles = .all
        case "none": subtitles = .none
        default:
            guard let matches = RenditionMatches.parse(argument, takesChannels: false) else { return nil }
            subtitles = .matching(matches)
        }
    }

    var defaultValueDescription: String { "none" }
}
