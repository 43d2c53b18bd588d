import CFFmpeg

/// Owns libavformat's demuxer for one run of a source. Confined to the thread `remux`.
///
/// The input format is named by the caller, never probed, and nothing but the given bytes can be opened. Packets are the
/// payloads of the container (PES), unparsed: ``StreamReader`` makes access units of them.
final class Demuxer {
    /// A packet and the stream it belongs to.
    struct Output {
        var stream: Int
        var packet: Packet
        /// Byte of the source's stream at which the packet starts; `nil` where libavformat does not know.
        var position: Int64?
    }

    private let io: InputIO
    /// Invariant: open from `init` to `deinit`; closed before `io` is released.
    private var context: UnsafeMutablePointer<AVFormatContext>?

    /// Opens the demuxer, which reads as far as the first program map.
    ///
    /// - Parameters:
    ///   - format: libavformat's name: `mpegts`, or `mov` for a movie's sample entries.
    ///   - read: fills a buffer and returns how many bytes; 0 at the end of the run.
    init(format: String, read: @escaping (UnsafeMutableRawBufferPointer) -> Int) throws(FFmpegError) {
        io = try InputIO(read: read)
        guard let created = avformat_alloc_context() else { throw .outOfMemory("avformat_alloc_context") }
        created.pointee.pb = io.context
        created.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN
        created.pointee.probesize = Int64(InputIO.bufferBytes)
        created.pointee.max_streams = 64
        created.pointee.io_open = { _, _, _, _, _ in Int32(sh_AVERROR_EACCES) }
        created.pointee.correct_ts_overflow = 0
        var opened: UnsafeMutablePointer<AVFormatContext>? = created
        // An unbounded video PES larger than max_packet_size would be cut into pieces.
        var options = try Options(format == "mpegts" ? ["max_packet_size": String(64 << 20)] : [:])
        try options.pass(to: "avformat_open_input") { options in
            avformat_open_input(&opened, nil, av_find_input_format(format), options)
        }
        guard let opened else { throw .outOfMemory("avformat_open_input") }
        context = opened
    }

    deinit { avformat_close_input(&context) }

    /// The next packet, or `nil` at the end of the run (`av_read_frame`).
    func next() throws(FFmpegError) -> Output? {
        let packet = try Packet()
        while true {
            let code = av_read_frame(context, packet.raw)
            if code == sh_AVERROR_EOF { return nil }
            // Bytes that are no transport stream, then the end: libavformat asks for more instead of failing.
            if code == sh_AVERROR_EAGAIN, io.context?.pointee.eof_reached != 0 { return nil }
            if code == sh_AVERROR_EAGAIN { continue }
            try FFmpegError.check(code, "av_read_frame")
            let position = packet.raw.pointee.pos
            return Output(
                stream: Int(packet.raw.pointee.stream_index),
                packet: packet,
                position: position >= 0 ? position : nil
            )
        }
    }

    /// Elementary streams known so far; more may appear while reading.
    var streamCount: Int { Int(context?.pointee.nb_streams ?? 0) }

    /// The codec parameters of a stream as the container gives them, and its time base.
    func stream(_ index: Int) -> (parameters: AVCodecParameters, scale: TimeScale)? {
        guard index < streamCount, let stream = context?.pointee.streams[index] else { return nil }
        let timeBase = stream.pointee.time_base
        let scale = timeBase.num == 1 && timeBase.den > 0 ? TimeScale(Int64(timeBase.den)) : .mpeg
        return (stream.pointee.codecpar.pointee, scale)
    }

    /// libavcodec's name of a stream's codec, for example `h264`.
    func codecName(_ index: Int) -> String {
        stream(index).map { String(cString: avcodec_get_name($0.parameters.codec_id)) } ?? "none"
    }

    /// A program of a transport stream, and the streams that its map lists.
    struct Program {
        var number: Int
        var streams: [Int]
    }

    /// Programs known so far.
    var programCount: Int { Int(context?.pointee.nb_programs ?? 0) }

    /// The same, the lowest number first.
    var programs: [Program] {
        guard let context else { return [] }
        return (0..<Int(context.pointee.nb_programs)).compactMap { index in
            guard let program = context.pointee.programs[index]?.pointee else { return nil }
            let streams = (0..<Int(program.nb_stream_indexes)).map { Int(program.stream_index[$0]) }
            return Program(number: Int(program.id), streams: streams)
        }.sorted { $0.number < $1.number }
    }

    /// Whether a program map still lists the stream; true where the container has no programs.
    func isListed(_ index: Int) -> Bool {
        let programs = programs
        return programs.isEmpty || programs.contains { $0.streams.contains(index) }
    }

    /// Leaves a stream's packets out from now on (`AVDISCARD_ALL`).
    func discard(_ index: Int) {
        guard index < streamCount, let stream = context?.pointee.streams[index] else { return }
        stream.pointee.discard = AVDISCARD_ALL
    }
}
