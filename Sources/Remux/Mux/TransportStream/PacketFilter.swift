/// Between libavformat's transport stream and the sink: adds timed data, and says so in the program map. Confined to the thread
/// `remux`.
final class PacketFilter {
    private let sink: any ByteSink
    /// What the program map lists; before the first packet.
    var kinds: [TimedData.Kind] = []
    private var rest: [UInt8] = []
    private var packets = DataPackets()
    /// Bytes given to the sink.
    private(set) var byteCount: UInt64 = 0

    init(sink: any ByteSink) { self.sink = sink }

    /// Takes libavformat's bytes, in any portions.
    func accept(_ bytes: UnsafeRawBufferPointer) throws {
        guard !kinds.isEmpty else { return try write(bytes) }
        rest += bytes
        let whole = rest.count / 188 * 188
        for start in stride(from: 0, to: whole, by: 188) where isMap(start) {
            guard let changed = ProgramMap.adding(kinds, to: rest[start..<start + 188]) else { continue }
            rest.replaceSubrange(start..<start + 188, with: changed)
        }
        try rest[..<whole].withUnsafeBytes { try write($0) }
        rest.removeFirst(whole)
    }

    /// Writes data between libavformat's packets, of which all were handed over.
    func write(_ data: TimedData, time90k: Int64, shift90k: Int64) throws {
        guard kinds.contains(data.kind), rest.isEmpty else { return }
        try packets.packets(data, time90k: time90k, shift90k: shift90k).withUnsafeBytes { try write($0) }
    }

    private func isMap(_ start: Int) -> Bool {
        Int(rest[start + 1] & 0x1F) << 8 | Int(rest[start + 2]) == ProgramMap.pid
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.write(bytes)
        byteCount += UInt64(bytes.count)
    }
}
