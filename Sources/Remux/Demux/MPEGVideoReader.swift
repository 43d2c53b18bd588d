import CFFmpeg

/// MPEG-1 and MPEG-2 video: libavcodec's parser cuts pictures; the sequence header goes into the sample entry.
final class MPEGVideoReader: StreamReader {
    private let codec: AVCodecID
    private let parser: AccessUnitParser
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()

    init(codec: AVCodecID) throws(FFmpegError) {
        guard let parser = AccessUnitParser(codec: codec) else { throw .outOfMemory("av_parser_init") }
        self.codec = codec
        self.parser = parser
    }

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        try parser.parse(payload) { try take($0, emit) }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        try parser.finish { try take($0, emit) }
    }

    private func take(_ picture: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        if let header = SequenceHeader(picture.bytes) { learnFormat(header) }
        guard format != nil else {
            counts.unreadablePackets += 1
            return
        }
        // A picture may be an I-picture without a sequence header: decoding can only start where one is.
        let isKey = picture.isKey && SequenceHeader(picture.bytes) != nil
        var sample = DemuxedSample(packet: picture, pts: picture.pts, dts: picture.dts, duration: 0, isKey: isKey)
        sample.order = PictureOrder(mpegVideo: picture.bytes)
        try emit(sample)
    }

    private func learnFormat(_ header: SequenceHeader) {
        var format = TrackFormat(kind: .video, codec: codec)
        format.extradata = header.bytes
        format.width = header.width
        format.height = header.height
        format.aspect = header.aspect
        guard format != self.format else { return }
        self.format = format
        newFormat = format
    }
}
