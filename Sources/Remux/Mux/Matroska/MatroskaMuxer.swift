import CFFmpeg

/// Writes Matroska with libavformat's muxer. Confined to the thread `remux`.
///
/// Clusters are handed on whole, so that a file which is cut off plays up to the last of them. On a file SeekHead, Cues and
/// Duration are filled in at the end; on a pipe there are none. Times are whole milliseconds, rounded from the timeline each
/// by itself: libavformat knows no other TimestampScale.
final class MatroskaMuxer: Muxer {
    private let context: OutputContext
    private let output: PatchingOutput
    private let timing: TrackTiming
    private let isText: [Bool]
    private var metadata: OutputMetadata
    private var end90k: Int64 = 0

    /// Patching is of use where the whole front can be reached: what is filled in stands before the first cluster.
    private static let frontBytes: UInt64 = 1 << 20

    /// - Parameter planned90k: how long the output will be, by the playlist.
    /// - Throws: ``FFmpegError`` where libavformat refuses a track.
    init(
        formats: [TrackFormat],
        labels: [TrackLabel],
        edits: [TrackEdit],
        metadata: OutputMetadata,
        planned90k: Int64,
        sink: any ByteSink
    ) throws {
        let output = PatchingOutput(sink: sink)
        self.output = output
        self.metadata = metadata
        timing = TrackTiming(edits: edits, scales: formats.map(\.timeScale))
        isText = formats.map { $0.kind == .subtitles }
        let canPatch = sink.patchableLength >= Self.frontBytes
        let io =
            canPatch
            ? try OutputIO(accept: output.accept, seek: output.seek, size: { output.byteCount })
            : try OutputIO(accept: output.accept)
        context = try OutputContext(
            format: "matroska",
            io: io,
            formats: formats,
            labels: labels,
            metadata: metadata
        ) { _, _ in }
        // At the end of a file the chapters' times are certain; libavformat writes them there.
        if !canPatch {
            try metadata.applyChapters(to: context.raw, shift90k: timing.shift90k, end90k: planned90k)
        }
        try context.writeHeader([
            "default_mode": "passthrough", "cluster_time_limit": "2000", "cluster_size_limit": String(5 << 20),
        ])
        try context.flush()
    }

    var byteCount: UInt64 { output.byteCount }

    func write(_ sample: PlacedSample<Packet>) throws {
        // Nothing is shown where nothing stands.
        if isText[sample.track], sample.payload.size == 0 { return }
        let times = timing.times90k(of: sample)
        end90k = max(end90k, times.pts &+ times.duration)
        try context.write(
            sample.payload,
            stream: sample.track,
            pts90k: times.pts,
            dts90k: times.dts,
            duration90k: times.duration,
            isKey: sample.isKey
        )
        try context.flush()
    }

    func setChapters(_ chapters: [Chapter]) { metadata.chapters = chapters }

    func finish() throws {
        try metadata.applyChapters(to: context.raw, shift90k: timing.shift90k, end90k: end90k &- timing.shift90k)
        try context.writeTrailer()
    }
}
