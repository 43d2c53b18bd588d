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
        var sets: [(offset: Int, length: Int)] = []
        var restarts = false
        NALUnits.forEach(in: bytes) { offset, length in
            switch (bytes[offset] >> 1) & 0x3F {
            case let type where type < 32:
                hasSlice = true
                // IDR and BLA pictures.
                restarts = restarts || (16...20).contains(type)
            case 32...34: sets.append((offset, length))
            default: break
            }
        }
        if !sets.isEmpty { learn(bytes, sets) }
        guard hasSlice, format != nil else {
            if format == nil { counts.packetsBeforeFormat += 1 } else { counts.unreadablePackets += 1 }
            return
        }
        var sample = DemuxedSample(packet: packet, pts: packet.pts, dts: packet.dts, duration: 0, isKey: packet.isKey)
        sample.order = parser.map { PictureOrder(count: $0.pictureOrderCount, restarts: restarts) }
        try emit(sample)
    }

    private func learn(_ bytes: UnsafeRawBufferPointer, _ sets: [(offset: Int, length: Int)]) {
        func type(_ offset: Int) -> UInt8 { (bytes[offset] >> 1) & 0x3F }
        let isNew = sets.contains { type($0.offset) == 33 && !sequenceSets.contains(bytes, $0.offset, $0.length) }
        if isNew, format != nil {
            // Another picture: what is known of the one before is not for this one, and may have the same numbers.
            videoSets = ParameterSets()
            sequenceSets = ParameterSets()
            pictureSets = ParameterSets()
        }
        var changed = false
        for (offset, length) in sets {
            switch type(offset) {
            case 32: changed = videoSets.take(bytes, offset, length) || changed
            case 33: changed = sequenceSets.take(bytes, offset, length) || changed
            default: changed = pictureSets.take(bytes, offset, length) || changed
            }
        }
        if changed { learnFormat() }
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
