import CFFmpeg

/// H.265 access units: collects parameter sets; libavformat's muxer makes `hvcC` and lengths from Annex B.
final class HEVCReader: StreamReader {
    private(set) var format: TrackFormat?
    private(set) var counts = DemuxCounts()
    private var videoSets = ParameterSets()
    private var sequenceSets = ParameterSets()
    private var pictureSets = ParameterSets()

    func accept(_ packet: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        let bytes = packet.bytes
        var hasSlice = false
        var changed = false
        NALUnits.forEach(in: bytes) { offset, length in
            switch (bytes[offset] >> 1) & 0x3F {
            case 0...31: hasSlice = true
            case 32: changed = videoSets.take(bytes, offset, length) || changed
            case 33: changed = sequenceSets.take(bytes, offset, length) || changed
            case 34: changed = pictureSets.take(bytes, offset, length) || changed
            default: break
            }
        }
        if changed { learnFormat() }
        guard hasSlice, format != nil else {
            counts.unreadablePackets += 1
            return
        }
        try emit(
            DemuxedSample(
                packet: packet,
                pts: packet.pts,
                dts: packet.dts,
                duration: max(0, packet.raw.pointee.duration),
                isKey: packet.isKey
            )
        )
    }

    private func learnFormat() {
        guard !videoSets.all.isEmpty, !pictureSets.all.isEmpty, let first = sequenceSets.all.first,
            let set = first.withUnsafeBytes({ HEVCSequenceParameterSet(nalUnit: $0) })
        else { return }
        var format = TrackFormat(kind: .video, codec: AV_CODEC_ID_HEVC)
        for unit in videoSets.all + sequenceSets.all + pictureSets.all { format.extradata += [0, 0, 0, 1] + unit }
        format.width = set.width
        format.height = set.height
        if let old = self.format, old != format { counts.formatChanges += 1 }
        self.format = format
    }
}
