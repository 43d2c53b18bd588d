extension WebVTTSegment {
    /// A part of a `wvtt` track: what a sample holds, with its times.
    typealias TimedSample = (start90k: Int64, end90k: Int64, payload: [UInt8])

    /// The cues of `wvtt` samples (ISO/IEC 14496-30 §7): one that goes on through several, since another begins or ends
    /// beside it, is one.
    init(samples: [TimedSample], limits: WebVTTLimits = WebVTTLimits()) {
        self.init()
        guard let first = samples.first else { return }
        // Times of the track, as MPEG-2 timestamps would be: the clock of the cues begins with the first sample.
        let map = TimestampMap(mpeg90k: first.start90k & (TimestampUnwrapper.period - 1), localMilliseconds: 0)
        func milliseconds(_ time90k: Int64) -> Int64 {
            TimeScale.mpeg.convert(time90k &- first.start90k, to: TimeScale(1000))
        }
        for sample in samples {
            let found = WebVTTSample.cues(
                sample.payload[...],
                startMilliseconds: milliseconds(sample.start90k),
                endMilliseconds: milliseconds(sample.end90k),
                limits: limits
            )
            for var cue in found {
                cue.map = map
                let open = cues.lastIndex { old in
                    old.endMilliseconds == cue.startMilliseconds && old.text == cue.text && old.settings == cue.settings
                        && old.identifier == cue.identifier
                }
                if let open {
                    cues[open].endMilliseconds = cue.endMilliseconds
                } else if cues.count < limits.cues {
                    cues.append(cue)
                } else {
                    counts.excessCues += 1
                }
            }
        }
    }
}
