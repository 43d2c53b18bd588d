/// What samples of a protected sample entry look like when they were decrypted with the right key. Pure.
struct ProtectedSyntax: Equatable {
    private enum Codec: Equatable {
        case aac(channelConfiguration: Int)
        case dolby
        case avc(lengthBytes: Int)
        case hevc(lengthBytes: Int)
    }

    private let codec: Codec

    /// `nil` for a codec of whose samples nothing can be seen.
    init?(_ entry: SampleEntry) {
        switch entry.codingFormat {
        case "mp4a":
            guard let configuration = Self.channelConfiguration(entry) else { return nil }
            codec = .aac(channelConfiguration: configuration)
        case "ac-3", "ec-3":
            codec = .dolby
        case "avc1", "avc3":
            guard let bytes = Self.lengthBytes(entry, "avcC", at: 4) else { return nil }
            codec = .avc(lengthBytes: bytes)
        case "hvc1", "hev1", "dvh1", "dvhe":
            guard let bytes = Self.lengthBytes(entry, "hvcC", at: 21) else { return nil }
            codec = .hevc(lengthBytes: bytes)
        default:
            return nil
        }
    }

    /// Whether a sample looks right; `nil` where what could tell is not encrypted.
    ///
    /// - Parameter isEncrypted: whether the byte at a position may be.
    func isPlausible(_ sample: UnsafeRawBufferPointer, isEncrypted: (Int) -> Bool) -> Bool? {
        switch codec {
        case .aac(let configuration):
            isEncrypted(0) ? SampleSyntax.beginsRawDataBlock(sample, channelConfiguration: configuration) : nil
        case .dolby:
            SampleSyntax.hasDolbyChecksum(sample)
        case .avc(let lengthBytes):
            SampleSyntax.beginsPicture(sample, lengthBytes: lengthBytes, isHEVC: false, isEncrypted: isEncrypted)
        case .hevc(let lengthBytes):
            SampleSyntax.beginsPicture(sample, lengthBytes: lengthBytes, isHEVC: true, isEncrypted: isEncrypted)
        }
    }

    /// `lengthSizeMinusOne` of a decoder configuration record (ISO/IEC 14496-15 §5.3.3, §8.3.3).
    private static func lengthBytes(_ entry: SampleEntry, _ type: FourCC, at offset: Int) -> Int? {
        let record = BoxList.first(type, in: entry.clearBytes.dropFirst(8 + 78))
        return record.flatMap { $0.dropFirst(offset).first }.map { Int($0 & 3) + 1 }
    }

    /// From the AudioSpecificConfig of AAC (ISO/IEC 14496-3 §1.6.2.1), where frames begin with elements: object types below
    /// those that are error resilient.
    private static func channelConfiguration(_ entry: SampleEntry) -> Int? {
        guard let box = BoxList.first("esds", in: entry.clearBytes.dropFirst(8 + 28)) else { return nil }
        var reader = ByteReader(box.dropFirst(4))
        while let tag = reader.read8(), let size = descriptorBytes(&reader) {
            switch tag {
            case 3: guard reader.skip(3) else { return nil }
            case 4: guard reader.read8() == 0x40, reader.skip(12) else { return nil }
            case 5:
                guard let config = reader.read(bytes: size), config.count >= 2 else { return nil }
                let word = config.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                let (objectType, frequency) = (word >> 11, word >> 7 & 15)
                guard objectType < 17 || objectType == 29, frequency != 15 else { return nil }
                return word >> 3 & 15
            default: guard reader.skip(size) else { return nil }
            }
        }
        return nil
    }

    private static func descriptorBytes(_ reader: inout ByteReader) -> Int? {
        var size = 0
        for _ in 0..<4 {
            guard let byte = reader.read8() else { return nil }
            size = size << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return size }
        }
        return nil
    }
}
