import CFFmpeg

/// What it means for a track that its format is another one from here on (DESIGN §5). Pure.
///
/// What readers make of each was measured: `docs/validators.md`.
enum FormatChange: Equatable {
    /// A decoder needs to know nothing new.
    case none
    /// Parameter sets came that the sample entry lacks; those for the picture as a whole stay.
    case addition
    /// The samples themselves say what changes: parameter sets, sequence headers, frame headers.
    case carried
    /// The sample entry alone says how to decode: one track cannot hold both, since ffmpeg, and what is built on it, know only
    /// the first sample entry of a fragmented track.
    case otherTrack

    /// - Parameters:
    ///   - old: what the track's samples had so far.
    ///   - new: what those to come have.
    init(from old: TrackFormat, to new: TrackFormat) {
        if old == new {
            self = .none
        } else if old.kind != new.kind || old.codec != new.codec {
            self = .otherTrack
        } else if old.nalForm != nil {
            self = Self.parameterSets(from: old, to: new)
        } else {
            self = Self.describesItself(old, new) ? .carried : .otherTrack
        }
    }

    private static func parameterSets(from old: TrackFormat, to new: TrackFormat) -> FormatChange {
        guard !new.parameterSets.isEmpty else { return .otherTrack }
        let isSamePicture = old.width == new.width && old.height == new.height
        return isSamePicture && old.sequenceSets.isSubset(of: new.sequenceSets) ? .addition : .carried
    }

    /// Codecs whose every frame, or every key frame, says all that a decoder must know. The scale of a sound track is its
    /// sample rate, which must therefore stay.
    private static func describesItself(_ old: TrackFormat, _ new: TrackFormat) -> Bool {
        switch old.codec {
        case AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO: true
        case AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_MP3, AV_CODEC_ID_MP2: old.sampleRate == new.sampleRate
        default: false
        }
    }
}

/// What is done about it.
enum FormatAction: Equatable {
    case goOn
    /// The track goes on, with parameter sets in band.
    case carry
    /// The next file begins.
    case split
    /// The session ends.
    case refuse

    /// - Parameter policy: what was asked for.
    init(_ change: FormatChange, policy: RemuxConfiguration.FormatChangePolicy) {
        self =
            switch (change, policy) {
            case (.none, _): .goOn
            case (.addition, _), (.carried, .inBand): .carry
            case (.carried, .split), (.otherTrack, .split): .split
            case (.otherTrack, .inBand), (.carried, .fail), (.otherTrack, .fail): .refuse
            }
    }
}
