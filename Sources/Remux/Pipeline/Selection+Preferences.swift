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
        case .matching(let matches):
            preferences.audio = .matching(
                matches.map { match in
                    switch match {
                    case .language(let tag): .language(tag)
                    case .name(let name): .name(name)
                    case .channels(let count): .channels(count)
                    }
                }
            )
        }
        preferences.maximumBandwidth = maximumBandwidth
        preferences.codecs = codecs
        return preferences
    }
}
