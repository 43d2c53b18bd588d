/// Watches the packets of an MPEG transport stream as they pass (ISO/IEC 13818-1 §2.4.3): libavformat resynchronises without
/// a word, so what is damaged is counted here. Pure.
///
/// Continuity counters are compared inside a Media Segment only: packagers restart them at its borders.
struct TransportStreamMonitor: Sendable {
    /// What was seen of one Media Segment.
    struct Damage: Equatable, Sendable {
        var packets = 0
        /// Bytes between packets, where no sync byte stood.
        var junkBytes = 0
        /// Packets whose transport error indicator is set.
        var transportErrors = 0
        /// Packets that continuity counters show to be missing, at least (they count to 16).
        var missingPackets = 0
        /// Some packet brought media, not tables or stuffing.
        var hasMedia = false
        /// Bytes of a packet.
        var packetBytes = TransportPacketLayout.plain.bytes

        /// Packets damaged or missing. Junk usually is what stands where the missing packets were.
        var damagedPackets: Int {
            max((junkBytes + packetBytes - 1) / packetBytes, missingPackets) + transportErrors
        }

        /// Above 1 % of its packets a segment counts as damaged (DESIGN §7).
        var isBeyondLimit: Bool { damagedPackets * 100 > packets + damagedPackets }
    }

    private static let nullPID = 0x1FFF

    private(set) var damage = Damage()
    private var layout = TransportPacketLayout.plain
    /// The bytes of a packet whose end has not come.
    private var partial: [UInt8] = []
    /// By PID: an array, since every packet asks.
    private var holdsTables = [Bool](repeating: false, count: nullPID + 1)
    private var last = [LastPacket?](repeating: nil, count: nullPID + 1)

    private struct LastPacket {
        var counter: UInt8
        /// Some of its bytes: a packet may be sent twice with the same counter; 15 lost ones leave the counter alike too.
        var signature: UInt64
    }

    /// The Media Segment has ended: a packet whose end has not come is none.
    mutating func endSegment() {
        damage.junkBytes += partial.count
        partial = []
    }

    /// Begins a Media Segment: counts anew.
    mutating func beginSegment(_ layout: TransportPacketLayout = .plain) {
        self.layout = layout
        damage = Damage(packetBytes: layout.bytes)
        partial = []
        for pid in last.indices { last[pid] = nil }
    }

    /// Takes the next bytes.
    mutating func watch(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        if !partial.isEmpty {
            // What began before is looked at together with as much as tells whether it is a packet.
            let count = partial.count
            let joined = partial + bytes.prefix(2 * layout.bytes)
            partial = []
            let next = joined.withUnsafeBytes { scan($0, from: 0, until: count) }
            if next < count {
                partial = Array(joined[next...])
                return
            }
            offset = next - count
        }
        let next = scan(bytes, from: offset, until: bytes.count)
        if next < bytes.count { partial = Array(bytes[next...]) }
    }

    /// Takes the packets that begin in a range; returns where the first one begins that is behind it, or not whole.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer, from start: Int, until end: Int) -> Int {
        var offset = start
        while offset < end {
            guard offset + layout.syncOffset >= bytes.count || isSync(bytes, offset) else {
                offset += 1
                damage.junkBytes += 1
                continue
            }
            guard bytes.count - offset >= layout.bytes else { return offset }
            // A sync byte inside junk: the next packet must begin where this one ends.
            let next = offset + layout.bytes
            if next + layout.syncOffset < bytes.count, !isSync(bytes, next), isLost(bytes, at: next) {
                offset += 1
                damage.junkBytes += 1
                continue
            }
            take(bytes, offset)
            offset = next
        }
        return offset
    }

    /// Whether no packet begins at `offset` although the last byte before it is supposed to end one: true where one begins
    /// earlier, that is where the sync byte just seen was none.
    private func isLost(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        for start in (offset - layout.bytes + 1)..<offset where isSync(bytes, start) {
            let second = start + layout.bytes
            if second + layout.syncOffset < bytes.count, isSync(bytes, second) { return true }
        }
        return false
    }

    private func isSync(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Bool {
        bytes[offset + layout.syncOffset] == TransportPacketLayout.sync
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, _ start: Int) {
        damage.packets += 1
        let offset = start + layout.syncOffset
        let second = bytes[offset + 1]
        if second & 0x80 != 0 { damage.transportErrors += 1 }
        let pid = Int(second & 0x1F) << 8 | Int(bytes[offset + 2])
        let control = bytes[offset + 3]
        // Counters count packets with payload only (§2.4.3.3).
        guard pid != Self.nullPID, control & 0x10 != 0 else { return }
        if !damage.hasMedia { look(bytes, offset, pid, isStart: second & 0x40 != 0) }
        let counter = control & 0x0F
        let hasAdaptation = control & 0x20 != 0 && bytes[offset + 4] > 0
        let isAnnounced = hasAdaptation && bytes[offset + 5] & 0x80 != 0
        let current = LastPacket(counter: counter, signature: Self.signature(bytes, offset))
        let before = last[pid]
        last[pid] = current
        guard let before, !isAnnounced else { return }
        if counter == before.counter, current.signature == before.signature { return }
        damage.missingPackets += Int((counter &- before.counter &- 1) & 0x0F)
    }

    /// Whether a packet holds a part of a PES packet: those of tables begin with a pointer and a table (§2.4.4).
    private mutating func look(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ pid: Int, isStart: Bool) {
        // The first 32 are tables by definition (table 2-3, and those of DVB).
        guard pid >= 0x20 else { return }
        if isStart {
            let skipped = bytes[offset + 3] & 0x20 != 0 ? 1 + Int(bytes[offset + 4]) : 0
            let payload = offset + 4 + skipped
            guard skipped + 4 + 3 <= TransportPacketLayout.plain.bytes else { return }
            holdsTables[pid] = !bytes[payload..<payload + 3].elementsEqual([0, 0, 1])
        }
        damage.hasMedia = !holdsTables[pid]
    }

    private static func signature(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        [12, 96, 180].reduce(0) { signature, position in
            signature &* 31 ^ bytes.loadUnaligned(fromByteOffset: offset + position, as: UInt64.self)
        }
    }
}
