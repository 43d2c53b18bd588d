import ArgumentParser
import Remux

/// What is taken of a Multivariant Playlist.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The Variant Stream: best, worst, the tallest not above HEIGHT pixels, or none.",
            valueName: "best|worst|height|none"
        )
    )
    var video = VideoChoice(video: .best)

    @Option(
        name: .customLong("max-bandwidth"),
        help: ArgumentHelp("Only Variant Streams up to this many bits a second.", valueName: "bit/s")
    )
    var maximumBandwidth: UInt64?

    @Option(
        help: ArgumentHelp("Only Variant Streams with one of these codecs, for example h264,hevc.", valueName: "codecs")
    )
    var codec: String?

    @Option(
        help: ArgumentHelp(
            "Audio: languages (en,fr), name=…, channels=…, or default, all, none.",
            valueName: "audio"
        )
    )
    var audio = AudioChoice(audio: .default)

    @Option(
        help: ArgumentHelp(
            "Subtitles, into the file as text tracks: languages (en,fr), name=…, or default, all, none.",
            valueName: "subtitles"
        )
    )
    var subtitles = SubtitleChoice(subtitles: .none)

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.selection.video = video.video
        configuration.selection.audio = audio.audio
        configuration.selection.subtitles = subtitles.subtitles
        configuration.selection.maximumBandwidth = maximumBandwidth
        configuration.selection.codecs = codec?.split(separator: ",").map(String.init) ?? []
    }
}

/// `--video`.
struct VideoChoice: ExpressibleByArgument {
    let video: RemuxConfiguration.Selection.Video

    init(video: RemuxConfiguration.Selection.Video) { self.video = video }

    init?(argument: String) {
        switch argument {
        case "best": video = .best
        case "worst": video = .worst
        case "none": video = .none
        default:
            let digits = argument.hasSuffix("p") ? String(argument.dropLast()) : argument
            guard let height = Int(digits), (1...100_000).contains(height) else { return nil }
            video = .height(height)
        }
    }

    var defaultValueDescription: String { "best" }
}

/// `--audio`.
struct AudioChoice: ExpressibleByArgument {
    let audio: RemuxConfiguration.Selection.Audio

    init(audio: RemuxConfiguration.Selection.Audio) { self.audio = audio }

    init?(argument: String) {
        switch argument {
        case "default": audio = .default
        case "all": audio = .all
        case "none": audio = .none
        default:
            guard let matches = RenditionMatches.parse(argument, takesChannels: true) else { return nil }
            audio = .matching(matches)
        }
    }

    var defaultValueDescription: String { "default" }
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
