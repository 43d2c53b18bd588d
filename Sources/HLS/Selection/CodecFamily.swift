/// Codec identifiers of CODECS (RFC 6381): their sample entry names and the words people use for them.
package enum CodecFamily {
    /// Sample entry names that the fragmented MP4 output can carry.
    package static let fragmentedMP4: Set<String> = video.union(audio).union(text)

    /// Sample entry names of video.
    static let video: Set<String> = [
        "avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "dva1", "dvav", "av01", "dav1", "vp09", "vp08", "mp4v",
    ]
    /// Sample entry names of audio.
    static let audio: Set<String> = ["mp4a", "ac-3", "ec-3", "opus", "fLaC", "flac", "alac", "mp3"]
    /// Sample entry names of subtitles.
    static let text: Set<String> = ["wvtt", "stpp", "tx3g"]

    /// What comes before the first period: `avc1` of `avc1.64001f`. Case matters only to FLAC and Opus, whose
    /// spellings vary in the wild.
    static func entryName(_ codec: String) -> String {
        let name = codec.split(separator: ".", omittingEmptySubsequences: false).first.map(String.init) ?? codec
        return name.lowercased() == "opus" ? "opus" : name
    }

    /// Whether CODECS names a codec of video, and of audio.
    package static func kinds(of codecs: [String]) -> (video: Bool, audio: Bool) {
        let names = Set(codecs.map(entryName))
        return (!names.isDisjoint(with: video), !names.isDisjoint(with: audio))
    }

    /// Whether a codec is what `--codec` asks for: a prefix (`avc1`, `hvc1.2`) or a word (`h264`, `hevc`, `av1`).
    static func matches(_ wanted: String, _ codec: String) -> Bool {
        let wanted = wanted.lowercased()
        let codec = codec.lowercased()
        if codec == wanted || codec.hasPrefix(wanted + ".") { return true }
        return names[wanted]?.contains(entryName(codec)) ?? false
    }

    private static let names: [String: Set<String>] = [
        "h264": ["avc1", "avc3", "dva1", "dvav"],
        "h.264": ["avc1", "avc3", "dva1", "dvav"],
        "avc": ["avc1", "avc3", "dva1", "dvav"],
        "h265": ["hvc1", "hev1", "dvh1", "dvhe"],
        "h.265": ["hvc1", "hev1", "dvh1", "dvhe"],
        "hevc": ["hvc1", "hev1", "dvh1", "dvhe"],
        "dolbyvision": ["dvh1", "dvhe", "dva1", "dvav", "dav1"],
        "av1": ["av01", "dav1"],
        "vp9": ["vp09"],
        "vp8": ["vp08"],
        "aac": ["mp4a"],
        "ac3": ["ac-3"],
        "eac3": ["ec-3"],
        "flac": ["flac"],
    ]
}
