import Testing

@testable import Remux

@Suite struct TransportPacketLayoutTests {
    private static let plain = FixturePayloads.bytes(of: FixturePayloads.root + "/clear/002.ts")
    private static let layouts: [TransportPacketLayout] = [.plain, .timeStamped, .withParity]

    private static func stream(_ layout: TransportPacketLayout, packets: Int = 60) -> [UInt8] {
        let front = [UInt8](repeating: 0x21, count: layout.syncOffset)
        let behind = [UInt8](repeating: 0x33, count: layout.bytes - layout.syncOffset - 188)
        return (0..<packets).flatMap { front + plain[188 * $0..<188 * ($0 + 1)] + behind }
    }

    @Test("layouts by their sync bytes, from two packets on", arguments: 0..<3)
    func heads(_ index: Int) {
        let layout = Self.layouts[index]
        for packets in [2, 3, 4, 40] {
            #expect(TransportPacketLayout(head: Self.stream(layout, packets: packets)) == layout)
        }
        let slice = ([9, 9, 9] + Self.stream(layout))[3...]
        #expect(TransportPacketLayout(head: slice) == layout)
    }

    @Test("one packet alone is one of the ordinary ones; nothing and noise are none")
    func none() {
        #expect(TransportPacketLayout(head: Self.plain.prefix(188)) == .plain)
        #expect(TransportPacketLayout(head: [UInt8]()) == nil)
        #expect(TransportPacketLayout(head: [UInt8](repeating: 0x46, count: 1000)) == nil)
    }

    @Test("damaged heads: flipped sync bytes, junk in front, lost packets", arguments: 0..<3)
    func damaged(_ index: Int) {
        let layout = Self.layouts[index]
        let stream = Self.stream(layout)
        var flipped = stream
        for packet in [0, 2, 3, 7, 20] { flipped[packet * layout.bytes + layout.syncOffset] ^= 0x08 }
        #expect(TransportPacketLayout(head: flipped) == nil)
        #expect(TransportPacketLayout(damagedHead: flipped.prefix(8194)) == layout)
        for junk in [1, 77, 187] {
            let shifted = [UInt8](repeating: 0xAA, count: junk) + stream
            #expect(TransportPacketLayout(damagedHead: shifted.prefix(8194)) == layout)
        }
        #expect(TransportPacketLayout(damagedHead: stream.prefix(7 * layout.bytes)) == nil)
    }

    @Test("noise is no damaged stream", arguments: 0..<20 as Range<UInt64>)
    func noise(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<8194).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(TransportPacketLayout(damagedHead: bytes) == nil)
        #expect(TransportPacketLayout(damagedHead: bytes.prefix(Int(seed))) == nil)
    }

    // MARK: - The monitor

    private func damage(_ bytes: [UInt8], _ layout: TransportPacketLayout, seed: UInt64)
        -> TransportStreamMonitor.Damage
    {
        var generator = SeededGenerator(seed: seed)
        var monitor = TransportStreamMonitor()
        monitor.beginSegment(layout)
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = min(buffer.count - offset, Int.random(in: 1...(seed == 0 ? 1 : 700), using: &generator))
                monitor.watch(UnsafeRawBufferPointer(rebasing: buffer[offset..<(offset + count)]))
                offset += count
            }
        }
        monitor.endSegment()
        return monitor.damage
    }

    @Test("intact packets of every size are counted as such, however they are cut", arguments: 0..<3)
    func intact(_ index: Int) {
        let layout = Self.layouts[index]
        for seed: UInt64 in 0..<20 {
            let damage = damage(Self.stream(layout), layout, seed: seed)
            #expect(damage.packets == 60)
            #expect(damage.damagedPackets == 0)
        }
    }

    @Test("missing packets and errors of every size are counted", arguments: 0..<3)
    func damagedStream(_ index: Int) {
        let layout = Self.layouts[index]
        for seed: UInt64 in 1..<10 {
            var bytes = Self.stream(layout)
            bytes[layout.bytes * 50 + layout.syncOffset + 1] |= 0x80
            bytes.removeSubrange(layout.bytes * 20..<layout.bytes * 25)
            let damage = damage(bytes, layout, seed: seed)
            #expect(damage.packets == 55)
            #expect(damage.transportErrors == 1)
            #expect((1...5).contains(damage.missingPackets))
        }
    }

    @Test("a lost sync byte costs its packet, however the bytes are cut", arguments: 0..<3)
    func lostSync(_ index: Int) {
        let layout = Self.layouts[index]
        for seed: UInt64 in 0..<20 {
            var bytes = Self.stream(layout)
            bytes[layout.bytes * 30 + layout.syncOffset] = 0
            let damage = damage(bytes, layout, seed: seed)
            #expect((58...59).contains(damage.packets), "\(seed): \(damage)")
            #expect((1...2).contains(damage.damagedPackets), "\(seed): \(damage)")
        }
    }
}
