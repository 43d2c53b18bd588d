import CFFmpeg
import HLS

/// Subtitles beside audio and video, in the time of the output: that of the presentation, or of the clip.
extension RemuxLoop {
    /// Where audio and video are.
    ///
    /// - Parameter time90k: in the presentation.
    private func lead(at time90k: Int64) -> SubtitleRendition.Lead {
        let ends = sources.compactMap(\.cursor.currentSegment).map { $0.startMicroseconds &+ $0.durationMicroseconds }
        let start90k = clip?.start90k ?? 0
        return SubtitleRendition.Lead(
            time90k: min(time90k &- start90k, clip?.duration90k ?? .max),
            start90k: start90k,
            playlistMicroseconds: ends.max() ?? 0,
            endMicroseconds: min(
                sources.map(\.plan.endMicroseconds).max() ?? 0,
                plan.range?.endMicroseconds ?? .max
            ),
            originMicroseconds: clip == nil ? originMicroseconds : 0,
            placement: { [timeline] run in timeline.placement(of: run) },
            isPast: { [sources] run in sources.allSatisfy { $0.isFinished || $0.run ?? 0 > run } }
        )
    }

    /// Writes the text that is due before samples of this time, in the presentation, are.
    func writeText(before time90k: Int64, firstTrack: Int) throws {
        guard let subtitles, let output else { return }
        try subtitles.advance(lead(at: time90k), firstTrack: firstTrack) { try output.write($0) }
    }

    /// Writes the rest of the text; at the end of audio and video, or alone.
    func finishText(isComplete: Bool) throws {
        guard let subtitles else { return }
        if sources.isEmpty {
            var samples: [PlacedSample<Packet>] = []
            try subtitles.runAlone(
                clipStart90k: clip?.start90k,
                duration90k: clip?.duration90k
            ) { samples.append($0) }
            if !samples.isEmpty { try write(alone: samples) }
        } else {
            try subtitles.finish(lead(at: timeline.end90k), isWhole: isComplete, firstTrack: textTrack) {
                try output?.write($0)
            }
        }
        subtitles.report()
    }
}
