import CFFmpeg

/// Sound whose frames libavcodec's parser cuts, and whose headers say what the container must know: AC-3, Enhanced AC-3, MPEG
/// audio, Opus.
final class ParsedAudioReader: StreamReader {
    private let parser: AccessUnitParser
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    /// The timestamp of the last frame that had one, and the samples since.
    private var anchor90k: Int64?
    private var samplesSinceAnchor: Int64 = 0

    private let codec: AVCodecID
    private let extradata: [UInt8]

    /// - Parameter extradata: what the container says of the codec (Opus); goes into the format too.
    init(codec: AVCodecID, extradata: [UInt8] = []) throws(FFmpegError) {
        guard let parser = AccessUnitParser(codec: codec, extradata: extradata) else {
            throw .outOfMemory("av_parser_init")
        }
        self.parser = parser
        self.codec = codec
        self.extradata = extradata
    }

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        try parser.parse(payload) { try take($0, emit) }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        try parser.finish { try take($0, emit) }
    }

    private func take(_ frame: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        guard let header = header(of: frame) else {
            counts.unreadablePackets += 1
            return
        }
        learnFormat(header)
        if let timestamp90k = frame.pts ?? frame.dts {
            anchor90k = timestamp90k
            samplesSinceAnchor = 0
        }
        let scale = TimeScale(Int64(header.sampleRate))
        let timestamp90k = anchor90k.map { $0 &+ scale.convert(samplesSinceAnchor, to: .mpeg) }
        samplesSinceAnchor &+= Int64(header.sampleCount)
        try emit(
            DemuxedSample(
                packet: frame,
                pts: timestamp90k,
                dts: timestamp90k,
                duration: scale.convert(Int64(header.sampleCount), to: .mpeg),
                isKey: true
            )
        )
    }

    private func header(of frame: Packet) -> AudioFrameHeader? {
        switch codec {
        case AV_CODEC_ID_MP2, AV_CODEC_ID_MP3:
            // libavcodec's parser says nothing before it has seen two.
            return AudioFrameHeader(mpegAudio: frame.bytes)
        case AV_CODEC_ID_EAC3:
            return AudioFrameHeader(enhancedAC3: frame.bytes)
        case AV_CODEC_ID_OPUS:
            var header = AudioFrameHeader(opus: frame.bytes)
            // OpusHead (RFC 7845 §5.1): the channel count is its tenth byte.
            header?.channelCount = extradata.count > 9 ? Int(extradata[9]) : 2
            return header
        default:
            guard let audio = parser.audio, parser.duration > 0 else { return nil }
            return AudioFrameHeader(
                sampleRate: audio.sampleRate,
                channelCount: audio.channelCount,
                sampleCount: parser.duration
            )
        }
    }

    private func learnFormat(_ header: AudioFrameHeader) {
        let layers = [1: AV_CODEC_ID_MP1, 2: AV_CODEC_ID_MP2, 3: AV_CODEC_ID_MP3]
        var format = TrackFormat(kind: .audio, codec: layers[header.layer] ?? codec)
        format.sampleRate = header.sampleRate
        format.channelCount = header.channelCount
        format.samplesPerPacket = header.sampleCount
        format.extradata = extradata
        guard format != self.format else { return }
        self.format = format
        newFormat = format
    }
}
