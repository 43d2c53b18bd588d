/// One open file of the output: the samples of its tracks, in its own time. Confined to the thread `remux`.
final class OutputPart {
    /// A track of the output.
    struct Track {
        var format: TrackFormat
        var label: TrackLabel
        /// The track whose stream goes on in this one, with another format.
        var replaces: Int?
    }

    private struct Member {
        var index: Int
        var track: Track
        /// The file's time 0, in ticks of the track.
        var shift: Int64
        var sampleCount = 0
        var end: Int64 = 0
    }

    private let muxer: any Muxer
    /// By the track's number in the output.
    private var members: [Int: Member] = [:]
    private let order: [Int]
    private let duration90k: Int64?
    /// The file's time 0 in that of the whole output, seconds.
    let startSeconds: Double

    /// Opens the muxer.
    ///
    /// - Parameters:
    ///   - numbers: the tracks that the file holds, by their numbers in the output.
    ///   - tracks: all tracks of the output.
    ///   - first: the first samples, at least one of each track that has begun: they give the edit lists.
    ///   - start: the file's time 0 in the time of the output, in ticks of `scale`.
    ///   - dataKinds: the timed data that may come.
    ///   - duration90k: the presentation ends here, whatever lasts longer; `nil`: with the samples.
    init(
        _ numbers: [Int],
        of tracks: [Track],
        first: [PlacedSample<Packet>],
        start: Int64 = 0,
        scale: TimeScale = .mpeg,
        duration90k: Int64?,
        dataKinds: [TimedData.Kind] = [],
        sink: any ByteSink,
        plan: OutputPlan
    ) throws {
        order = numbers
        self.duration90k = duration90k
        startSeconds = Double(start) / Double(scale.ticksPerSecond)
        for (index, number) in numbers.enumerated() {
            let track = tracks[number]
            members[number] = Member(
                index: index,
                track: track,
                shift: scale.convert(start, to: track.format.timeScale)
            )
        }
        let edits = numbers.map { [members] number in
            let samples = first.lazy.filter { $0.track == number }
            let shift = members[number]?.shift ?? 0
            return TrackEdit(
                firstPts: samples.map(\.pts).min().map { $0 &- shift } ?? 0,
                firstDts: samples.first.map { $0.dts &- shift } ?? 0,
                scale: tracks[number].format.timeScale,
                presentationMovieTicks: duration90k.map { TimeScale.mpeg.convert($0, to: TrackEdit.movieScale) }
            )
        }
        muxer = try plan.makeMuxer(
            formats: numbers.map { tracks[$0].format },
            labels: numbers.map { tracks[$0].label },
            edits: edits,
            dataKinds: dataKinds,
            sink: sink
        )
    }

    /// Bytes given to the sink.
    var byteCount: UInt64 { muxer.byteCount }

    /// Writes a sample of one of its tracks, numbered and timed as in the output.
    func write(_ sample: PlacedSample<Packet>) throws {
        guard var member = members[sample.track] else { return }
        var sample = sample
        let number = sample.track
        sample.track = member.index
        sample.pts &-= member.shift
        sample.dts &-= member.shift
        try muxer.write(sample)
        member.sampleCount += 1
        member.end = max(member.end, sample.pts &+ sample.duration)
        members[number] = member
    }

    /// The chapters, in the file's own time.
    func setChapters(_ chapters: [Chapter]) { muxer.setChapters(chapters) }

    /// Writes timed data.
    func write(_ data: DataQueue<TimedData>.Placed) throws { try muxer.write(data) }

    /// Writes the last fragment and the index.
    ///
    /// - Parameter isComplete: nothing more will ever be added.
    func finish(isComplete: Bool) throws {
        try muxer.finish()
        if isComplete { try muxer.makeFinal() }
    }

    /// What each track holds, its end in the file's own time.
    var summaries: [RemuxSummary.Track] {
        order.compactMap { members[$0] }.map { member in
            let format = member.track.format
            let end = Double(member.end) / Double(format.timeScale.ticksPerSecond)
            return RemuxSummary.Track(
                kind: RemuxSummary.Track.Kind(format.kind),
                codec: format.codecName,
                width: format.width,
                height: format.height,
                sampleRate: format.sampleRate,
                channelCount: format.channelCount,
                language: member.track.label.language,
                sampleCount: member.sampleCount,
                endSeconds: min(end, duration90k.map { Double($0) / 90_000 } ?? end)
            )
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
