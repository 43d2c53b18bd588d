/// AAC in a transport stream: ADTS or LATM, whatever the program map calls it. The first payload tells, since muxers are known
/// to write one under the other's stream type.
final class AACReader: StreamReader {
    private var reader: (any StreamReader)?

    var counts: DemuxCounts { reader?.counts ?? DemuxCounts() }
    var holdsSample: Bool { reader?.holdsSample ?? false }

    func takeNewFormat() -> TrackFormat? { reader?.takeNewFormat() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        let reader: any StreamReader = reader ?? (LATMParser.begins(payload.bytes) ? LATMReader() : ADTSReader())
        self.reader = reader
        try reader.accept(payload, emit)
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws { try reader?.finish(emit) }
}
