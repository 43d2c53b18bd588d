/// What the output is to be like: known before its first sample.
struct OutputPlan: Sendable {
    var layout = FragmentedLayout.Plan()
    var fragmentPolicy = FragmentPolicy()

    /// Opens the muxer of the container.
    ///
    /// - Parameters:
    ///   - formats: the tracks in the order of their numbers.
    ///   - labels: what the playlist says about them.
    ///   - edits: the edit list of each.
    /// - Throws: ``FFmpegError`` where libavformat refuses a track.
    func makeMuxer(
        formats: [TrackFormat],
        labels: [TrackLabel],
        edits: [TrackEdit],
        sink: any ByteSink
    ) throws -> any Muxer {
        let layout = FragmentedLayout(
            sink: sink,
            edits: edits,
            disabledTracks: Set(formats.indices.filter { formats[$0].kind == .subtitles && !labels[$0].isDefault }),
            sampleEntries: formats.map(\.sampleEntry),
            plan: self.layout
        )
        return try MP4Muxer(formats: formats, labels: labels, layout: layout, policy: fragmentPolicy)
    }
}
