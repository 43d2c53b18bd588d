/// What each container holds: one table, which selection (CODECS) and Mux (formats) ask. Pure.
///
/// A container holds a codec where libavformat writes it and readers other than libavformat's play it back.
enum ContainerRules {
    typealias Container = RemuxConfiguration.Container

    /// libavcodec's name of a codec, the sample entries that CODECS names it by (RFC 6381), and the containers that hold it;
    /// `copy` holds everything.
    private static let table: [(codec: String, entries: [String], containers: [Container])] = [
        ("h264", ["avc1", "avc3", "dva1", "dvav"], [.mp4, .mov, .mkv, .ts]),
        ("hevc", ["hvc1", "hev1", "dvh1", "dvhe"], [.mp4, .mov, .mkv, .ts]),
        ("av1", ["av01", "dav1"], [.mp4, .mkv]),
        ("vp9", ["vp09"], [.mp4, .mkv]),
        ("vp8", ["vp08"], [.mp4, .mkv]),
        ("mpeg4", ["mp4v"], [.mp4, .mov, .mkv, .ts]),
        ("mpeg2video", [], [.mp4, .mov, .mkv, .ts]),
        ("mpeg1video", [], [.mp4, .mov, .mkv, .ts]),
        ("aac", ["mp4a"], [.mp4, .mov, .mkv, .ts, .m4a]),
        ("ac3", ["ac-3"], [.mp4, .mov, .mkv, .ts, .m4a]),
        ("eac3", ["ec-3"], [.mp4, .mov, .mkv, .ts, .m4a]),
        ("mp3", ["mp3"], [.mp4, .mov, .mkv, .ts, .m4a]),
        ("mp2", [], [.mp4, .mkv, .ts, .m4a]),
        ("opus", ["opus"], [.mp4, .mkv, .ts, .m4a]),
        ("flac", ["fLaC", "flac"], [.mp4, .mkv, .m4a]),
        ("alac", ["alac"], [.mp4, .mov, .mkv, .m4a]),
        ("mov_text", ["tx3g"], [.mp4, .mov, .mkv]),
        ("wvtt", ["wvtt"], [.mp4, .mov, .mkv]),
        ("stpp", ["stpp"], [.mp4]),
    ]

    /// Whether the container holds a codec, by libavcodec's name. What the table does not know is left to libavformat.
    static func holds(_ codec: String, in container: Container) -> Bool {
        guard container != .copy else { return true }
        let row = table.first { $0.codec == codec }
        return row.map { $0.containers.contains(container) } ?? (container == .mp4 || container == .mkv)
    }

    /// Those that hold a codec, by libavcodec's name.
    static func containers(holding codec: String) -> [Container] {
        let known = table.first { $0.codec == codec }?.containers
        return known ?? [.mp4, .mkv]
    }

    /// Sample entries of CODECS that the container cannot hold, and the containers that can.
    static func unmuxable(in container: Container) -> [String: [Container]] {
        guard container != .copy else { return [:] }
        var entries: [String: [Container]] = [:]
        for row in table where !row.containers.contains(container) {
            for entry in row.entries { entries[entry] = row.containers }
        }
        return entries
    }

    /// Why a stream cannot go into the container, and where it could go; `nil`: it can.
    ///
    /// - Parameter codec: libavcodec's name.
    static func refusal(_ codec: String, in container: Container) -> String? {
        guard !holds(codec, in: container) else { return nil }
        return "the stream holds \(codec), which \(container.rawValue) cannot hold; "
            + advice(containers(holding: codec))
    }

    /// `--format mp4 or mkv can`.
    static func advice(_ containers: [Container]) -> String {
        let names = containers.map(\.rawValue)
        guard let last = names.last else { return "no container can" }
        let others = names.dropLast().joined(separator: ", ")
        return "--format \(others.isEmpty ? last : others + " or " + last) can"
    }

    /// What text becomes in the container; `nil`: it holds none.
    static func textForm(in container: Container) -> TextForm? {
        switch container {
        case .mp4, .mov: .timedText
        case .mkv: .subRip
        case .ts, .m4a, .copy: nil
        }
    }
}

/// What the samples of a text track made of cues are.
enum TextForm: Sendable {
    /// 3GPP Timed Text, without gaps.
    case timedText
    /// SubRip (Matroska's `S_TEXT/UTF8`): nothing where nothing is shown.
    case subRip
}
