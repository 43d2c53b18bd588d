import Testing

@testable import Remux

@Suite struct TransportStreamMonitorTests {
    private let stream = FixturePayloads.bytes(of: FixturePayloads.root + "/clear/002.ts")

    /// What the monitor says of bytes given in random portions.
    private func damage(_ bytes: [UInt8], seed: UInt64 = 1) -> TransportStreamMonitor.Damage {
        var generator = SeededGenerator(seed: seed)
        var monitor = TransportStreamMonitor()
        monitor.beginSegment()
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = min(buffer.count - offset, Int.random(in: 1...100_000, using: &generator))
                monitor.watch(UnsafeRawBufferPointer(rebasing: buffer[offset..<(offset + count)]))
                offset += count
            }
        }
        return monitor.damage
    }

    @Test("an intact segment has no damage, however it is cut", arguments: 0..<20 as Range<UInt64>)
    func intact(_ seed: UInt64) {
        let damage = damage(stream, seed: seed)
        #expect(damage.packets == stream.count / 188)
        #expect(damage.damagedPackets == 0)
    }

    @Test("packets that are missing are counted by their continuity counters", arguments: [1, 3, 10])
    func missing(_ count: Int) {
        var bytes = stream
        bytes.removeSubrange((40 * 188)..<((40 + count) * 188))
        #expect(damage(bytes).missingPackets >= 1)
        #expect(damage(bytes).missingPackets <= count)
        #expect(damage(bytes).junkBytes == 0)
    }

    @Test(
        "fifteen packets of one PID that are missing, which leave its counter alike, are seen; a repeated packet is none"
    )
    func fifteen() {
        let video = stride(from: 0, to: stream.count, by: 188).filter {
            stream[$0 + 1] & 0x1F == 1 && stream[$0 + 2] == 0
        }
        let run = (0..<(video.count - 17)).first { video[$0 + 16] - video[$0] == 16 * 188 }
        guard let run else { Issue.record("the fixture has no run of 17 video packets"); return }
        var bytes = stream
        bytes.removeSubrange(video[run + 1]..<(video[run + 1] + 15 * 188))
        #expect(damage(bytes).missingPackets == 15)
        var repeated = stream
        repeated.insert(contentsOf: stream[video[run]..<(video[run] + 188)], at: video[run])
        #expect(damage(repeated).damagedPackets == 0)
    }

    @Test("junk between packets is counted once, not as junk and as missing packets")
    func junk() {
        var bytes = stream
        for index in (40 * 188)..<(43 * 188) { bytes[index] = UInt8(truncatingIfNeeded: index * 7) | 0x80 }
        #expect(damage(bytes).damagedPackets == 3)
        var inserted = stream
        inserted.insert(contentsOf: [UInt8](repeating: 0x12, count: 77), at: 40 * 188)
        #expect(damage(inserted).junkBytes == 77)
        #expect(damage(inserted).missingPackets == 0)
    }

    @Test("transport error indicators are counted")
    func errors() {
        var bytes = stream
        for packet in 10..<15 { bytes[packet * 188 + 1] |= 0x80 }
        #expect(damage(bytes).transportErrors == 5)
    }

    @Test("noise with sync bytes in the right places is beyond the limit")
    func noise() {
        var generator = SeededGenerator(seed: 9)
        let bytes = (0..<(500 * 188)).map { $0 % 188 == 0 ? 0x47 : UInt8.random(in: 0...255, using: &generator) }
        #expect(damage(bytes).isBeyondLimit)
    }

    @Test("any bytes are taken without a trap", arguments: 0..<50 as Range<UInt64>)
    func anything(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes =
            (0..<5000).map { _ in [0x47, 0x47, 0, 0xFF, 0x12].randomElement(using: &generator) ?? 0 } as [UInt8]
        _ = damage(bytes, seed: seed)
    }
}
