/// What the user wants of a Multivariant Playlist. The defaults are the command's.
package struct SelectionPreferences: Sendable {
    /// `--video`.
    package enum Video: Sendable, Equatable {
        /// The most desirable Variant Stream.
        case best
        /// The least.
        case worst
        /// The tallest whose RESOLUTION is not above this many pixels.
        case height(Int)
        /// No video.
        case none
    }

    /// `--audio` and `--subtitles`.
    package enum Renditions: Sendable, Equatable {
        /// What the playlist marks as default; for audio where nothing is marked the first one.
        case `default`
        /// All of the Variant Stream's group.
        case all
        /// Nothing.
        case none
        /// For each entry the Rendition that fits best; every entry must be found.
        case matching([RenditionMatch])
    }

    /// `--video`.
    package var video: Video = .best
    /// `--max-bandwidth` in bit/s, compared with BANDWIDTH.
    package var maximumBandwidth: UInt64?
    /// `--codec`: one of these must be in CODECS; empty: any. See ``CodecFamily``.
    package var codecs: [String] = []
    /// `--audio`.
    package var audio: Renditions = .default
    /// `--subtitles`.
    package var subtitles: Renditions = .none
    /// REQ-VIDEO-LAYOUT specifiers that may be selected. Stereoscopic video (`CH-STEREO`) only by explicit choice.
    package var videoLayouts: Set<String> = ["CH-MONO", "PROJ-RECT"]
    /// Sample entry names that the output can carry (`avc1`, `mp4a`, …); `nil`: no restriction.
    package var muxableCodecs: Set<String>? = CodecFamily.fragmentedMP4
    /// Sample entry names that the chosen container cannot carry, and what to say of each.
    package var unmuxableCodecs: [String: String] = [:]

    /// The command's defaults.
    package init() {}
}

/// One entry of `--audio LANG,name=…,channels=…`.
package enum RenditionMatch: Sendable, Equatable, CustomStringConvertible {
    /// Language range: `en` fits `en`, `en-US` and `eng`.
    case language(String)
    /// NAME, without regard to case.
    case name(String)
    /// First parameter of CHANNELS.
    case channels(Int)

    package var description: String {
        switch self {
        case .language(let tag): DisplayText.escaped(tag)
        case .name(let name): "name=\(DisplayText.escaped(name))"
        case .channels(let count): "channels=\(count)"
        }
    }

    /// Whether the Rendition fits.
    func accepts(_ rendition: Rendition) -> Bool {
        switch self {
        case .language(let range):
            guard let language = rendition.language else { return false }
            return LanguageTag.matches(range: range, tag: language)
        case .name(let name): return rendition.name.lowercased() == name.lowercased()
        case .channels(let count): return rendition.channelCount == count
        }
    }
}
