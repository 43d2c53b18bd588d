import CFFmpeg

/// Turns the packets of one elementary stream into samples and learns the stream's format from its bytes.
protocol StreamReader: AnyObject {
    var counts: DemuxCounts { get }

    /// A whole sample waits for the bytes behind it, which say whether it is one.
    var holdsSample: Bool { get }

    /// What the container must know, once each time the bytes show something new; always before the first sample.
    func takeNewFormat() -> TrackFormat?

    /// Takes one payload as the container cuts it (a PES); gives out the samples that are now complete.
    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws

    /// The stream has ended: gives out what is left.
    func finish(_ emit: (DemuxedSample) throws -> Void) throws
}

extension StreamReader {
    var holdsSample: Bool { false }
}

/// The readers there are.
enum StreamReaders {
    /// The kind of a stream that is carried into the output, or `nil` for data streams.
    static func kind(of parameters: AVCodecParameters) -> TrackFormat.Kind? {
        switch parameters.codec_type {
        case AVMEDIA_TYPE_VIDEO: .video
        case AVMEDIA_TYPE_AUDIO: .audio
        default: nil
        }
    }

    /// A reader for the codec; `nil` where there is none.
    ///
    /// - Parameter extradata: what the container says of the codec.
    static func reader(for codec: AVCodecID, extradata: [UInt8] = []) throws(FFmpegError) -> (any StreamReader)? {
        switch codec {
        case AV_CODEC_ID_H264: AVCReader()
        case AV_CODEC_ID_HEVC: try HEVCReader.cuttingUnits()
        case AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM: AACReader()
        case AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_MP3, AV_CODEC_ID_MP2:
            try ParsedAudioReader(codec: codec)
        case AV_CODEC_ID_OPUS: try ParsedAudioReader(codec: codec, extradata: extradata)
        case AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO: try MPEGVideoReader(codec: codec)
        default: nil
        }
    }
}
