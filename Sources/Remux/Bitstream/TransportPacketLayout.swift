/// How the packets of a transport stream follow each other: 188 bytes each (ISO/IEC 13818-1 §2.4.3), with a time stamp of
/// four bytes in front (Blu-ray, 192), or with sixteen bytes of parity behind (DVB, 204). Pure.
struct TransportPacketLayout: Equatable, Sendable {
    /// From one packet to the next.
    var bytes: Int
    /// Of the sync byte in it.
    var syncOffset: Int

    static let sync: UInt8 = 0x47
    static let plain = TransportPacketLayout(bytes: 188, syncOffset: 0)
    static let timeStamped = TransportPacketLayout(bytes: 192, syncOffset: 4)
    static let withParity = TransportPacketLayout(bytes: 204, syncOffset: 0)

    /// Packets whose sync bytes tell: behind them a damaged stream may have lost some.
    private static let packetsSeen = 4
    /// The longest head that ``init(head:)`` looks at.
    static let headBytes = packetsSeen * withParity.bytes

    /// The layout of a stream that begins with `head`; `nil` where it is none. A head shorter than two packets tells nothing
    /// but the first sync byte.
    init?(head: some RandomAccessCollection<UInt8>) {
        let found = [Self.plain, .timeStamped, .withParity].first { layout in
            let limit = min(head.count, Self.packetsSeen * layout.bytes)
            guard head.count > layout.syncOffset, layout == .plain || head.count >= 2 * layout.bytes else {
                return false
            }
            return stride(from: layout.syncOffset, to: limit, by: layout.bytes).allSatisfy { offset in
                head[head.index(head.startIndex, offsetBy: offset)] == Self.sync
            }
        }
        guard let found else { return nil }
        self = found
    }

    /// The layout of a stream whose first packets are damaged, or stand behind junk; `nil` where it is none: of the sync bytes
    /// that should be in `head` three in four are there.
    init?(damagedHead head: some RandomAccessCollection<UInt8>) {
        var best: (layout: TransportPacketLayout, hits: Int)?
        for layout in [Self.plain, .timeStamped, .withParity] {
            for phase in 0..<layout.bytes {
                let places = stride(from: phase + layout.syncOffset, to: head.count, by: layout.bytes)
                let hits = places.count { head[head.index(head.startIndex, offsetBy: $0)] == Self.sync }
                let total = head.count / layout.bytes
                if total >= Self.damagedPacketsSeen, hits * 4 >= total * 3, hits > best?.hits ?? 0 {
                    best = (layout, hits)
                }
            }
        }
        guard let best else { return nil }
        self = best.layout
    }

    /// Packets that a damaged head must have room for.
    private static let damagedPacketsSeen = 8

    private init(bytes: Int, syncOffset: Int) {
        self.bytes = bytes
        self.syncOffset = syncOffset
    }
}
