import HLS

/// Subtitles beside audio and video.
extension RemuxLoop {
    /// Where audio and video are.
    private func lead(at time90k: Int64) -> SubtitleRendition.Lead {
        let ends = sources.compactMap(\.cursor.currentSegment).map { $0.startMicroseconds &+ $0.durationMicroseconds }
        return SubtitleRendition.Lead(
            time90k: time90k,
            playlistMicroseconds: ends.max() ?? 0,
            endMicroseconds: sources.map(\.plan.endMicroseconds).max() ?? 0,
            originMicroseconds: originMicroseconds,
            placement: { [timeline] run in timeline.placement(of: run) },
            isPast: { [sources] run in sources.allSatisfy { $0.isFinished || $0.run ?? 0 > run } }
        )
    }

    /// Writes the text that is due before samples are.
    func writeText(before samples: [PlacedSample<Packet>]) throws {
        guard let subtitles, let output else { return }
        var latest90k = Int64.min
        for sample in samples {
            let scale = tracks.values.first { $0.number == sample.track }?.format.timeScale ?? .mpeg
            latest90k = max(latest90k, scale.convert(sample.dts, to: .mpeg))
        }
        try subtitles.advance(lead(at: latest90k), firstTrack: tracks.count) { try output.write($0) }
    }

    /// Writes the rest of the text; at the end of audio and video, or alone.
    func finishText(isComplete: Bool) throws {
        guard let subtitles else { return }
        if sources.isEmpty {
            var samples: [PlacedSample<Packet>] = []
            try subtitles.runAlone { samples.append($0) }
            if !samples.isEmpty { try write(alone: samples) }
        } else {
            try subtitles.finish(lead(at: timeline.end90k), isWhole: isComplete, firstTrack: tracks.count) {
                try output?.write($0)
            }
        }
        subtitles.report()
    }
}
