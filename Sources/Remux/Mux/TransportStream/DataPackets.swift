/// Packets of a transport stream that carry timed data, beside those of libavformat (ISO/IEC 13818-1 §2.4.3). Pure.
struct DataPackets {
    private static let packetBytes = 188
    /// Behind those that libavformat gives its streams.
    private static let firstPID = 0x1F0

    private var counters: [TimedData.Kind: UInt8] = [:]

    static func pid(_ kind: TimedData.Kind) -> Int { firstPID + (kind == .id3 ? 0 : 1) }

    /// The packets of a piece of data.
    ///
    /// - Parameters:
    ///   - time90k: presentation time in the output's clock.
    ///   - shift90k: what is added to times of the source to get those of the output's clock.
    mutating func packets(_ data: TimedData, time90k: Int64, shift90k: Int64) -> [UInt8] {
        switch data.kind {
        case .id3: packets(Self.pes(data.payload, time90k), data.kind, isSection: false)
        case .spliceInformation:
            packets([0] + Self.spliceInformation(data.payload, shift90k: shift90k), data.kind, isSection: true)
        }
    }

    private mutating func packets(_ payload: [UInt8], _ kind: TimedData.Kind, isSection: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = payload[...]
        while !rest.isEmpty {
            let counter = counters[kind, default: 0]
            counters[kind] = (counter + 1) & 0x0F
            let pid = Self.pid(kind)
            let begins = rest.count == payload.count
            let taken = rest.prefix(Self.packetBytes - 4)
            rest = rest.dropFirst(taken.count)
            let stuffing = Self.packetBytes - 4 - taken.count
            // Behind a section stands filler, before the end of a PES an adaptation field.
            let hasField = stuffing > 0 && !isSection
            bytes += [
                0x47, (begins ? 0x40 : 0) | UInt8(pid >> 8), UInt8(pid & 0xFF), (hasField ? 0x30 : 0x10) | counter,
            ]
            if hasField {
                bytes.append(UInt8(stuffing - 1))
                if stuffing > 1 { bytes += [0] + [UInt8](repeating: 0xFF, count: stuffing - 2) }
            }
            bytes += taken
            if isSection { bytes += [UInt8](repeating: 0xFF, count: stuffing) }
        }
        return bytes
    }

    /// A PES of private stream 1, aligned, with a presentation time; at most 65,535 bytes.
    private static func pes(_ payload: [UInt8], _ time90k: Int64) -> [UInt8] {
        let time = UInt64(bitPattern: time90k) & 0x1_FFFF_FFFF
        let payload = payload.prefix(65_535 - 8)
        var bytes: [UInt8] = [0, 0, 1, 0xBD]
        bytes.append16(UInt16(payload.count + 8))
        bytes += [0x84, 0x80, 5]
        bytes += [0x21 | UInt8(time >> 29 & 0x0E), UInt8(time >> 22 & 0xFF), 1 | UInt8(time >> 14 & 0xFE)]
        bytes += [UInt8(time >> 7 & 0xFF), 1 | UInt8(time << 1 & 0xFE)]
        return bytes + payload
    }

    /// A splice_info_section whose times are moved by `pts_adjustment` (SCTE 35 §9.6); one that is none stays as it is.
    static func spliceInformation(_ section: [UInt8], shift90k: Int64) -> [UInt8] {
        guard section.count >= 18, section[0] == 0xFC else { return section }
        var moved = Array(section.dropLast(4))
        let adjustment = UInt64(moved[4] & 1) << 32 | UInt64(moved.read32(at: 5) ?? 0)
        let sum = (adjustment &+ UInt64(bitPattern: shift90k)) & 0x1_FFFF_FFFF
        moved[4] = moved[4] & 0xFE | UInt8(sum >> 32)
        for index in 0..<4 { moved[5 + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index)) }
        moved.append32(SectionCheck.crc32(moved))
        return moved
    }
}

/// The check of sections (ISO/IEC 13818-1 Annex A). Pure.
enum SectionCheck {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { value, _ in value & 1 << 31 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
    }

    /// 0 over a section with its check.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0xFFFF_FFFF) { value, byte in value << 8 ^ table[Int(value >> 24) ^ Int(byte)] }
    }
}
