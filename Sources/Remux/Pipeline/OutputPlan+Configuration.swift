extension OutputPlan {
    /// The plan for what is asked for and what the playlists promise.
    ///
    /// - Parameters:
    ///   - plannedSeconds: media time of the longest source.
    ///   - plannedSegments: Media Segments of the source that has most.
    ///   - sessionTitle: what the Multivariant Playlist calls the presentation.
    ///   - chapters: by the times of the playlist.
    init(
        _ configuration: RemuxConfiguration,
        plannedSeconds: Double,
        plannedSegments: Int,
        sessionTitle: String? = nil,
        chapters: [Chapter] = []
    ) {
        planned90k = Int64(min(max(0, plannedSeconds), 1e12) * 90_000)
        let minimumSeconds = max(0.04, min(configuration.minimumFragmentSeconds, 60))
        fragmentPolicy = FragmentPolicy(minimum90k: Int64(clamping: UInt64(minimumSeconds * 90_000)))
        container = configuration.effectiveContainer
        metadata.title = (configuration.title ?? sessionTitle).flatMap(OutputMetadata.title)
        metadata.chapters = chapters
        metadata.creationTimeMilliseconds = configuration.creationTimeMilliseconds
        // DESIGN §6: planned seconds ÷ shortest fragment, and one more for each segment.
        let bySeconds = plannedSeconds / minimumSeconds
        layout = FragmentedLayout.Plan(
            fragmentCount: Int(bySeconds.isFinite ? min(bySeconds, 10_000_000) : 0) + plannedSegments + 1,
            seconds: plannedSeconds.isFinite ? plannedSeconds : nil,
            isFlat: configuration.layout == .flat
        )
    }
}
