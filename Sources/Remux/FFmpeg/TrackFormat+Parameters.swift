import CFFmpeg

extension TrackFormat {
    /// The parameter sets that the format keeps outside of its samples; `nil` for codecs without such.
    var configuration: CodecConfiguration? {
        switch codec {
        case AV_CODEC_ID_H264: CodecConfiguration(avc: extradata)
        case AV_CODEC_ID_HEVC: CodecConfiguration(hevc: extradata)
        default: nil
        }
    }

    /// A format as libavformat's demuxer tells it.
    init(kind: Kind, parameters: AVCodecParameters) {
        self.init(kind: kind, codec: parameters.codec_id)
        if let data = parameters.extradata, parameters.extradata_size > 0 {
            extradata = Array(UnsafeBufferPointer(start: data, count: Int(parameters.extradata_size)))
        }
        switch kind {
        case .video:
            width = Int(parameters.width)
            height = Int(parameters.height)
            let ratio = parameters.sample_aspect_ratio
            if ratio.num > 0, ratio.den > 0 {
                aspect = PixelAspect(width: UInt32(ratio.num), height: UInt32(ratio.den))
            }
        case .audio:
            sampleRate = Int(parameters.sample_rate)
            channelCount = Int(parameters.ch_layout.nb_channels)
            samplesPerPacket = Int(parameters.frame_size)
        case .subtitles: break
        }
    }
}
