import CFFmpeg

/// Owns libavformat's mp4 or mov muxer and the layout behind it. Confined to the thread `remux`.
final class MP4Muxer: Muxer {
    /// Invariant: owned by this object, freed in `deinit` before `io`, which it writes through.
    private var context: UnsafeMutablePointer<AVFormatContext>
    private let io: OutputIO
    private let layout: FragmentedLayout
    private let scales: [TimeScale]
    private let hasVideo: Bool
    private let isVideo: [Bool]
    private let isText: [Bool]
    private var policy: FragmentPolicy
    private var hasWrittenMovie = false
    private var hasOpenFragment = false

    /// Opens the muxer; nothing is written before the first fragment is complete.
    ///
    /// - Throws: ``FFmpegError`` where libavformat refuses a track.
    init(
        formats: [TrackFormat],
        labels: [TrackLabel],
        brand: MovieBrand = .mp4,
        metadata: OutputMetadata = OutputMetadata(),
        layout: FragmentedLayout,
        policy: FragmentPolicy
    ) throws {
        self.layout = layout
        self.policy = policy
        scales = formats.map(\.timeScale)
        isVideo = formats.map { $0.kind == .video }
        isText = formats.map { $0.kind == .subtitles }
        hasVideo = isVideo.contains(true)
        io = try OutputIO(accept: layout.accept)
        var created: UnsafeMutablePointer<AVFormatContext>?
        try FFmpegError.check(
            avformat_alloc_output_context2(&created, nil, brand.muxerName, nil),
            "avformat_alloc_output_context2"
        )
        guard let created else { throw FFmpegError.outOfMemory("avformat_alloc_output_context2") }
        context = created
        context.pointee.pb = io.context
        context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT
        context.pointee.flush_packets = 0
        // Codecs that libavformat calls experimental in MP4.
        context.pointee.strict_std_compliance = -2
        context.pointee.avoid_negative_ts = 0
        for (format, label) in zip(formats, labels) { try addStream(format, label) }
        try metadata.apply(to: created)
        var options = try Options([
            "movflags": "frag_custom+delay_moov+default_base_moof+skip_trailer",
            "movie_timescale": String(TrackEdit.movieScale.ticksPerSecond),
            "use_editlist": "1",
        ])
        if let majorBrand = brand.majorBrand { try options.set("brand", majorBrand) }
        try options.pass(to: "avformat_write_header") { avformat_write_header(created, $0) }
        try io.rethrow()
    }

    deinit { avformat_free_context(context) }

    private func addStream(_ format: TrackFormat, _ label: TrackLabel) throws {
        guard let stream = avformat_new_stream(context, nil) else {
            throw FFmpegError.outOfMemory("avformat_new_stream")
        }
        try format.apply(to: stream.pointee.codecpar)
        // QuickTime has a text of its own; 3GPP Timed Text is what is written.
        if format.kind == .subtitles {
            stream.pointee.codecpar.pointee.codec_tag = sh_tag(0x74, 0x78, 0x33, 0x67)
        }
        stream.pointee.time_base = AVRational(num: 1, den: Int32(clamping: format.timeScale.ticksPerSecond))
        stream.pointee.sample_aspect_ratio = stream.pointee.codecpar.pointee.sample_aspect_ratio
        if label.isDefault { stream.pointee.disposition |= AV_DISPOSITION_DEFAULT }
        if label.isForced { stream.pointee.disposition |= AV_DISPOSITION_FORCED }
        if let language = label.language {
            try setMetadata(stream, "language", LanguageCode.iso639(of: language))
        }
        if let name = label.name {
            try setMetadata(stream, "handler_name", String(name.prefix(TrackLabel.maximumNameLength)))
        }
    }

    private func setMetadata(_ stream: UnsafeMutablePointer<AVStream>, _ key: String, _ value: String) throws {
        try FFmpegError.check(av_dict_set(&stream.pointee.metadata, key, value, 0), "av_dict_set")
    }

    var byteCount: UInt64 { layout.position }

    func setChapters(_ chapters: [Chapter]) { layout.setChapters(chapters) }

    /// Writes one sample; closes the movie fragment before it where the policy says so.
    func write(_ sample: PlacedSample<Packet>) throws {
        let dts90k = scales[sample.track].convert(sample.dts, to: .mpeg)
        let leads = hasVideo ? isVideo[sample.track] && sample.isKey : !isText[sample.track] || !isText.contains(false)
        if policy.cutsBefore(dts90k: dts90k, byteCount: sample.byteCount, mayStart: leads) {
            try closeFragment()
        }
        let packet = sample.payload.raw
        packet.pointee.stream_index = Int32(clamping: sample.track)
        packet.pointee.pts = sample.pts
        packet.pointee.dts = sample.dts
        packet.pointee.duration = sample.duration
        sample.payload.isKey = sample.isKey
        try check(av_write_frame(context, packet), "av_write_frame")
        hasOpenFragment = true
    }

    /// Closes the last fragment and completes index and durations where the sink can be patched.
    func finish() throws {
        try closeFragment()
        // With a text track libavformat would add an empty sample and a movie fragment for it. There is nothing else in the
        // trailer of a fragmented file.
        if !isText.contains(true) { try check(av_write_trailer(context), "av_write_trailer") }
        avio_flush(io.context)
        try io.rethrow()
        try layout.complete()
    }

    func makeFinal() throws { try layout.flatten() }

    /// `av_write_frame` with no packet ends a fragment; with `delay_moov` the first such call writes the `moov` only.
    private func closeFragment() throws {
        guard hasOpenFragment else { return }
        if !hasWrittenMovie {
            try check(av_write_frame(context, nil), "av_write_frame")
            hasWrittenMovie = true
        }
        try check(av_write_frame(context, nil), "av_write_frame")
        avio_flush(io.context)
        try io.rethrow()
        hasOpenFragment = false
    }

    private func check(_ code: Int32, _ function: String) throws {
        try io.rethrow()
        try FFmpegError.check(code, function)
    }
}
