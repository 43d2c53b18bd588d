/// What the program maps in the first packets of a Media Segment say is on each PID: libavformat does not notice when a PID becomes
/// another stream's. Pure.
struct ProgramStreams: Equatable, Sendable {
    /// By PID, the stream types (ISO/IEC 13818-1 table 2-34).
    private(set) var types: [Int: UInt8] = [:]

    /// `nil` where no program map is whole in one of these packets.
    init?(head: [UInt8], layout: TransportPacketLayout) {
        var maps: Set<Int> = []
        for offset in stride(from: layout.syncOffset, through: head.count - 188, by: layout.bytes) {
            let packet = head[offset..<offset + 188]
            let pid = Int(head[offset + 1] & 0x1F) << 8 | Int(head[offset + 2])
            guard head[offset] == TransportPacketLayout.sync, pid == 0 || maps.contains(pid),
                let section = Self.section(packet)
            else { continue }
            if pid == 0 { maps.formUnion(Self.programMaps(section)) } else { readMap(section) }
        }
        guard !types.isEmpty else { return nil }
    }

    /// Whether a PID holds another kind of stream than before.
    func contradict(_ before: ProgramStreams) -> Bool {
        types.contains { pid, type in before.types[pid].map { Self.clearType($0) != Self.clearType(type) } ?? false }
    }

    /// Encrypted streams have types of their own (SAMPLE-AES).
    private static func clearType(_ type: UInt8) -> UInt8 {
        switch type {
        case 0xDB: 0x1B
        case 0xCF: 0x0F
        case 0xC1: 0x81
        case 0xC2: 0x87
        default: type
        }
    }

    /// The section that begins in a packet and ends in it, without its checksum.
    private static func section(_ packet: ArraySlice<UInt8>) -> [UInt8]? {
        let bytes = Array(packet)
        guard bytes[1] & 0x40 != 0, bytes[3] & 0x10 != 0 else { return nil }
        let start = 4 + (bytes[3] & 0x20 != 0 ? 1 + Int(bytes[4]) : 0)
        guard start < bytes.count else { return nil }
        let section = bytes.dropFirst(start + 1 + Int(bytes[start]))
        guard section.count >= 3 else { return nil }
        let first = section.startIndex
        let length = 3 + (Int(section[first + 1] & 0x0F) << 8 | Int(section[first + 2]))
        return length >= 12 && length <= section.count ? Array(section.prefix(length - 4)) : nil
    }

    private static func programMaps(_ section: [UInt8]) -> [Int] {
        guard section[0] == 0 else { return [] }
        return stride(from: 8, through: section.count - 4, by: 4).compactMap { offset in
            guard section[offset] != 0 || section[offset + 1] != 0 else { return nil }
            return Int(section[offset + 2] & 0x1F) << 8 | Int(section[offset + 3])
        }
    }

    private mutating func readMap(_ section: [UInt8]) {
        guard section[0] == 2, section.count >= 12 else { return }
        var offset = 12 + (Int(section[10] & 0x0F) << 8 | Int(section[11]))
        while offset + 5 <= section.count {
            types[Int(section[offset + 1] & 0x1F) << 8 | Int(section[offset + 2])] = section[offset]
            offset += 5 + (Int(section[offset + 3] & 0x0F) << 8 | Int(section[offset + 4]))
        }
    }
}
