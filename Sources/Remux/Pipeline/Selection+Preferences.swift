import HLS

extension RemuxConfiguration.Selection {
    /// The same for the pure selection.
    var preferences: SelectionPreferences {
        var preferences = SelectionPreferences()
        switch video {
        case .best: preferences.video = .best
        case .worst: preferences.video = .worst
        case .height(let pixels): preferences.video = .height(pixels)
        case .none: preferences.video = .none
        }
        switch audio {
        case .default: preferences.audio = .default
        case .all: preferences.audio = .all
        case .none: preferences.audio = .none
        case .matching(let matches): preferences.audio = .matching(matches.map(\.renditionMatch))
        }
        switch subtitles {
        case .default: preferences.subtitles = .default
        case .all: preferences.subtitles = .all
        case .none: preferences.subtitles = .none
        case .matching(let matches): preferences.subtitles = .matching(matches.map(\.renditionMatch))
        }
        preferences.maximumBandwidth = maximumBandwidth
        preferences.codecs = codecs
        return preferences
    }
}

extension RemuxConfiguration.Selection.Match {
    fileprivate var renditionMatch: RenditionMatch {
        switch self {
        case .language(let tag): .language(tag)
        case .name(let name): .name(name)
        case .channels(let count): .channels(count)
        }
    }
}
