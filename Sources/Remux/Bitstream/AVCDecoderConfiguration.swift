/// An `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1), the payload of an `avcC` box, with four-byte lengths.
enum AVCDecoderConfiguration {
    /// Builds the record; `nil` where there is no usable parameter set, or one is too long for its 16-bit length.
    static func record(
        _ first: AVCSequenceParameterSet,
        sequenceSets: [[UInt8]],
        pictureSets: [[UInt8]]
    ) -> [UInt8]? {
        guard !sequenceSets.isEmpty, sequenceSets.count <= 31, !pictureSets.isEmpty, pictureSets.count <= 255,
            (sequenceSets + pictureSets).allSatisfy({ $0.count <= 0xFFFF })
        else { return nil }
        var record: [UInt8] = [1, first.profile, first.compatibility, first.level, 0xFF]
        record.append(0xE0 | UInt8(sequenceSets.count))
        for set in sequenceSets { append(set, to: &record) }
        record.append(UInt8(pictureSets.count))
        for set in pictureSets { append(set, to: &record) }
        if AVCSequenceParameterSet.highProfiles.contains(UInt32(first.profile)) {
            record.append(0xFC | first.chromaFormat)
            record.append(0xF8 | (first.bitDepthLuma - 8))
            record.append(0xF8 | (first.bitDepthChroma - 8))
            record.append(0)
        }
        return record
    }

    private static func append(_ set: [UInt8], to record: inout [UInt8]) {
        record.append(UInt8(set.count >> 8))
        record.append(UInt8(set.count & 0xFF))
        record += set
    }
}
