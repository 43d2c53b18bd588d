import HLS

/// The tracks of the output: which there are, what formats they may have, what is said about them.
extension RemuxLoop {
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
