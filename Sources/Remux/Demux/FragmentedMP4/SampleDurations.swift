import CFFmpeg

/// How long the samples of a movie fragment last where neither `trun` nor `tfhd` nor `trex` say so: frames of sound have a length
/// of their own.
enum SampleDurations {
    static func areKnown(_ samples: [FragmentSample]) -> Bool {
        samples.isEmpty || samples.contains { $0.duration > 0 }
    }

    /// Samples of sound in each frame of a codec, and how many of them are a second; `nil` where that is not fixed.
    static func frame(of format: TrackFormat) -> (samples: Int64, rate: TimeScale)? {
        guard format.kind == .audio else { return nil }
        if format.codec == AV_CODEC_ID_AAC {
            guard let config = AudioConfig(format.extradata), config.sampleRate > 0 else { return nil }
            return (Int64(config.frameSamples), TimeScale(Int64(config.sampleRate)))
        }
        guard format.sampleRate > 0 else { return nil }
        let rate = TimeScale(Int64(format.sampleRate))
        switch format.codec {
        case AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3: return (1536, rate)
        case AV_CODEC_ID_MP3: return (format.sampleRate < 32_000 ? 576 : 1152, rate)
        default: return format.samplesPerPacket > 0 ? (Int64(format.samplesPerPacket), rate) : nil
        }
    }

    /// Puts samples behind each other, counted from the first so that roundings do not add up.
    static func set(_ frame: (samples: Int64, rate: TimeScale), scale: TimeScale, _ samples: inout [FragmentSample]) {
        guard let start = samples.first?.dts else { return }
        func time(_ number: Int) -> Int64 { frame.rate.convert(Int64(number) * frame.samples, to: scale) }
        for index in samples.indices {
            samples[index].dts = start &+ time(index)
            samples[index].duration = UInt32(clamping: time(index + 1) - time(index))
        }
    }
}
