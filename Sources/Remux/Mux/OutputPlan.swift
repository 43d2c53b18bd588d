/// What the output is to be like: known before its first sample.
struct OutputPlan: Sendable {
    var layout = FragmentedLayout.Plan()
    /// Media time by the playlist.
    var planned90k: Int64 = 0
    var fragmentPolicy = FragmentPolicy()
    var container = RemuxConfiguration.Container.mp4
    var metadata = OutputMetadata()

    /// Opens the muxer of the container.
    ///
    /// - Parameters:
    ///   - formats: the tracks in the order of their numbers.
    ///   - labels: what the playlist says about them.
    ///   - edits: the edit list of each.
    ///   - dataKinds: the timed data that may come.
    /// - Throws: ``FFmpegError`` where libavformat refuses a track.
    func makeMuxer(
        formats: [TrackFormat],
        labels: [TrackLabel],
        edits: [TrackEdit],
        dataKinds: [TimedData.Kind] = [],
        sink: any ByteSink
    ) throws -> any Muxer {
        switch container {
        case .mkv:
            return try MatroskaMuxer(
                formats: formats,
                labels: labels,
                edits: edits,
                metadata: metadata,
                planned90k: planned90k,
                sink: sink
            )
        case .ts:
            return try TransportStreamMuxer(
                formats: formats,
                labels: labels,
                edits: edits,
                metadata: metadata,
                dataKinds: dataKinds,
                sink: sink
            )
        case .mp4, .mov, .m4a, .copy: break
        }
        let brand = MovieBrand(container) ?? .mp4
        let layout = FragmentedLayout(
            sink: sink,
            edits: edits,
            disabledTracks: Set(formats.indices.filter { formats[$0].kind == .subtitles && !labels[$0].isDefault }),
            sampleEntries: formats.map { brand.takesSampleEntry(of: $0) ? $0.sampleEntry : nil },
            languages: brand == .quickTime ? labels.map { LanguageCode.iso639(of: $0.language ?? "und") } : [],
            chapters: metadata.chapters,
            plan: self.layout
        )
        return try MP4Muxer(
            formats: formats,
            labels: labels,
            brand: brand,
            metadata: metadata,
            layout: layout,
            policy: fragmentPolicy
        )
    }
}
