import CFFmpeg

/// Owns a muxer of libavformat for a container that it lays out itself, one stream for each track. Confined to the thread
/// `remux`.
final class OutputContext {
    /// Invariant: owned by this object, freed in `deinit` before `io`, which it writes through.
    let raw: UnsafeMutablePointer<AVFormatContext>
    let io: OutputIO

    /// - Parameters:
    ///   - format: libavformat's name of the muxer.
    ///   - prepare: gives a stream what the container asks for besides; before the header.
    init(
        format: String,
        io: OutputIO,
        formats: [TrackFormat],
        labels: [TrackLabel],
        metadata: OutputMetadata,
        prepare: (Int, UnsafeMutablePointer<AVStream>) throws -> Void
    ) throws {
        self.io = io
        var created: UnsafeMutablePointer<AVFormatContext>?
        try FFmpegError.check(
            avformat_alloc_output_context2(&created, nil, format, nil),
            "avformat_alloc_output_context2"
        )
        guard let created else { throw FFmpegError.outOfMemory("avformat_alloc_output_context2") }
        raw = created
        raw.pointee.pb = io.context
        raw.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT
        raw.pointee.flush_packets = 0
        raw.pointee.strict_std_compliance = -2
        raw.pointee.avoid_negative_ts = 0
        for (index, (format, label)) in zip(formats, labels).enumerated() {
            guard let stream = avformat_new_stream(raw, nil) else {
                throw FFmpegError.outOfMemory("avformat_new_stream")
            }
            try format.apply(to: stream.pointee.codecpar)
            // A tag of MP4, which other containers do not know.
            stream.pointee.codecpar.pointee.codec_tag = 0
            stream.pointee.time_base = AVRational(num: 1, den: 90_000)
            stream.pointee.sample_aspect_ratio = stream.pointee.codecpar.pointee.sample_aspect_ratio
            if label.isDefault { stream.pointee.disposition |= AV_DISPOSITION_DEFAULT }
            if label.isForced { stream.pointee.disposition |= AV_DISPOSITION_FORCED }
            if let language = label.language {
                try Self.set(&stream.pointee.metadata, "language", LanguageCode.iso639(of: language))
            }
            if let name = label.name {
                try Self.set(
                    &stream.pointee.metadata,
                    "title",
                    String(name.prefix(TrackLabel.maximumNameLength))
                )
            }
            try prepare(index, stream)
        }
        try metadata.apply(to: raw)
    }

    deinit { avformat_free_context(raw) }

    /// `av_dict_set`.
    static func set(_ dictionary: inout OpaquePointer?, _ key: String, _ value: String) throws(FFmpegError) {
        try FFmpegError.check(av_dict_set(&dictionary, key, value, 0), "av_dict_set")
    }

    /// `avformat_write_header`: the time bases of the streams are final from here on.
    func writeHeader(_ options: KeyValuePairs<String, String>) throws {
        var options = try Options(options)
        let context = raw
        do {
            try options.pass(to: "avformat_write_header") { avformat_write_header(context, $0) }
        } catch {
            try io.rethrow()
            throw error
        }
        try io.rethrow()
    }

    /// Writes a packet with times in 90 kHz (`av_write_frame`).
    func write(_ packet: Packet, stream index: Int, pts90k: Int64, dts90k: Int64, duration90k: Int64, isKey: Bool)
        throws
    {
        guard index < Int(raw.pointee.nb_streams), let stream = raw.pointee.streams[index] else { return }
        let timeBase = stream.pointee.time_base
        let scale = timeBase.num == 1 && timeBase.den > 0 ? TimeScale(Int64(timeBase.den)) : .mpeg
        packet.raw.pointee.stream_index = Int32(clamping: index)
        packet.pts = TimeScale.mpeg.convert(pts90k, to: scale)
        packet.dts = TimeScale.mpeg.convert(dts90k, to: scale)
        packet.raw.pointee.duration = TimeScale.mpeg.convert(duration90k, to: scale)
        packet.isKey = isKey
        try check(av_write_frame(raw, packet.raw), "av_write_frame")
    }

    /// Hands on what libavformat has written (`avio_flush`).
    func flush() throws {
        avio_flush(io.context)
        try io.rethrow()
    }

    /// `av_write_trailer`; nothing may be written behind it.
    func writeTrailer() throws {
        try check(av_write_trailer(raw), "av_write_trailer")
        try flush()
    }

    private func check(_ code: Int32, _ function: String) throws {
        try io.rethrow()
        try FFmpegError.check(code, function)
    }
}
