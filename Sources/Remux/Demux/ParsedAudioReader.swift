import CFFmpeg

/// Sound whose frames libavcodec's parser cuts, and whose headers say what the container must know: AC-3, Enhanced AC-3, MPEG
/// audio, Opus.
final class ParsedAudioReader: StreamReader {
    private let parser: AccessUnitParser
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    private var clock = SampleClock()

    private let codec: AVCodecID
    private let extradata: [UInt8]
    /// Frames of Enhanced AC-3 that are no whole sample yet.
    private var partial: (frames: [UInt8], sampleCount: Int, timestamp90k: Int64?) = ([], 0, nil)
    /// A sample of Enhanced AC-3 has six blocks of audio (ETSI TS 102 366 §F.2).
    private static let enhancedSampleCount = 1536

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
        if !partial.frames.isEmpty { counts.unreadablePackets += 1 }
        partial = ([], 0, nil)
    }

    private func take(_ frame: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        // At the end of the bytes the parser gives out what is left, also half of a frame.
        guard let header = header(of: frame), frame.size >= header.frameBytes ?? 0 else {
            counts.unreadablePackets += 1
            return
        }
        if let timestamp90k = frame.pts ?? frame.dts {
            clock.set(timestamp90k)
        }
        let timestamp90k = clock.advance(by: header.sampleCount, scale: TimeScale(Int64(header.sampleRate)))
        guard codec == AV_CODEC_ID_EAC3, header.sampleCount < Self.enhancedSampleCount else {
            return try pass(frame, header, timestamp90k, emit)
        }
        if partial.frames.isEmpty { partial.timestamp90k = timestamp90k }
        partial.frames += frame.bytes
        partial.sampleCount += header.sampleCount
        guard partial.sampleCount >= Self.enhancedSampleCount else { return }
        let whole = partial
        partial = ([], 0, nil)
        var joined = header
        joined.sampleCount = whole.sampleCount
        let packet = try Packet(count: whole.frames.count) { $0.copyBytes(from: whole.frames) }
        try pass(packet, joined, whole.timestamp90k, emit)
    }

    private func pass(
        _ packet: Packet,
        _ header: AudioFrameHeader,
        _ timestamp90k: Int64?,
        _ emit: (DemuxedSample) throws -> Void
    ) throws {
        learnFormat(header)
        let duration90k = TimeScale(Int64(header.sampleRate)).convert(Int64(header.sampleCount), to: .mpeg)
        try emit(
            DemuxedSample(packet: packet, pts: timestamp90k, dts: timestamp90k, duration: duration90k, isKey: true)
        )
    }

    private func header(of frame: Packet) -> AudioFrameHeader? {
        switch codec {
        case AV_CODEC_ID_MP2, AV_CODEC_ID_MP3:
            // libavcodec's parser says nothing before it has seen two.
            return AudioFrameHeader(mpegAudio: frame.bytes)
        case AV_CODEC_ID_OPUS:
            var header = AudioFrameHeader(opus: frame.bytes)
            // OpusHead (RFC 7845 §5.1): the channel count is its tenth byte.
            header?.channelCount = extradata.count > 9 ? Int(extradata[9]) : 2
            return header
        default:
            // libavcodec's parser does not tell the channels of Enhanced AC-3.
            return AudioFrameHeader(ac3: frame.bytes)
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
