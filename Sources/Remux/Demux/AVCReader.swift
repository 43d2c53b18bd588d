import CFFmpeg

/// H.264 access units: collects parameter sets, and rewrites Annex B as four-byte lengths, in place where that fits.
final class AVCReader: StreamReader {
    private(set) var format: TrackFormat?
    private(set) var counts = DemuxCounts()
    private var sequenceSets = ParameterSets()
    private var pictureSets = ParameterSets()
    private var units: [(offset: Int, length: Int)] = []

    func accept(_ packet: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        let bytes = packet.bytes
        units.removeAll(keepingCapacity: true)
        var hasSlice = false
        var changed = false
        NALUnits.forEach(in: bytes) { offset, length in
            units.append((offset, length))
            switch bytes[offset] & 0x1F {
            case 1...5: hasSlice = true
            case 7: changed = sequenceSets.take(bytes, offset, length) || changed
            case 8: changed = pictureSets.take(bytes, offset, length) || changed
            default: break
            }
        }
        guard !units.isEmpty else {
            counts.unreadablePackets += 1
            return
        }
        if changed { learnFormat() }
        try LengthPrefix.rewrite(packet, units: units)
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
        guard let first = sequenceSets.all.first,
            let set = first.withUnsafeBytes({ AVCSequenceParameterSet(nalUnit: $0) }),
            let record = AVCDecoderConfiguration.record(
                set,
                sequenceSets: sequenceSets.all,
                pictureSets: pictureSets.all
            )
        else { return }
        var format = TrackFormat(kind: .video, codec: AV_CODEC_ID_H264)
        format.extradata = record
        format.width = set.width
        format.height = set.height
        format.aspect = set.aspect
        format.color = set.color
        if let old = self.format, old != format { counts.formatChanges += 1 }
        self.format = format
    }
}
