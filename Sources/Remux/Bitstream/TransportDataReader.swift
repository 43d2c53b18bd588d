/// Finds the timed data of a transport stream as its packets pass: ID3 tags (stream type 0x15, metadata in PES) and splice
/// information (0x86, SCTE 35), of the program with the lowest number. Pure.
///
/// libavformat knows the second only where the program says so, and cuts five bytes off the first.
struct TransportDataReader {
    /// Bounds of what is put together: a PES with a length, a private section.
    static let maximumPESBytes = 65_535 + 6
    static let maximumSectionBytes = 4096

    private let layout: TransportPacketLayout
    private var rest: [UInt8] = []
    private var programMap: Int?
    private var clockPID = -1
    private var clock90k: Int64?
    private var kinds: [Int: TimedData.Kind] = [:]
    private var pieces: [Int: [UInt8]] = [:]
    private var found: [TimedData] = []

    init(layout: TransportPacketLayout) { self.layout = layout }

    /// What was found since the last call.
    mutating func take() -> [TimedData] {
        defer { found = [] }
        return found
    }

    /// Takes the next bytes.
    mutating func watch(_ bytes: UnsafeRawBufferPointer) {
        rest += bytes
        var offset = 0
        while rest.count - offset >= layout.bytes {
            guard rest[offset + layout.syncOffset] == TransportPacketLayout.sync else {
                offset += 1
                continue
            }
            let start = offset + layout.syncOffset
            offset += layout.bytes
            let pid = Int(rest[start + 1] & 0x1F) << 8 | Int(rest[start + 2])
            guard pid == 0 || pid == programMap || pid == clockPID || kinds[pid] != nil, rest.count >= start + 188
            else { continue }
            read(Array(rest[start..<start + 188]), pid)
        }
        rest.removeFirst(offset)
    }

    private mutating func read(_ packet: [UInt8], _ pid: Int) {
        var start = 4
        if packet[3] & 0x20 != 0 {
            let length = Int(packet[4])
            if pid == clockPID, length >= 7, packet[5] & 0x10 != 0 {
                clock90k = Int64(packet.read32(at: 6) ?? 0) << 1 | Int64(packet[10] >> 7)
            }
            start = 5 + length
        }
        guard packet[3] & 0x10 != 0, start < packet.count else { return }
        let begins = packet[1] & 0x40 != 0
        let payload = packet[start...]
        if kinds[pid] == .id3 {
            takePES(payload, begins, pid)
        } else if pid == 0 || pid == programMap || kinds[pid] != nil {
            takeSection(payload, begins, pid)
        }
    }

    // MARK: - Sections (ISO/IEC 13818-1 §2.4.4)

    private mutating func takeSection(_ payload: ArraySlice<UInt8>, _ begins: Bool, _ pid: Int) {
        if begins {
            guard let pointer = payload.first else { return }
            pieces[pid] = Array(payload.dropFirst(1 + Int(pointer)))
        } else if pieces[pid] != nil {
            pieces[pid]? += payload
        }
        guard let section = pieces[pid], section.count >= 3 else { return }
        let length = 3 + (Int(section[1] & 0x0F) << 8 | Int(section[2]))
        guard section.count >= length || length > Self.maximumSectionBytes else { return }
        pieces[pid] = nil
        guard length <= Self.maximumSectionBytes else { return }
        let whole = Array(section.prefix(length))
        switch (pid, whole[0]) {
        case (0, 0x00): readAssociations(whole)
        case (programMap, 0x02): readMap(whole)
        case (_, 0xFC) where kinds[pid] == .spliceInformation:
            found.append(TimedData(kind: .spliceInformation, time90k: clock90k, payload: whole))
        default: break
        }
    }

    private mutating func readAssociations(_ section: [UInt8]) {
        var programs: [Int: Int] = [:]
        for offset in stride(from: 8, to: section.count - 7, by: 4) {
            let number = Int(section[offset]) << 8 | Int(section[offset + 1])
            programs[number] = Int(section[offset + 2] & 0x1F) << 8 | Int(section[offset + 3])
        }
        programs[0] = nil
        programMap = programs.min { $0.key < $1.key }?.value
    }

    private mutating func readMap(_ section: [UInt8]) {
        guard section.count >= 16 else { return }
        clockPID = Int(section[8] & 0x1F) << 8 | Int(section[9])
        var offset = 12 + (Int(section[10] & 0x0F) << 8 | Int(section[11]))
        while offset + 5 <= section.count - 4 {
            let pid = Int(section[offset + 1] & 0x1F) << 8 | Int(section[offset + 2])
            if let kind = TimedData.Kind(rawValue: section[offset]), kinds[pid] == nil {
                kinds[pid] = kind
                found.append(TimedData(kind: kind, time90k: nil, payload: []))
            }
            offset += 5 + (Int(section[offset + 3] & 0x0F) << 8 | Int(section[offset + 4]))
        }
    }

    // MARK: - PES (§2.4.3.6)

    private mutating func takePES(_ payload: ArraySlice<UInt8>, _ begins: Bool, _ pid: Int) {
        if begins {
            pieces[pid] = Array(payload)
        } else if let known = pieces[pid], known.count < Self.maximumPESBytes {
            pieces[pid] = known + payload
        }
        guard let pes = pieces[pid], pes.count >= 9, pes.starts(with: [0, 0, 1]) else { return }
        let length = 6 + (Int(pes[4]) << 8 | Int(pes[5]))
        guard length > 6, pes.count >= length else { return }
        pieces[pid] = nil
        let start = 9 + Int(pes[8])
        guard pes[7] & 0x80 != 0, pes[8] >= 5, start < length else { return }
        let high = Int64(pes[9] >> 1 & 7) << 30
        let middle = (Int64(pes[10]) << 7 | Int64(pes[11] >> 1)) << 15
        let low = Int64(pes[12]) << 7 | Int64(pes[13] >> 1)
        found.append(TimedData(kind: .id3, time90k: high | middle | low, payload: Array(pes[start..<length])))
    }
}

/// A piece of data that belongs to a time: what a transport stream carries besides video and audio.
struct TimedData: Equatable, Sendable {
    enum Kind: UInt8, Sendable, CaseIterable {
        /// Its stream type in a program map.
        case id3 = 0x15
        case spliceInformation = 0x86
    }

    var kind: Kind
    /// 33 bits at 90 kHz, of the source; `nil`: not known.
    var time90k: Int64?
    /// Empty: the stream is announced.
    var payload: [UInt8]
}
