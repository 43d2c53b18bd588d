/// DESIGN §5, written down once more as slowly and plainly as it reads: the whole stream is known, in content time, and every
/// rule is a loop over all of it. Knows nothing of clocks that wrap, of arrival or of holding.
struct ReferenceTimeline {
    struct Unit {
        var id: Int
        /// In the run's own time, 90 kHz; any zero.
        var pts: Int64
        var duration: Int64
    }

    /// A stretch between two discontinuities, with a tag or without.
    struct Run {
        var video: [Unit] = []
        var audio: [Unit] = []
        /// Media Segments missing in front of it, 90 kHz.
        var gapBefore: Int64 = 0
    }

    /// Output presentation times by id, 90 kHz; what is left out is not there.
    private(set) var video: [Int: Int64] = [:]
    private(set) var audio: [Int: Int64] = [:]

    init(_ runs: [Run]) {
        var videoEnd: Int64?
        var audioEnd: Int64?
        var end: Int64 = 0
        for (index, run) in runs.enumerated() {
            let all = run.video + run.audio
            guard !all.isEmpty else { continue }
            let first: Int64
            if index == 0 {
                // "The first Media Segment maps to 0 with the A/V offset of the source kept."
                first = all.map(\.pts).min() ?? 0
            } else {
                // "The new run's first video presentation time is put at the end of the previous run's video, without video
                // at the end of its audio."
                first = (run.video.isEmpty ? run.audio : run.video).map(\.pts).min() ?? 0
            }
            let shift = first - end - run.gapBefore
            for unit in run.video { video[unit.id] = unit.pts - shift }
            for unit in run.audio {
                // "Audio packets of the new run that end before the old audio's end are dropped."
                if let audioEnd, unit.pts - shift + unit.duration <= audioEnd { continue }
                audio[unit.id] = unit.pts - shift
            }
            if let last = run.video.map({ $0.pts + $0.duration }).max() { videoEnd = last - shift }
            if let last = run.audio.map({ $0.pts + $0.duration }).max() {
                audioEnd = max(audioEnd ?? last - shift, last - shift)
            }
            end = (run.video.isEmpty ? audioEnd : videoEnd) ?? end
        }
    }
}
