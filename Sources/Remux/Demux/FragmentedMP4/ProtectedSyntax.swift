/// What samples of a protected sample entry look like when they were decrypted with the right key. Pure.
struct ProtectedSyntax: Equatable {
    private enum Codec: Equatable {
        case aac
        case dolby
        case avc(lengthBytes: Int)
        case hevc(lengthBytes: Int)
    }

    private let codec: Codec

    /// `nil` for a codec of whose samples nothing can be seen.
    init?(_ entry: SampleEntry) {
        switch entry.codingFormat {
        case "mp4a":
            guard Self.hasElements(entry) else { return nil }
            codec = .aac
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
        case .aac:
            isEncrypted(0) ? SampleSyntax.beginsRawDataBlock(sample) : nil
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

    /// Whether the frames begin with elements: AAC (ISO/IEC 14496-3 §1.5.1) of the object types before those that are error
    /// resilient, and their extensions.
    private static func hasElements(_ entry: SampleEntry) -> Bool {
        guard let box = BoxList.first("esds", in: entry.clearBytes.dropFirst(8 + 28)) else { return false }
        var reader = ByteReader(box.dropFirst(4))
        while let tag = reader.read8(), let size = descriptorBytes(&reader) {
            switch tag {
            case 3: guard reader.skip(3) else { return false }
            case 4: guard reader.read8() == 0x40, reader.skip(12) else { return false }
            case 5: return reader.read8().map { $0 >> 3 < 17 || $0 >> 3 == 29 } ?? false
            default: guard reader.skip(size) else { return false }
            }
        }
        return false
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
