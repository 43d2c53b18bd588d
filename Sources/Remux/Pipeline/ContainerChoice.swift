import HLS

/// What the container decides about a session before anything is fetched.
enum ContainerChoice {
    /// Tells and refuses what the configuration alone shows.
    ///
    /// - Throws: ``RemuxError`` with code `configuration`.
    static func check(_ configuration: RemuxConfiguration, status: SessionStatus) throws(RemuxError) {
        let container = configuration.effectiveContainer
        if configuration.leavesVideoOut, configuration.selection.video != .none {
            status.note("the output is for audio only: video is left out")
        }
        if container != .copy, configuration.addsExtension {
            throw RemuxError(.configuration, "only --format copy finds the extension of the file's name itself")
        }
        if MovieBrand(container) == nil, configuration.layout == .flat {
            throw RemuxError(
                .configuration,
                "--layout flat is a layout of --format mp4, mov and m4a; \(container.rawValue) has one of its own"
            )
        }
        guard container == .copy else { return }
        if configuration.sidecar != nil || configuration.selection.subtitles != .none {
            throw RemuxError(
                .configuration,
                "--format copy takes the segments as they are, and no subtitles beside them; take those in a run of their "
                    + "own: --video none --audio none --subtitles … --sidecar vtt"
            )
        }
        let said = [
            configuration.title.map { _ in "--title" }, configuration.takesChapters ? "--chapters" : nil,
            configuration.creationTimeMilliseconds.map { _ in "--creation-time" },
        ].compactMap(\.self)
        if !said.isEmpty {
            status.warn("--format copy changes nothing in the segments: \(said.joined(separator: ", ")) has no effect")
        }
    }

    /// What is wanted, and what the container can hold of it.
    static func preferences(_ configuration: RemuxConfiguration) -> SelectionPreferences {
        let container = configuration.effectiveContainer
        var preferences = configuration.effectiveSelection.preferences
        for (entry, others) in ContainerRules.unmuxable(in: container) {
            // What is left out anyway, and subtitles that are chosen by themselves, decide nothing about a stream.
            let isVideo = CodecFamily.kinds(of: [entry]).video
            let isAudio = CodecFamily.kinds(of: [entry]).audio
            if isVideo && preferences.video == .none || isAudio && preferences.audio == .none { continue }
            guard isVideo || isAudio else { continue }
            preferences.unmuxableCodecs[entry] =
                "cannot be written into \(container.rawValue); "
                + ContainerRules.advice(others)
        }
        return preferences
    }

    /// Refuses sources that the container cannot hold together.
    ///
    /// - Throws: ``RemuxError`` with code `playlistRefused`.
    static func check(_ sources: [SourcePlan], _ configuration: RemuxConfiguration) throws(RemuxError) {
        let container = configuration.effectiveContainer
        if container == .copy { return try checkCopy(sources, configuration) }
        guard configuration.sidecar == nil, ContainerRules.textForm(in: container) == nil,
            let subtitles = sources.first(where: \.takesSubtitles)
        else { return }
        throw refused(
            "\(subtitles.label)\(container.rawValue) cannot hold subtitles; --sidecar vtt writes them beside the file, and "
                + ContainerRules.advice(ContainerRules.containers(holding: "wvtt")) + " hold them",
            subtitles
        )
    }

    /// The text track as the container holds it; `nil`: it is made of cues.
    ///
    /// - Throws: ``RemuxError`` with code `playlistRefused`.
    static func textTrack(
        _ track: TextTrack?,
        of source: SourcePlan,
        _ configuration: RemuxConfiguration
    ) throws(RemuxError) -> TextTrack? {
        let container = configuration.effectiveContainer
        guard let track, configuration.sidecar == nil, container != .mp4 else { return track }
        if track.format == .ttml, let refusal = ContainerRules.refusal("stpp", in: container) {
            throw refused("\(source.label)\(refusal); choose other subtitles, or none, with --subtitles", source)
        }
        return nil
    }

    private static func checkCopy(_ sources: [SourcePlan], _ configuration: RemuxConfiguration) throws(RemuxError) {
        if sources.count > 1, let other = sources.last {
            let isSplit = sources.first?.takesVideo ?? false
            throw refused(
                "\(other.label)--format copy takes one Media Playlist, and what is chosen is in \(sources.count): "
                    + (isSplit
                        ? "take one at a time with --audio none and --video none, or all with --format mp4, mkv or ts"
                        : "choose one with --audio, or take all with --format m4a, mkv or ts"),
                other
            )
        }
        for source in sources {
            if source.takesSubtitles {
                throw refused("--format copy takes no subtitles; --sidecar vtt writes them into a file", source)
            }
            for segment in source.playlist.segments where !segment.isGap {
                guard let key = segment.key, let method = key.method, method == .sampleAES || method == .sampleAESCTR
                else { continue }
                throw refused(
                    "Media Segment \(segment.mediaSequenceNumber) has encrypted samples (METHOD=\(method.rawValue)): copied as "
                        + "it is, nobody could play it; another --format decrypts them",
                    source
                )
            }
        }
    }

    private static func refused(_ text: String, _ source: SourcePlan) -> RemuxError {
        let url = source.playlist.uri.description
        return RemuxError(
            .playlistRefused,
            "\(text) (\(url))",
            context: RemuxError.Context(stage: "Playlist", url: url)
        )
    }
}
