import CFFmpeg

/// Writes an MPEG transport stream with libavformat's muxer: append only, the same bytes on a file and a pipe. Confined to
/// the thread `remux`.
final class TransportStreamMuxer: Muxer {
    private let context: OutputContext
    private let filter: PacketFilter
    private let timing: TrackTiming
    private let rewriters: [AnnexB?]
    /// What key frames of other codecs must begin with.
    private let headers: [[UInt8]]
    private let isVideo: [Bool]
    private var hasSamples = false
    /// Data that came before the first sample, with which libavformat writes the program map.
    private var early: [DataQueue<TimedData>.Placed] = []

    /// How long before its decoding time a packet arrives at most, which is also what readers see as time 0 twice over.
    private static let delayMicroseconds: Int32 = 700_000

    /// - Parameter dataKinds: the timed data that may come.
    /// - Throws: ``FFmpegError`` where libavformat refuses a track.
    init(
        formats: [TrackFormat],
        labels: [TrackLabel],
        edits: [TrackEdit],
        metadata: OutputMetadata,
        dataKinds: [TimedData.Kind],
        sink: any ByteSink
    ) throws {
        let filter = PacketFilter(sink: sink)
        filter.kinds = dataKinds
        self.filter = filter
        timing = TrackTiming(edits: edits, scales: formats.map(\.timeScale))
        rewriters = formats.map(AnnexB.init)
        isVideo = formats.map { $0.kind == .video }
        headers = formats.map { format in
            switch format.codec {
            case AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO: format.extradata
            default: []
            }
        }
        // Parameter sets stand in the samples.
        let written = zip(formats, rewriters).map { format, rewriter in
            var format = format
            if rewriter != nil { format.extradata = [] }
            return format
        }
        context = try OutputContext(
            format: "mpegts",
            io: OutputIO(accept: filter.accept),
            formats: written,
            labels: labels,
            metadata: OutputMetadata()
        ) { _, _ in }
        context.raw.pointee.max_delay = Self.delayMicroseconds
        try OutputContext.set(&context.raw.pointee.metadata, "service_provider", "hls2mp4")
        try OutputContext.set(&context.raw.pointee.metadata, "service_name", metadata.title ?? "hls2mp4")
        // One audio frame in each PES: each has its own timestamp, also before a gap.
        try context.writeHeader(["pes_payload_size": "0"])
    }

    var byteCount: UInt64 { filter.byteCount }

    func write(_ sample: PlacedSample<Packet>) throws {
        let packet = sample.payload
        if let rewriter = rewriters[sample.track] {
            try rewriter.rewrite(packet, isKey: sample.isKey)
        } else if sample.isKey, !headers[sample.track].isEmpty,
            !packet.bytes.starts(with: headers[sample.track].prefix(4))
        {
            try packet.insert(headers[sample.track])
        }
        let times = timing.times90k(of: sample)
        if isVideo[sample.track], sample.isKey { try context.flush() }
        try context.write(
            packet,
            stream: sample.track,
            pts90k: times.pts,
            dts90k: times.dts,
            duration90k: times.duration,
            isKey: sample.isKey
        )
        guard !hasSamples else { return }
        hasSamples = true
        for data in early { try write(data) }
        early = []
    }

    func write(_ data: DataQueue<TimedData>.Placed) throws {
        guard hasSamples else {
            early.append(data)
            return
        }
        try context.flush()
        // libavformat puts everything behind the time that it gives the clock to run ahead.
        let lead90k = timing.shift90k &+ Int64(Self.delayMicroseconds) * 2 * 9 / 100
        try filter.write(data.content, time90k: data.time90k &+ lead90k, shift90k: data.shift90k &+ lead90k)
    }

    func finish() throws { try context.writeTrailer() }
}
