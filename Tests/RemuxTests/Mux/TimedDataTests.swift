import Testing

@testable import Remux

@Suite("Timed data of transport streams")
struct TimedDataTests {
    private static let tag = Array("ID3".utf8) + hex("0400 00 00000004") + [1, 2, 3, 4]
    /// splice_null, pts_adjustment 0.
    private static let splice: [UInt8] = {
        let body = hex("FC3011 00 0000000000 00 FFF000 0000000000").prefix(16)
        var section = Array(body)
        section.append32(SectionCheck.crc32(section))
        return section
    }()

    /// What libavformat writes: an association table, a map of one stream of H.264.
    private static func tables(version: UInt8 = 0) -> (associations: [UInt8], map: [UInt8]) {
        func packet(_ pid: Int, _ body: [UInt8]) -> [UInt8] {
            var section = body
            section.append32(SectionCheck.crc32(section))
            let bytes: [UInt8] = [0x47, 0x40 | UInt8(pid >> 8), UInt8(pid & 0xFF), 0x10, 0] + section
            return bytes + [UInt8](repeating: 0xFF, count: 188 - bytes.count)
        }
        return (
            packet(0, hex("00 B00D 0001 C1 00 00 0001 F000")),
            packet(0x1000, hex("02 B012 0001 C1 00 00 E100 F000 1B E100 F000"))
        )
    }

    @Test(
        "what is written reads back, in portions of any size, at its times",
        arguments: [1, 7, 187, 188, 189, 1000, 100_000]
    )
    func roundTrip(_ portion: Int) throws {
        let (associations, map) = Self.tables()
        let added = try #require(ProgramMap.adding(TimedData.Kind.allCases, to: map[...]))
        #expect(added.count == 188)
        var packets = DataPackets()
        let large = Array("ID3".utf8) + [UInt8](repeating: 7, count: 1000)
        var bytes = associations + added
        bytes += packets.packets(
            TimedData(kind: .id3, time90k: nil, payload: Self.tag),
            time90k: (1 << 33) + 5,
            shift90k: 0
        )
        bytes += packets.packets(
            TimedData(kind: .spliceInformation, time90k: nil, payload: Self.splice),
            time90k: 9,
            shift90k: -90
        )
        bytes += packets.packets(
            TimedData(kind: .id3, time90k: nil, payload: large),
            time90k: 12_345_678_901 & 0x1_FFFF_FFFF,
            shift90k: 0
        )
        #expect(bytes.count.isMultiple(of: 188))
        var reader = TransportDataReader(layout: .plain)
        var found: [TimedData] = []
        for start in stride(from: 0, to: bytes.count, by: portion) {
            bytes[start..<min(bytes.count, start + portion)].withUnsafeBytes { reader.watch($0) }
            found += reader.take()
        }
        #expect(found.filter(\.payload.isEmpty).map(\.kind) == TimedData.Kind.allCases)
        let data = found.filter { !$0.payload.isEmpty }
        #expect(data.map(\.kind) == [.id3, .spliceInformation, .id3])
        #expect(data.first == TimedData(kind: .id3, time90k: 5, payload: Self.tag))
        #expect(data.last == TimedData(kind: .id3, time90k: 12_345_678_901 & 0x1_FFFF_FFFF, payload: large))
        let section = data[1].payload
        #expect(SectionCheck.crc32(section) == 0)
        // -90 in 33 bits.
        #expect(section[4] & 1 == 1 && section.read32(at: 5) == 0xFFFF_FFA6)
    }

    @Test("a map that is none, or has no room, stays as it is")
    func maps() {
        var (_, map) = Self.tables()
        map[5] = 0x03
        #expect(ProgramMap.adding([.id3], to: map[...]) == nil)
        #expect(ProgramMap.adding([.id3], to: [UInt8](repeating: 0xFF, count: 188)[...]) == nil)
        #expect(ProgramMap.adding([.id3], to: []) == nil)
    }

    @Test("noise traps nowhere", arguments: 0..<50)
    func noise(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let (associations, map) = Self.tables()
        var bytes = associations + (ProgramMap.adding(TimedData.Kind.allCases, to: map[...]) ?? [])
        for _ in 0..<200 {
            var packet = (0..<188).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let pid = [0, 0x1000, 0x1F0, 0x1F1, 0x100].randomElement(using: &generator) ?? 0
            (packet[0], packet[1], packet[2]) = (0x47, UInt8(pid >> 8) | packet[1] & 0x40, UInt8(pid & 0xFF))
            bytes += packet
        }
        var reader = TransportDataReader(layout: .plain)
        bytes.withUnsafeBytes { reader.watch($0) }
        _ = reader.take()
        _ = DataPackets.spliceInformation(
            Array(bytes.prefix(Int.random(in: 0...40, using: &generator))),
            shift90k: .min
        )
    }

    @Test("held until its run has a place, given out in time, cut to a part")
    func queue() {
        var queue = DataQueue<String>()
        queue.add("late", raw90k: 200_000, run: 1)
        queue.add("first", raw90k: (1 << 33) - 100, run: 0)
        queue.add("second", raw90k: 90_000 - 100, run: 0)
        let places: [UInt64: RunPlacement] = [0: RunPlacement(shift90k: (1 << 33) - 50, start90k: 0)]
        let due = queue.take(through: 0, start90k: nil) { places[$0] }
        #expect(due.map(\.content) == ["first"] && due.map(\.time90k) == [0])
        #expect(queue.take(through: 89_949, start90k: nil) { places[$0] }.isEmpty)
        #expect(queue.take(through: 89_950, start90k: nil) { places[$0] }.map(\.time90k) == [89_950])
        let next = RunPlacement(shift90k: 100_000, start90k: 100_000)
        #expect(queue.take(through: 100_000, start90k: nil) { _ in next }.map(\.time90k) == [100_000])
        #expect(queue.isEmpty)
        queue.add("before", raw90k: 0, run: 0)
        queue.add("behind", raw90k: 500, run: 0)
        queue.add("inside", raw90k: 200, run: 0)
        let part = queue.take(through: 1000, start90k: 100, end90k: 300) { _ in RunPlacement(shift90k: 0, start90k: 0) }
        #expect(part.map(\.content) == ["inside"] && part.map(\.time90k) == [100])
    }
}
