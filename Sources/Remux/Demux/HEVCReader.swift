import CFFmpeg

/// H.265 in PES payloads: libavcodec's parser cuts access units, parameter sets are collected, and libavformat's muxer
/// makes `hvcC` and lengths from Annex B.
final class HEVCReader: StreamReader {
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    private let parser: AccessUnitParser?
    private var videoSets = ParameterSets()
    private var sequenceSets = ParameterSets()
    private var pictureSets = ParameterSets()

    /// Reads payloads of which each is an access unit that says whether it is a key frame.
    init() { parser = nil }

    /// Reads PES payloads.
    static func cuttingUnits() throws(FFmpegError) -> HEVCReader {
        guard let parser = AccessUnitParser(codec: AV_CODEC_ID_HEVC) else { throw .outOfMemory("av_parser_init") }
        return HEVCReader(parser)
    }

    private init(_ parser: AccessUnitParser) {
        self.parser = parser
    }

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        guard let parser else { return try take(payload, emit) }
        try parser.parse(payload) { try take($0, emit) }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        try parser?.finish { try take($0, emit) }
    }

    private func take(_ packet: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        let bytes = packet.bytes
        var hasSlice = false
        var changed = false
        var restarts = false
        NALUnits.forEach(in: bytes) { offset, length in
            switch (bytes[offset] >> 1) & 0x3F {
            case let type where type < 32:
                hasSlice = true
                // IDR and BLA pictures.
                restarts = restarts || (16...20).contains(type)
            case 32: changed = videoSets.take(bytes, offset, length) || changed
            case 33: changed = sequenceSets.take(bytes, offset, length) || changed
            case 34: changed = pictureSets.take(bytes, offset, length) || changed
            default: break
            }
        }
        if changed { learnFormat() }
        guard hasSlice, format != nil else {
            if format == nil { counts.packetsBeforeFormat += 1 } else { counts.unreadablePackets += 1 }
            return
        }
        var sample = DemuxedSample(packet: packet, pts: packet.pts, dts: packet.dts, duration: 0, isKey: packet.isKey)
        sample.order = parser.map { PictureOrder(count: $0.pictureOrderCount, restarts: restarts) }
        try emit(sample)
    }

    private func learnFormat() {
        guard !videoSets.all.isEmpty, !pictureSets.all.isEmpty, let first = sequenceSets.all.first,
            let set = first.withUnsafeBytes({ HEVCSequenceParameterSet(nalUnit: $0) })
        else { return }
        var format = TrackFormat(kind: .video, codec: AV_CODEC_ID_HEVC)
        for unit in videoSets.all + sequenceSets.all + pictureSets.all { format.extradata += [0, 0, 0, 1] + unit }
        format.width = set.width
        format.height = set.height
        guard format != self.format else { return }
        self.format = format
        newFormat = format
    }
}
