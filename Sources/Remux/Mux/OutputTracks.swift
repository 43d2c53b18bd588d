/// The open output: puts placed samples into order, gives them their durations and writes them. Confined to the thread
/// `remux`.
final class OutputTracks {
    private let formats: [TrackFormat]
    private let labels: [TrackLabel]
    private let muxer: any Muxer
    private var interleaver: Interleaver<Packet>
    private var sampleCounts: [Int]
    private var ends: [Int64]
    private let duration90k: Int64?

    /// Opens the muxer.
    ///
    /// - Parameters:
    ///   - formats: the tracks in the order of their numbers.
    ///   - labels: what the playlist says about them.
    ///   - first: the first placed samples, at least one of each track that has begun: they give the edit lists.
    ///   - dataKinds: the timed data that may come.
    ///   - duration90k: the presentation ends here, whatever lasts longer; `nil`: with the samples.
    init(
        formats: [TrackFormat],
        labels: [TrackLabel],
        first: [PlacedSample<Packet>],
        duration90k: Int64? = nil,
        dataKinds: [TimedData.Kind] = [],
        sink: any ByteSink,
        plan: OutputPlan
    ) throws {
        self.formats = formats
        self.labels = labels
        self.duration90k = duration90k
        let edits = formats.indices.map { index in
            let samples = first.lazy.filter { $0.track == index }
            return TrackEdit(
                firstPts: samples.map(\.pts).min() ?? 0,
                firstDts: samples.first?.dts ?? 0,
                scale: formats[index].timeScale,
                presentationMovieTicks: duration90k.map { TimeScale.mpeg.convert($0, to: TrackEdit.movieScale) }
            )
        }
        muxer = try plan.makeMuxer(
            formats: formats,
            labels: labels,
            edits: edits,
            dataKinds: dataKinds,
            sink: sink
        )
        interleaver = Interleaver(tracks: formats.map { ($0.timeScale, $0.kind) })
        sampleCounts = formats.map { _ in 0 }
        ends = formats.map { _ in 0 }
    }

    /// Takes a sample; writes what is due.
    func write(_ sample: PlacedSample<Packet>) throws {
        interleaver.push(sample)
        try drain()
    }

    /// Writes timed data.
    func write(_ data: DataQueue<TimedData>.Placed) throws { try muxer.write(data) }

    /// The chapters, once their times are certain; before ``finish()``.
    func setChapters(_ chapters: [Chapter]) { muxer.setChapters(chapters) }

    /// Writes what is held, the last fragment, and the index.
    ///
    /// - Parameter isComplete: nothing more will ever be added.
    func finish(isComplete: Bool) throws {
        interleaver.finish()
        try drain()
        try muxer.finish()
        if isComplete { try muxer.makeFinal() }
    }

    /// Bytes given to the sink.
    var byteCount: UInt64 { muxer.byteCount }

    /// What each track holds.
    var summaries: [RemuxSummary.Track] {
        formats.indices.map { index in
            let format = formats[index]
            let end = Double(ends[index]) / Double(format.timeScale.ticksPerSecond)
            let seconds = min(end, duration90k.map { Double($0) / 90_000 } ?? end)
            return RemuxSummary.Track(
                kind: RemuxSummary.Track.Kind(format.kind),
                codec: format.codecName,
                width: format.width,
                height: format.height,
                sampleRate: format.sampleRate,
                channelCount: format.channelCount,
                language: labels[index].language,
                sampleCount: sampleCounts[index],
                endSeconds: seconds
            )
        }
    }

    private func drain() throws {
        while let sample = interleaver.pop() {
            try muxer.write(sample)
            sampleCounts[sample.track] += 1
            ends[sample.track] = max(ends[sample.track], sample.pts &+ sample.duration)
        }
    }
}

extension RemuxSummary.Track.Kind {
    fileprivate init(_ kind: TrackFormat.Kind) {
        self =
            switch kind {
            case .video: .video
            case .audio: .audio
            case .subtitles: .subtitles
            }
    }
}
