import CFFmpeg

/// Owns an `AVCodecParserContext` that cuts a byte stream into access units. No decoder is opened. Confined to the thread
/// `remux`.
final class AccessUnitParser {
    /// Invariant: both owned by this object and freed in `deinit`; the codec context is never opened.
    private let parser: UnsafeMutablePointer<AVCodecParserContext>
    private var codec: UnsafeMutablePointer<AVCodecContext>?

    /// `av_parser_init`; `nil` where libavcodec has no parser for the codec.
    init?(codec id: AVCodecID, extradata: [UInt8] = []) {
        guard let parser = av_parser_init(Int32(bitPattern: id.rawValue)) else { return nil }
        guard let codec = avcodec_alloc_context3(nil) else {
            av_parser_close(parser)
            return nil
        }
        codec.pointee.codec_id = id
        if !extradata.isEmpty {
            let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
            guard let buffer = av_mallocz(extradata.count + padding) else {
                var failed: UnsafeMutablePointer<AVCodecContext>? = codec
                avcodec_free_context(&failed)
                av_parser_close(parser)
                return nil
            }
            UnsafeMutableRawBufferPointer(start: buffer, count: extradata.count).copyBytes(from: extradata)
            codec.pointee.extradata = buffer.assumingMemoryBound(to: UInt8.self)
            codec.pointee.extradata_size = Int32(clamping: extradata.count)
        }
        codec.pointee.pkt_timebase = AVRational(num: 1, den: 90_000)
        self.parser = parser
        self.codec = codec
    }

    /// Of the unit that is given out: its picture order count (H.264, H.265).
    var pictureOrderCount: Int { Int(parser.pointee.output_picture_number) }

    deinit {
        av_parser_close(parser)
        avcodec_free_context(&codec)
    }

    /// Takes the next bytes with the timestamps of their PES; gives out the units that are now complete.
    ///
    /// As in libavformat, a timestamp belongs to the first unit that starts in the PES; others have none.
    func parse(_ packet: Packet, _ emit: (Packet) throws -> Void) throws {
        var (pts, dts) = (packet.raw.pointee.pts, packet.raw.pointee.dts)
        var offset = 0
        while offset < packet.size {
            // A unit that ends where this payload begins comes out before any byte of it is consumed.
            let (consumed, gaveUnit) = try step(
                packet.raw.pointee.data + offset,
                Int32(packet.size - offset),
                pts: pts,
                dts: dts,
                emit
            )
            guard consumed > 0 || gaveUnit else { return }
            offset += consumed
            (pts, dts) = (sh_AV_NOPTS_VALUE, sh_AV_NOPTS_VALUE)
        }
    }

    /// Gives out what is left at the end of the stream.
    func finish(_ emit: (Packet) throws -> Void) throws {
        _ = try step(nil, 0, pts: sh_AV_NOPTS_VALUE, dts: sh_AV_NOPTS_VALUE, emit)
    }

    private func step(
        _ data: UnsafePointer<UInt8>?,
        _ size: Int32,
        pts: Int64,
        dts: Int64,
        _ emit: (Packet) throws -> Void
    ) throws -> (consumed: Int, gaveUnit: Bool) {
        var output: UnsafeMutablePointer<UInt8>?
        var outputSize: Int32 = 0
        let consumed = av_parser_parse2(parser, codec, &output, &outputSize, data, size, pts, dts, 0)
        guard let output, outputSize > 0 else { return (max(0, Int(consumed)), false) }
        let unit = try Packet()
        try FFmpegError.check(av_new_packet(unit.raw, outputSize), "av_new_packet")
        unit.raw.pointee.data.update(from: output, count: Int(outputSize))
        unit.raw.pointee.pts = parser.pointee.pts
        unit.raw.pointee.dts = parser.pointee.dts
        unit.isKey =
            parser.pointee.key_frame == 1
            || (parser.pointee.key_frame == -1 && parser.pointee.pict_type == Int32(AV_PICTURE_TYPE_I.rawValue))
        try emit(unit)
        return (max(0, Int(consumed)), true)
    }
}
