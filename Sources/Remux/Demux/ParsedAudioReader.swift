import CFFmpeg

/// Sound whose frames libavcodec's parser cuts, and whose headers say all that the container must know: AC-3, Enhanced AC-3,
/// MPEG audio.
final class ParsedAudioReader: StreamReader {
    private let parser: AccessUnitParser
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    /// The timestamp of the last frame that had one, and the samples since.
    private var anchor90k: Int64?
    private var samplesSinceAnchor: Int64 = 0

    init(codec: AVCodecID) throws(FFmpegError) {
        guard let parser = AccessUnitParser(codec: codec) else { throw .outOfMemory("av_parser_init") }
        self.parser = parser
    }

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        try parser.parse(payload) { try take($0, emit) }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        try parser.finish { try take($0, emit) }
    }

    private func take(_ frame: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        guard let audio = parser.audio, parser.duration > 0 else {
            counts.unreadablePackets += 1
            return
        }
        learnFormat(audio, samples: parser.duration)
        if let timestamp90k = frame.pts ?? frame.dts {
            anchor90k = timestamp90k
            samplesSinceAnchor = 0
        }
        let scale = TimeScale(Int64(audio.sampleRate))
        let timestamp90k = anchor90k.map { $0 &+ scale.convert(samplesSinceAnchor, to: .mpeg) }
        samplesSinceAnchor &+= Int64(parser.duration)
        try emit(
            DemuxedSample(
                packet: frame,
                pts: timestamp90k,
                dts: timestamp90k,
                duration: scale.convert(Int64(parser.duration), to: .mpeg),
                isKey: true
            )
        )
    }

    private func learnFormat(_ audio: (codec: AVCodecID, sampleRate: Int, channelCount: Int), samples: Int) {
        var format = TrackFormat(kind: .audio, codec: audio.codec)
        format.sampleRate = audio.sampleRate
        format.channelCount = audio.channelCount
        format.samplesPerPacket = samples
        guard format != self.format else { return }
        self.format = format
        newFormat = format
    }
}
