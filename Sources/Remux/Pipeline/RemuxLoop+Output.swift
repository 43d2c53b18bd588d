import CFFmpeg
import HLS

/// What has its place goes into the output: opened once its tracks are known, completed at the end.
extension RemuxLoop {
    /// Often enough for a progress bar, seldom enough to cost nothing.
    private static let samplesBetweenReports = 100

    /// Writes what the timeline has placed, or hands it to the clip, which says what is to be written.
    func writePlaced() throws {
        guard !placed.isEmpty else { return }
        samplesUntilReport -= placed.count
        if subtitles != nil || takesData {
            for sample in placed { latest90k = max(latest90k, timeline.time90k(of: sample)) }
        }
        if clip == nil {
            try write(placed)
        } else {
            for sample in placed { clip?.push(sample) }
            try checkAudioStart()
            try writeClipped()
        }
        placed.removeAll(keepingCapacity: true)
        if samplesUntilReport <= 0 {
            reportPosition()
            samplesUntilReport = Self.samplesBetweenReports
        }
    }

    /// Writes what the clip gives out.
    func writeClipped() throws {
        guard let samples = clip?.take(), !samples.isEmpty else { return }
        try write(samples)
    }

    private func write(_ samples: [PlacedSample<Packet>]) throws {
        if output == nil { output = try open(with: samples) }
        try writeText(before: latest90k, firstTrack: textTrack)
        try writeData(before: latest90k)
        for sample in samples {
            guard outputNumbers.indices.contains(sample.track), let number = outputNumbers[sample.track] else {
                continue
            }
            var sample = sample
            sample.track = number
            try output?.write(sample)
        }
    }

    private func open(with samples: [PlacedSample<Packet>]) throws -> OutputTracks {
        let used = listedTracks.indices.filter { clip?.hasSamples($0) ?? true }
        outputNumbers = Array(repeating: nil, count: listedTracks.count)
        for (number, track) in used.enumerated() { outputNumbers[track] = number }
        textTrack = used.count
        let first = samples.compactMap { sample -> PlacedSample<Packet>? in
            guard outputNumbers.indices.contains(sample.track) else { return sample }
            guard let number = outputNumbers[sample.track] else { return nil }
            var sample = sample
            sample.track = number
            return sample
        }
        var all = used.map(outputTrack)
        if let subtitles {
            all += zip(subtitles.formats, subtitles.labels).map { OutputPart.Track(format: $0, label: $1) }
        }
        return try OutputTracks(
            tracks: all,
            first: first,
            duration90k: clip?.duration90k,
            dataKinds: dataKinds,
            files: files,
            plan: plan.output
        )
    }

    /// A track of the timeline as the output knows it.
    func outputTrack(_ number: Int) -> OutputPart.Track {
        let track = listedTracks[number]
        var replaced = track.replaces
        // One of which nothing is in the output is replaced by what came before it.
        while let candidate = replaced, outputNumbers[candidate] == nil { replaced = listedTracks[candidate].replaces }
        return OutputPart.Track(
            format: track.format,
            label: label(of: track.address),
            replaces: replaced.flatMap { outputNumbers[$0] }
        )
    }

    /// Writes an output of text tracks alone.
    func write(alone samples: [PlacedSample<Packet>]) throws {
        let output = try open(with: samples)
        self.output = output
        for sample in samples { try output.write(sample) }
    }

    private func reportPosition() {
        guard let position = sources.indices.compactMap({ timeline.position90k(source: $0) }).min() else { return }
        let shown = clip.map { max(0, min(position &- $0.start90k, $0.duration90k ?? .max)) } ?? position
        status.reportPosition(microseconds: TimeScale.mpeg.convert(shown, to: TimeScale(1_000_000)))
    }

    /// Completes what can be completed and ends the sink.
    func complete(isComplete: Bool) throws -> Outcome {
        defer {
            status.update { _, summary in
                summary.outputBytes = output?.byteCount ?? 0
                summary.tracks = output?.summaries ?? []
                summary.files = output?.fileSummaries ?? []
            }
        }
        var outcome = Outcome(wasStopped: wasStopped)
        reportPosition()
        if failure?.code != .output, failure?.code != .readerGone {
            do {
                clip?.open()
                try writeClipped()
                try finishText(isComplete: isComplete)
                try writeData(before: timeline.end90k)
                if let chapters = exactChapters() { output?.setChapters(chapters) }
                try output?.finish(isComplete: isComplete)
            } catch {
                subtitles?.abortFiles()
                try? files.abort()
                throw error
            }
            outcome.tracks = output?.summaries ?? []
            outcome.files = output?.fileSummaries ?? []
            outcome.outputBytes = output?.byteCount ?? 0
        }
        status.add(withoutFront(timeline.counts))
        for source in sources { status.add(withoutFront(source.cursor.counts)) }
        let hasOutput = output != nil || (sources.isEmpty && plan.makeSidecars != nil)
        guard isComplete, hasOutput else {
            subtitles?.abortFiles()
            try files.abort()
            if failure == nil, !wasStopped, output == nil {
                if let range = plan.range {
                    throw RemuxError(
                        .playlistRefused,
                        "the stream has nothing that can be used \(ClipPlan.text(range))"
                    )
                }
                let isLost = status.hasLostSegments
                throw RemuxError(
                    isLost ? .incomplete : .media,
                    isLost ? "no segment is left that can be used" : "the segments hold nothing that can be used"
                )
            }
            return outcome
        }
        do {
            try files.finish()
        } catch {
            subtitles?.abortFiles()
            throw error
        }
        try subtitles?.completeFiles()
        return outcome
    }
}
