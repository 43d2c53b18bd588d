/// Which of the formats of the family a movie file is (`ftyp`, ISO/IEC 14496-12 §4.3).
enum MovieBrand: Sendable {
    case mp4
    /// QuickTime: sound has sample entries of its own form, so that those of the source do not fit.
    case quickTime
    /// MP4 with audio only, as Apple names it.
    case appleAudio

    /// `nil` for containers of other families.
    init?(_ container: RemuxConfiguration.Container) {
        switch container {
        case .mp4: self = .mp4
        case .mov: self = .quickTime
        case .m4a: self = .appleAudio
        case .mkv, .ts, .copy: return nil
        }
    }

    /// libavformat's muxer.
    var muxerName: String { self == .quickTime ? "mov" : "mp4" }

    /// What replaces that muxer's major brand; `nil`: nothing.
    var majorBrand: String? { self == .appleAudio ? "M4A " : nil }

    /// Whether a sample entry of the source can stand in the file.
    func takesSampleEntry(of format: TrackFormat) -> Bool { self != .quickTime || format.kind == .video }
}
