/// The open output: puts placed samples into order, gives them their durations and writes them, into one file or, where formats
/// change and that is asked for, one file after the other. Confined to the thread `remux`.
final class OutputTracks {
    private var tracks: [OutputPart.Track]
    private var interleaver: Interleaver<Packet>
    /// `nil`: there is one file.
    private var cutter: PartCutter<Packet>?
    private var steps: [PartCutter<Packet>.Step] = []
    private var part: OutputPart
    private var finishedBytes: UInt64 = 0
    private var finished: [OutputPart] = []
    private let duration90k: Int64?
    private let files: OutputFiles
    private let plan: OutputPlan

    /// Opens the muxer of the first file.
    ///
    /// - Parameters:
    ///   - tracks: in the order of their numbers; the first file holds those that replace none.
    ///   - first: the first placed samples, at least one of each track that has begun: they give the edit lists.
    ///   - dataKinds: the timed data that may come; an output that may be split has none.
    ///   - duration90k: the presentation ends here, whatever lasts longer; `nil`: with the samples.
    init(
        tracks: [OutputPart.Track],
        first: [PlacedSample<Packet>],
        duration90k: Int64? = nil,
        dataKinds: [TimedData.Kind] = [],
        files: OutputFiles,
        plan: OutputPlan
    ) throws {
        self.tracks = tracks
        self.duration90k = duration90k
        self.files = files
        self.plan = plan
        part = try OutputPart(
            tracks.indices.filter { tracks[$0].replaces == nil },
            of: tracks,
            first: first,
            duration90k: duration90k,
            dataKinds: files.canSplit ? [] : dataKinds,
            sink: files.first,
            plan: plan
        )
        interleaver = Interleaver(tracks: tracks.map { ($0.format.timeScale, $0.format.kind) })
        if files.canSplit { cutter = PartCutter(tracks: tracks.map(Self.cutterTrack)) }
        for track in tracks { if let replaced = track.replaces { interleaver.finish(track: replaced) } }
    }

    private static func cutterTrack(_ track: OutputPart.Track) -> PartCutter<Packet>.Track {
        PartCutter.Track(kind: track.format.kind, scale: track.format.timeScale, replaces: track.replaces)
    }

    /// Adds a track that the present file cannot hold: its first sample begins another. Returns its number.
    func addTrack(_ track: OutputPart.Track) -> Int {
        tracks.append(track)
        interleaver.addTrack(scale: track.format.timeScale, kind: track.format.kind)
        cutter?.addTrack(Self.cutterTrack(track))
        if let replaced = track.replaces { interleaver.finish(track: replaced) }
        return tracks.count - 1
    }

    /// Takes a sample; writes what is due.
    func write(_ sample: PlacedSample<Packet>) throws {
        interleaver.push(sample)
        try drain()
    }

    /// Writes timed data.
    func write(_ data: DataQueue<TimedData>.Placed) throws {
        if cutter == nil { try part.write(data) }
    }

    /// The chapters, once their times are certain; before ``finish()``. An output that is split has none.
    func setChapters(_ chapters: [Chapter]) { part.setChapters(chapters) }

    /// Writes what is held, the last fragment, and the index.
    ///
    /// - Parameter isComplete: nothing more will ever be added.
    func finish(isComplete: Bool) throws {
        interleaver.finish()
        try drain()
        if var cutter {
            try cutter.finish(to: &steps)
            self.cutter = cutter
            try takeSteps()
        }
        try part.finish(isComplete: isComplete)
    }

    /// Bytes given to the sinks.
    var byteCount: UInt64 { finishedBytes + part.byteCount }

    /// What each track of each file holds.
    var summaries: [RemuxSummary.Track] { (finished + [part]).flatMap(\.summaries) }

    /// The files, where there are several.
    var fileSummaries: [RemuxSummary.File] {
        guard !finished.isEmpty else { return [] }
        return zip(finished + [part], files.paths).map { part, path in
            RemuxSummary.File(
                path: path,
                startSeconds: part.startSeconds,
                byteCount: part.byteCount,
                tracks: part.summaries
            )
        }
    }

    private func drain() throws {
        while let sample = interleaver.pop() {
            guard cutter != nil else {
                try part.write(sample)
                continue
            }
            try cutter?.push(sample, to: &steps)
            try takeSteps()
        }
    }

    private func takeSteps() throws {
        for step in steps {
            switch step {
            case .write(let sample): try part.write(sample)
            case .cut(let cut): try open(cut)
            }
        }
        steps.removeAll(keepingCapacity: true)
    }

    private func open(_ cut: PartCutter<Packet>.Cut) throws {
        try part.finish(isComplete: true)
        finishedBytes += part.byteCount
        finished.append(part)
        let start90k = cut.scale.convert(cut.start, to: .mpeg)
        part = try OutputPart(
            cut.tracks,
            of: tracks,
            first: cut.first,
            start: cut.start,
            scale: cut.scale,
            duration90k: duration90k.map { max(1, $0 &- start90k) },
            sink: files.next(),
            plan: plan
        )
    }
}
