/// Adds streams of timed data to the program map that libavformat writes (ISO/IEC 13818-1 §2.4.4.8, §2.6.58, §2.6.60). Pure.
enum ProgramMap {
    /// libavformat's own.
    static let pid = 0x1000

    /// The packet with the streams added; `nil` where it holds no whole program map, or they do not fit.
    static func adding(_ kinds: [TimedData.Kind], to packet: ArraySlice<UInt8>) -> [UInt8]? {
        let bytes = Array(packet)
        guard bytes.count == 188, bytes[1] & 0x40 != 0, bytes[3] & 0x30 == 0x10, bytes[4] == 0 else { return nil }
        let section = Array(bytes[5...])
        let length = 3 + (Int(section[1] & 0x0F) << 8 | Int(section[2]))
        guard section[0] == 0x02, length >= 16, length <= section.count else { return nil }
        let infoEnd = 12 + (Int(section[10] & 0x0F) << 8 | Int(section[11]))
        guard infoEnd <= length - 4 else { return nil }
        var info = Array(section[12..<infoEnd])
        var streams = Array(section[infoEnd..<length - 4])
        for kind in kinds {
            info += programDescriptors(kind, program: section[3...4])
            let descriptors = streamDescriptors(kind)
            let pid = DataPackets.pid(kind)
            streams +=
                [kind.rawValue, 0xE0 | UInt8(pid >> 8), UInt8(pid & 0xFF), 0xF0, UInt8(descriptors.count)] + descriptors
        }
        let size = 9 + info.count + streams.count + 4
        guard 5 + 3 + size <= 188 else { return nil }
        var changed: [UInt8] = [0x02, section[1] & 0xF0 | UInt8(size >> 8), UInt8(size & 0xFF)] + section[3..<10]
        changed += [0xF0 | UInt8(info.count >> 8), UInt8(info.count & 0xFF)] + info + streams
        changed.append32(SectionCheck.crc32(changed))
        let whole = bytes[..<5] + changed
        return whole + [UInt8](repeating: 0xFF, count: 188 - whole.count)
    }

    private static func programDescriptors(_ kind: TimedData.Kind, program: ArraySlice<UInt8>) -> [UInt8] {
        switch kind {
        case .id3: [0x25, 15] + id3Format + [0, 0x1F] + program
        case .spliceInformation: [0x05, 4] + Array("CUEI".utf8)
        }
    }

    private static func streamDescriptors(_ kind: TimedData.Kind) -> [UInt8] {
        switch kind {
        case .id3: [0x26, 13] + id3Format + [0, 0x0F]
        case .spliceInformation: []
        }
    }

    /// Timed Metadata for HTTP Live Streaming: application format and format are `ID3 `.
    private static let id3Format: [UInt8] = [0xFF, 0xFF] + Array("ID3 ".utf8) + [0xFF] + Array("ID3 ".utf8)
}
