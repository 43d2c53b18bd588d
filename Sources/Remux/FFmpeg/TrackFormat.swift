import CFFmpeg

/// What a container must know of a track before its first sample: a value, made by Demux, read by Mux.
struct TrackFormat: Equatable {
    typealias Kind = TimelineTrack.Kind

    var kind: Kind
    var codec: AVCodecID
    /// avcC record, Annex B parameter sets (HEVC), AudioSpecificConfig …, as the muxer expects it.
    var extradata: [UInt8] = []
    var width = 0
    var height = 0
    var aspect = PixelAspect.square
    var color: ColorDescription?
    /// Hertz.
    var sampleRate = 0
    var channelCount = 0
    /// Samples a packet where every packet has the same number, else 0.
    var samplesPerPacket = 0
    /// Scale of the source's timestamps where it is not that of MPEG-2 Systems.
    var mediaScale: TimeScale?
    /// The sample entry of the source (ISO/IEC 14496-12 §8.5.2), which goes into the output as it is.
    var sampleEntry: [UInt8]?

    /// libav's name of the codec, for example `h264`.
    var codecName: String {
        if kind == .subtitles, let type = sampleEntry?.read32(at: 4) { return "\(FourCC(type))" }
        return String(cString: avcodec_get_name(codec))
    }

    /// For messages: codec and size, or codec, rate and channels.
    var summary: String {
        switch kind {
        case .video: "\(codecName) \(width)x\(height)"
        case .audio: "\(codecName) \(sampleRate) Hz, \(channelCount) channels"
        case .subtitles: codecName
        }
    }

    /// Ticks a second of the track in the output: samples for audio; for video the source's own where it has one of use, so
    /// that every time is exact, else 90 kHz; microseconds for subtitles.
    ///
    /// libavformat's mp4 muxer takes the sample rate of sound, and a video scale below 10 kHz times a power of two, whatever
    /// it is told. It compares the end of a text track with the times of the others without converting them, and inserts an
    /// empty sample where it looks too early: with the finest scale of all it never does.
    var timeScale: TimeScale {
        switch kind {
        case .video:
            guard let mediaScale, Self.usableScales.contains(mediaScale.ticksPerSecond) else { return .mpeg }
            var ticks = mediaScale.ticksPerSecond
            while ticks < 10_000 { ticks *= 2 }
            return TimeScale(ticks)
        case .audio: return sampleRate > 0 ? TimeScale(Int64(sampleRate)) : .mpeg
        case .subtitles: return TimeScale(1_000_000)
        }
    }

    /// Coarser scales could not place what follows a Discontinuity; finer ones do not fit libavformat.
    private static let usableScales: ClosedRange<Int64> = 1000...Int64(Int32.max)

    /// The same coding: what a decoder must know is equal. Bit rates and other words of a sample entry do not count.
    static func == (left: TrackFormat, right: TrackFormat) -> Bool {
        left.kind == right.kind && left.codec == right.codec && hasSameConfiguration(left, right)
            && left.width == right.width && left.height == right.height && left.aspect == right.aspect
            && left.color == right.color && left.sampleRate == right.sampleRate
            && left.channelCount == right.channelCount
    }

    private static func hasSameConfiguration(_ left: TrackFormat, _ right: TrackFormat) -> Bool {
        if left.extradata == right.extradata { return true }
        guard left.codec == AV_CODEC_ID_AAC, let first = AudioConfig(left.extradata),
            let second = AudioConfig(right.extradata)
        else { return false }
        return first.hasSameCore(as: second)
    }

    /// Writes the format into libav's own structure. The caller owns `parameters`.
    func apply(to parameters: UnsafeMutablePointer<AVCodecParameters>) throws(FFmpegError) {
        parameters.pointee.codec_type =
            switch kind {
            case .video: AVMEDIA_TYPE_VIDEO
            case .audio: AVMEDIA_TYPE_AUDIO
            case .subtitles: AVMEDIA_TYPE_SUBTITLE
            }
        parameters.pointee.codec_id = codec
        if codec == AV_CODEC_ID_HEVC { parameters.pointee.codec_tag = sh_tag(0x68, 0x76, 0x63, 0x31) }
        switch kind {
        case .video:
            // libavformat wants to know the sampling of VP9 and derives it from nothing else; the entry it makes of it
            // is replaced by the source's.
            if codec == AV_CODEC_ID_VP9 { parameters.pointee.format = AV_PIX_FMT_YUV420P.rawValue }
            parameters.pointee.width = Int32(clamping: width)
            parameters.pointee.height = Int32(clamping: height)
            parameters.pointee.sample_aspect_ratio = AVRational(
                num: Int32(clamping: aspect.width),
                den: Int32(clamping: aspect.height)
            )
            if let color {
                parameters.pointee.color_primaries = AVColorPrimaries(UInt32(color.primaries))
                parameters.pointee.color_trc = AVColorTransferCharacteristic(UInt32(color.transfer))
                parameters.pointee.color_space = AVColorSpace(UInt32(color.matrix))
                parameters.pointee.color_range = color.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
            }
        case .audio:
            parameters.pointee.sample_rate = Int32(clamping: sampleRate)
            parameters.pointee.frame_size = Int32(clamping: samplesPerPacket)
            av_channel_layout_default(&parameters.pointee.ch_layout, Int32(clamping: channelCount))
        case .subtitles: break
        }
        guard !extradata.isEmpty else { return }
        let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
        guard let buffer = av_mallocz(extradata.count + padding) else { throw .outOfMemory("av_mallocz") }
        extradata.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: buffer, count: source.count).copyMemory(from: source)
        }
        parameters.pointee.extradata = buffer.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(clamping: extradata.count)
    }
}
