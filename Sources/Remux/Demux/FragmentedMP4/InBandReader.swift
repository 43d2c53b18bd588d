import CFFmpeg

/// Video in movie fragments whose parameter sets stand in the samples alone: reads them as a transport stream's, and makes
/// the sample entry of what they say. Confined to the thread `remux`.
final class InBandReader {
    private let reader: any StreamReader
    private let lengthBytes: Int
    private let scale: TimeScale
    private var counts = DemuxCounts()
    private var countsTaken = DemuxCounts()

    /// - Parameters:
    ///   - codec: H.264 or H.265.
    ///   - configuration: what the sample entry does say.
    ///   - scale: of the track.
    init(codec: AVCodecID, _ configuration: CodecConfiguration, scale: TimeScale) {
        reader = codec == AV_CODEC_ID_H264 ? AVCReader(cutsUnits: false) : HEVCReader()
        lengthBytes = configuration.lengthBytes
        self.scale = scale
    }

    /// Takes a sample; gives it out in the form the output wants, and before it the format where that is new.
    func accept(
        _ sample: DemuxedSample,
        format: (TrackFormat) -> Void,
        emit: (DemuxedSample) -> Void
    ) throws {
        guard try LengthPrefix.replace(sample.packet, lengthBytes: lengthBytes) else {
            counts.unreadablePackets += 1
            return
        }
        sample.packet.pts = sample.pts
        sample.packet.dts = sample.dts
        sample.packet.isKey = sample.isKey
        try reader.accept(sample.packet) { read in
            if var new = reader.takeNewFormat() {
                new.mediaScale = scale
                format(new)
            }
            var read = read
            read.duration = sample.duration
            emit(read)
        }
    }

    /// What was unreadable since the last call.
    func takeCounts() -> DemuxCounts {
        var all = counts
        all += reader.counts
        defer { countsTaken = all }
        return DemuxCounts(
            unreadablePackets: all.unreadablePackets - countsTaken.unreadablePackets,
            packetsBeforeFormat: all.packetsBeforeFormat - countsTaken.packetsBeforeFormat
        )
    }
}
