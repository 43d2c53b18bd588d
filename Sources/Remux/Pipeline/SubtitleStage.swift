import CFFmpeg
import HLS

/// The subtitles of a session: read beside audio and video, given out as samples of text tracks or written to files.
/// Confined to the thread `remux`.
///
/// Subtitles follow: audio and video say how far they are (``SubtitleRendition/Lead``) and never wait for a cue.
final class SubtitleStage {
    private enum Output {
        /// Text tracks in the output, in the order of the Renditions.
        case tracks
        case files([SidecarFile])
    }

    private let plans: [SourcePlan]
    private var renditions: [SubtitleRendition] = []
    private let status: SessionStatus
    private let output: Output
    private let textForm: TextForm

    /// - Parameters:
    ///   - plans: the Renditions.
    ///   - textForm: what cues become in the output.
    ///   - makeFiles: opens the files, one for each source; `nil`: into the output.
    /// - Throws: ``SinkError`` of a file that cannot be opened.
    init(
        _ plans: [SourcePlan],
        textForm: TextForm = .timedText,
        makeFiles: (@Sendable ([SourcePlan]) throws -> [SidecarFile])?,
        status: SessionStatus
    ) throws {
        self.plans = plans
        self.textForm = textForm
        self.status = status
        if let makeFiles {
            output = .files(try makeFiles(plans))
        } else {
            output = .tracks
        }
    }

    /// Begins to read, one ring for each Rendition; before anything was given out.
    func begin(_ rings: [ByteRing]) {
        let isForFile = if case .files = output { true } else { false }
        renditions = zip(plans, rings).map { plan, ring in
            // What does not stay as it is becomes cues.
            SubtitleRendition(plan: plan, ring: ring, isForFile: isForFile || plan.textTrack == nil)
        }
    }

    /// The text tracks of the output; none where subtitles go to files.
    var formats: [TrackFormat] {
        guard case .tracks = output else { return [] }
        return renditions.map { rendition in
            if textForm == .subRip { return TrackFormat(kind: .subtitles, codec: AV_CODEC_ID_SUBRIP) }
            // Where the samples stay as they are, so does their entry, in the place of that of libavformat.
            return TrackFormat(
                kind: .subtitles,
                codec: AV_CODEC_ID_MOV_TEXT,
                extradata: TimedTextSample.description(isForced: rendition.plan.rendition?.isForced ?? false),
                sampleEntry: rendition.plan.textTrack?.sampleEntry
            )
        }
    }

    /// What the playlist says about them.
    var labels: [TrackLabel] {
        renditions.map { rendition in
            TrackLabel(
                language: rendition.plan.rendition?.language,
                name: rendition.plan.rendition?.name,
                isDefault: rendition.plan.rendition?.isDefault ?? false,
                isForced: rendition.plan.rendition?.isForced ?? false
            )
        }
    }

    /// Reads on and gives out what is due before audio and video of this time are written.
    ///
    /// - Parameter firstTrack: number of the first text track.
    func advance(
        _ lead: SubtitleRendition.Lead,
        firstTrack: Int,
        _ give: (PlacedSample<Packet>) throws -> Void
    ) throws {
        for (index, rendition) in renditions.enumerated() {
            let known90k = rendition.read(ahead: lead)
            switch output {
            case .tracks where rendition.plan.textTrack != nil:
                try rendition.withSamples { queue in
                    try queue.take(through: lead.time90k) { try give(Self.sample($0, track: firstTrack + index)) }
                }
            case .tracks:
                try rendition.withQueue { queue in
                    try CueSampler.take(through: lead.time90k, known90k: known90k, from: &queue) { sample in
                        try give(self.sample(sample, track: firstTrack + index))
                    }
                    queue.forget(before: lead.time90k)
                }
            case .files(let files):
                try write(rendition, to: files[index], through: lead.time90k)
            }
        }
    }

    /// Gives out the rest, up to the end of audio and video.
    ///
    /// - Parameter isWhole: audio and video have come to their end; else segments that are still on their way are not waited
    ///   for.
    func finish(
        _ lead: SubtitleRendition.Lead,
        isWhole: Bool,
        firstTrack: Int,
        _ give: (PlacedSample<Packet>) throws -> Void
    ) throws {
        for (index, rendition) in renditions.enumerated() {
            if isWhole { rendition.readToEnd(lead) }
            try end(index, at: lead.time90k, firstTrack: firstTrack, give)
        }
    }

    /// Gives out everything where there is neither audio nor video.
    ///
    /// - Parameters:
    ///   - clipStart90k: what of the playlist becomes time 0; `nil`: its first Media Segment.
    ///   - duration90k: of the output; `nil`: to the end of the last cue.
    func runAlone(
        clipStart90k: Int64?,
        duration90k: Int64?,
        _ give: (PlacedSample<Packet>) throws -> Void
    ) throws {
        for (index, rendition) in renditions.enumerated() {
            rendition.readAlone(clipStart90k: clipStart90k)
            try end(index, at: min(rendition.end90k, duration90k ?? .max), firstTrack: 0, give)
        }
    }

    /// Completes the files.
    func completeFiles() throws {
        guard case .files(let files) = output else { return }
        for (file, rendition) in zip(files, renditions) {
            let summary = try file.finish(language: rendition.plan.rendition?.language)
            status.update { $1.sidecars.append(summary) }
        }
    }

    /// Leaves the files as they are, as `.part`.
    func abortFiles() {
        guard case .files(let files) = output else { return }
        for file in files { file.abort() }
    }

    /// Tells what was left out.
    func report() {
        for rendition in renditions {
            let label = rendition.plan.label
            let counts = rendition.counts
            func warn(_ count: Int, _ text: String) { if count > 0 { status.warn("\(label)\(count) \(text)") } }
            warn(counts.damagedCues, "cues whose times cannot be read, or do not increase, were left out")
            warn(counts.cutCues, "cues were cut at \(WebVTTLimits().cueTextBytes) bytes")
            warn(counts.excessCues + rendition.queue.excessCount, "cues beyond the limit were left out")
            warn(rendition.damagedSamples, "parts of movie fragments cannot be read and were left out")
            warn(rendition.samples.excessCount, "samples beyond the limit were left out")
            warn(counts.unreadableMaps, "X-TIMESTAMP-MAP tags cannot be read and were ignored")
            warn(rendition.queue.lateCount, "cues came too late to be shown from their start")
            warn(rendition.placelessCues, "cues belong to no stretch of audio or video and were left out")
            if rendition.takesPresentationTime {
                status.warn(
                    "\(label)without X-TIMESTAMP-MAP the cues do not fit the playlist; their times were taken as "
                        + "presentation times"
                )
            }
        }
    }

    // MARK: -

    private func end(
        _ index: Int,
        at end90k: Int64,
        firstTrack: Int,
        _ give: (PlacedSample<Packet>) throws -> Void
    ) throws {
        let rendition = renditions[index]
        switch output {
        case .tracks where rendition.plan.textTrack != nil:
            try rendition.withSamples { queue in
                try queue.finish(at: end90k) { try give(Self.sample($0, track: firstTrack + index)) }
            }
        case .tracks:
            try rendition.withQueue { queue in
                try CueSampler.finish(at: end90k, from: &queue) { sample in
                    try give(self.sample(sample, track: firstTrack + index))
                }
            }
        case .files(let files):
            rendition.withQueue { $0.end(at: end90k) }
            try write(rendition, to: files[index], through: .max)
        }
    }

    private func write(_ rendition: SubtitleRendition, to file: SidecarFile, through time90k: Int64) throws {
        try rendition.withQueue { queue in
            while let cue = queue.first,
                cue.end90k <= time90k || cue.start90k <= time90k &- CueSampler.longestWait90k
            {
                try file.write(cue)
                queue.removeFirst()
            }
            queue.forget(before: time90k)
        }
    }

    private static func sample(_ sample: TextSampleQueue.Sample, track: Int) throws -> PlacedSample<Packet> {
        try placed(sample.payload, from: sample.start90k, to: sample.end90k, track: track)
    }

    private func sample(_ sample: CueSampler.Sample, track: Int) throws -> PlacedSample<Packet> {
        if textForm == .subRip {
            let lines = sample.cues.map(SidecarText.subRipText).filter { !$0.isEmpty }.joined(separator: "\n")
            return try Self.placed(Array(lines.utf8), from: sample.start90k, to: sample.end90k, track: track)
        }
        var text = StyledText()
        for cue in sample.cues { text.appendLine(StyledText(webVTT: cue.text)) }
        let bytes = sample.cues.isEmpty ? TimedTextSample.empty : TimedTextSample.bytes(text)
        return try Self.placed(bytes, from: sample.start90k, to: sample.end90k, track: track)
    }

    private static func placed(
        _ bytes: [UInt8],
        from start90k: Int64,
        to end90k: Int64,
        track: Int
    ) throws -> PlacedSample<Packet> {
        let scale = TimeScale(1_000_000)
        let start = TimeScale.mpeg.convert(start90k, to: scale)
        return PlacedSample(
            track: track,
            pts: start,
            dts: start,
            duration: TimeScale.mpeg.convert(end90k, to: scale) &- start,
            isKey: true,
            byteCount: bytes.count,
            payload: try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
        )
    }
}
