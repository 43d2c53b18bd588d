import HLS

/// The tracks of the output: which there are, what formats they may have, what is said about them.
extension RemuxLoop {
    /// A track has shown its format: a new track, or one whose sample entry must fit the format too.
    func take(_ format: TrackFormat, _ clock: MediaClock, of address: TrackAddress) throws {
        if let refusal = ContainerRules.refusal(format.codecName, in: plan.output.container) {
            throw mediaError(refusal, source: address.source)
        }
        guard let track = tracks[address] else {
            guard output == nil else {
                throw mediaError(
                    "a \(format.codecName) track begins here that was not there at the start, and the output cannot take "
                        + "it any more; leave it out with \(format.kind == .video ? "--video none" : "--audio none")",
                    source: address.source
                )
            }
            let number = timeline.addTrack(
                TimelineTrack(
                    kind: format.kind,
                    source: address.source,
                    sourceScale: clock.scale,
                    outputScale: format.timeScale,
                    origin: clock.origin
                )
            )
            clip?.addTrack(kind: format.kind, scale: format.timeScale, primingSamples: Self.primingSamples(format))
            tracks[address] = OutputTrack(number: number, format: format, clock: clock, timelineScale: clock.scale)
            return
        }
        if clock.origin != track.clock.origin { timeline.setOrigin(clock.origin, of: track.number) }
        tracks[address]?.clock = clock
        // Decoders keep the last parameter sets: a picture that changes back needs its own again.
        if track.inBand != nil {
            tracks[address]?.inBand = format.sampleEntry == nil ? [] : format.configuration?.inBand ?? []
        }
        guard format != track.format else { return }
        if format.codec != track.format.codec || format.kind == .audio {
            throw mediaError(
                "the format changes from \(track.format.summary) to \(format.summary), which one track cannot hold; "
                    + "splitting is not supported yet",
                source: address.source
            )
        }
        let inBand = format.configuration?.inBand
        guard format.hasSamplesLike(track.format), format.sampleEntry == nil || inBand != nil else {
            throw mediaError(
                "the picture changes from \(track.format.summary) to \(format.summary), and its parameters cannot "
                    + "be put into the samples; splitting is not supported yet",
                source: address.source
            )
        }
        if output == nil, format.sampleEntry == nil {
            tracks[address]?.format = format
        } else {
            // Without a sample entry they stand in the samples anyway.
            tracks[address]?.inBand = format.sampleEntry == nil ? [] : inBand
            status.warnOnce(
                .format,
                place(address.source) + "the picture changes from \(track.format.summary) to \(format.summary); its "
                    + "parameter sets are kept in band"
            )
        }
    }

    /// Tells of tracks that the container lists and that brought nothing.
    func warnOfSilentTracks(_ source: Int) {
        for key in sources[source].cursor.expectedTracks where tracks[TrackAddress(source: source, key: key)] == nil {
            status.warn("\(sources[source].plan.label)the \(key.kind) stream that is announced brought nothing")
        }
    }

    func place(_ source: Int) -> String {
        let number = sources[source].cursor.currentSegment?.identity.mediaSequenceNumber
        return sources[source].plan.label + (number.map { "Media Segment \($0): " } ?? "")
    }

    func mediaError(_ text: String, source: Int) -> RemuxError {
        let number = sources[source].cursor.currentSegment?.identity.mediaSequenceNumber
        return RemuxError(
            .media,
            place(source) + text,
            context: RemuxError.Context(stage: "Timeline", mediaSequenceNumber: number)
        )
    }

    /// The tracks that the containers of all sources promise for a run. A source that has not come so far is expected to
    /// bring what was chosen from it.
    func expectedTracks(of run: UInt64) -> [ExpectedTrack] {
        sources.indices.flatMap { index -> [ExpectedTrack] in
            let source = sources[index]
            if source.isFinished { return [] }
            guard source.run == run else {
                let isBehind = source.run.map { $0 < run } ?? true
                return isBehind ? [ExpectedTrack(kind: source.plan.takesVideo ? .video : .audio, number: nil)] : []
            }
            // Where the container has not said yet what it holds, what was chosen from it.
            let known = source.cursor.expectedTracks
            if known.isEmpty, source.samplesInRun == 0 {
                return [ExpectedTrack(kind: source.plan.takesVideo ? .video : .audio, number: nil)]
            }
            var expected = known.map { key in
                ExpectedTrack(
                    kind: key.kind,
                    number: tracks[TrackAddress(source: index, key: key)]?.number
                )
            }
            // Only while the output can still take a track that the program map is late to list.
            guard output == nil else { return expected }
            for (kind, isPromised) in [
                (TrackFormat.Kind.video, source.plan.promisesVideo), (.audio, source.plan.promisesAudio),
            ] where isPromised && !known.contains(where: { $0.kind == kind }) {
                expected.append(ExpectedTrack(kind: kind, number: nil))
            }
            return expected
        }
    }

    /// What the playlist says about a track: a Rendition speaks of the audio of its playlist.
    func label(of address: TrackAddress) -> TrackLabel {
        guard address.key.kind == .audio, let rendition = sources[address.source].plan.rendition else {
            return TrackLabel()
        }
        let isAlone = !sources.indices.contains { $0 != address.source && sources[$0].plan.rendition != nil }
        return TrackLabel(
            language: rendition.language,
            name: rendition.name,
            isDefault: rendition.isDefault || isAlone,
            isForced: rendition.isForced
        )
    }
}

extension RemuxLoop.OutputTrack {
    /// Ticks of the samples' clock in that of the timeline's track.
    func timelineTicks(_ ticks: Int64) -> Int64 { clock.scale.convert(ticks, to: timelineScale) }
}
