import CFFmpeg

/// H.264 in PES payloads: collects parameter sets and rewrites Annex B as four-byte lengths, in place where that fits.
///
/// Almost always a PES holds exactly one access unit. Then one pass over it does everything, and nothing is copied. At the
/// first payload that is anything else (a unit over two PES, two in one, field pictures, no start code), libavcodec's
/// parser takes the stream over for good, beginning with the payload held back for this.
final class AVCReader: StreamReader {
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    private var sequenceSets = ParameterSets()
    private var pictureSets = ParameterSets()
    private var held: Packet?
    private var heldScan = AVCUnitScan()
    private var scan = AVCUnitScan()
    private var parser: AccessUnitParser?
    private let cutsUnits: Bool

    /// - Parameters:
    ///   - takesShortPath: `false` lets the parser do everything, to compare both ways.
    ///   - cutsUnits: `false`: each payload is an access unit, of which the payload says whether it is a key frame.
    init(takesShortPath: Bool = true, cutsUnits: Bool = true) {
        self.cutsUnits = cutsUnits
        if cutsUnits, !takesShortPath { parser = AccessUnitParser(codec: AV_CODEC_ID_H264) }
    }

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        guard cutsUnits else { return try takeUnit(payload, emit) }
        if let parser {
            try parser.parse(payload) { try takeUnit($0, emit) }
            return
        }
        scan.scan(payload.bytes)
        guard scan.isWholeUnit, payload.pts != nil else {
            try handOver(payload, emit)
            return
        }
        try releaseHeld(emit)
        held = payload
        swap(&scan, &heldScan)
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        try releaseHeld(emit)
        try parser?.finish { try takeUnit($0, emit) }
    }

    /// From here on the parser cuts the stream.
    private func handOver(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        // Slices can be read with the parameter sets only, which may not come again.
        var sets: [UInt8] = []
        for set in sequenceSets.all + pictureSets.all { sets += [0, 0, 0, 1] + set }
        guard let parser = AccessUnitParser(codec: AV_CODEC_ID_H264, extradata: sets) else {
            throw FFmpegError.outOfMemory("av_parser_init")
        }
        self.parser = parser
        if let held {
            self.held = nil
            try parser.parse(held) { try takeUnit($0, emit) }
        }
        try parser.parse(payload) { try takeUnit($0, emit) }
    }

    private func releaseHeld(_ emit: (DemuxedSample) throws -> Void) throws {
        guard let packet = held else { return }
        held = nil
        try take(packet, heldScan, isKey: heldScan.isKey, emit)
    }

    private func takeUnit(_ unit: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        scan.scan(unit.bytes)
        try take(unit, scan, isKey: unit.isKey, order: order(of: unit), emit)
    }

    private func take(
        _ packet: Packet,
        _ scan: AVCUnitScan,
        isKey: Bool,
        order: PictureOrder? = nil,
        _ emit: (DemuxedSample) throws -> Void
    ) throws {
        if !scan.parameterSets.isEmpty { learn(packet.bytes, scan) }
        guard scan.hasSlice, format != nil else {
            if format == nil { counts.packetsBeforeFormat += 1 } else { counts.unreadablePackets += 1 }
            return
        }
        try LengthPrefix.rewrite(packet, units: scan.units)
        try emit(
            DemuxedSample(packet: packet, pts: packet.pts, dts: packet.dts, duration: 0, isKey: isKey, order: order)
        )
    }

    private func order(of unit: Packet) -> PictureOrder? {
        guard let parser else { return nil }
        let bytes = unit.bytes
        return PictureOrder(
            count: parser.pictureOrderCount,
            restarts: scan.units.contains { bytes[$0.offset] & 0x1F == 5 }
        )
    }

    private func learn(_ bytes: UnsafeRawBufferPointer, _ scan: AVCUnitScan) {
        var changed = false
        let isNew = scan.parameterSets.contains { index in
            let unit = scan.units[index]
            return bytes[unit.offset] & 0x1F == 7 && !sequenceSets.contains(bytes, unit.offset, unit.length)
        }
        if isNew, format != nil {
            // Another picture: what is known of the one before is not for this one, and may have the same numbers.
            sequenceSets = ParameterSets()
            pictureSets = ParameterSets()
        }
        for index in scan.parameterSets {
            let unit = scan.units[index]
            if bytes[unit.offset] & 0x1F == 7 {
                changed = sequenceSets.take(bytes, unit.offset, unit.length) || changed
            } else {
                changed = pictureSets.take(bytes, unit.offset, unit.length) || changed
            }
        }
        guard changed, let first = sequenceSets.all.first,
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
        guard format != self.format else { return }
        self.format = format
        newFormat = format
    }
}
