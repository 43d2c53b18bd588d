/// The parameter sets inside a codec configuration record: `avcC` and `hvcC` (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1). Pure.
struct CodecConfiguration: Equatable {
    /// Bytes of the length before each unit of a sample.
    var lengthBytes: Int
    /// The units, without start codes or lengths.
    var parameterSets: [[UInt8]]

    /// Reads an `avcC` record.
    init?(avc record: [UInt8]) {
        var reader = ByteReader(record)
        guard reader.read8() == 1, reader.skip(3), let sizes = reader.read8(), let count = reader.read8() else {
            return nil
        }
        lengthBytes = Int(sizes & 3) + 1
        parameterSets = []
        guard readUnits(Int(count & 0x1F), &reader), let pictureSets = reader.read8(),
            readUnits(Int(pictureSets), &reader)
        else { return nil }
    }

    /// Reads an `hvcC` record.
    init?(hevc record: [UInt8]) {
        var reader = ByteReader(record)
        guard reader.read8() == 1, reader.skip(20), let sizes = reader.read8(), let arrays = reader.read8() else {
            return nil
        }
        lengthBytes = Int(sizes & 3) + 1
        parameterSets = []
        for _ in 0..<arrays {
            guard reader.skip(1), let count = reader.read16(), readUnits(Int(count), &reader) else { return nil }
        }
    }

    /// Whether a decoder can start with them: a sequence and a picture parameter set of H.264; of H.265 a video one too.
    func isComplete(hevc: Bool) -> Bool {
        let types = Set(parameterSets.compactMap(\.first).map { hevc ? $0 >> 1 & 0x3F : $0 & 0x1F })
        return types.isSuperset(of: hevc ? [32, 33, 34] : [7, 8])
    }

    private mutating func readUnits(_ count: Int, _ reader: inout ByteReader) -> Bool {
        for _ in 0..<count {
            guard let length = reader.read16(), let unit = reader.read(bytes: Int(length)) else { return false }
            parameterSets.append(Array(unit))
        }
        return true
    }
}
