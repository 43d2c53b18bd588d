/// A program config element (ISO/IEC 14496-3 §4.4.1.1): channels of AAC whose ADTS channel configuration is 0.
struct ProgramConfigElement {
    var channelCount: Int
    /// AudioSpecificConfig with channel configuration 0 and this element behind it (§1.6.2.1, GASpecificConfig).
    var audioSpecificConfig: [UInt8]

    /// Reads the element at the start of a raw data block; `nil` where the block begins with another element.
    init?(rawDataBlock: UnsafeRawBufferPointer, objectType: UInt8, frequencyIndex: UInt8) {
        var reader = BitReader(rawDataBlock)
        guard reader.bits(3) == 5 else { return nil }
        var writer = BitWriter()
        // audioObjectType, samplingFrequencyIndex, channelConfiguration 0, then GASpecificConfig: three flags, all 0.
        writer.append(UInt32(objectType), 5)
        writer.append(UInt32(frequencyIndex), 4)
        writer.append(0, 4)
        writer.append(0, 3)
        func copy(_ count: Int) -> UInt32? {
            guard let value = reader.bits(count) else { return nil }
            writer.append(value, count)
            return value
        }
        guard copy(4) != nil, copy(2) != nil, copy(4) != nil, let front = copy(4), let side = copy(4),
            let back = copy(4), let lowFrequency = copy(2), let data = copy(3), let coupling = copy(4)
        else { return nil }
        for width in [4, 4] {
            guard let present = copy(1) else { return nil }
            if present == 1, copy(width) == nil { return nil }
        }
        guard let matrix = copy(1) else { return nil }
        if matrix == 1, copy(3) == nil { return nil }
        var channels = Int(lowFrequency)
        for _ in 0..<(front + side + back) {
            guard let isPair = copy(1), copy(4) != nil else { return nil }
            channels += isPair == 1 ? 2 : 1
        }
        for _ in 0..<(lowFrequency + data) where copy(4) == nil { return nil }
        for _ in 0..<coupling where copy(5) == nil { return nil }
        writer.alignToByte()
        reader.alignToByte()
        guard let commentLength = copy(8) else { return nil }
        for _ in 0..<commentLength where copy(8) == nil { return nil }
        channelCount = channels
        audioSpecificConfig = writer.bytes
    }
}

/// Writes bits, most significant first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var freeBits = 0

    /// Appends the low `count` bits of `value`.
    mutating func append(_ value: UInt32, _ count: Int) {
        for shift in stride(from: count - 1, through: 0, by: -1) {
            if freeBits == 0 {
                bytes.append(0)
                freeBits = 8
            }
            freeBits -= 1
            bytes[bytes.count - 1] |= UInt8((value >> UInt32(shift)) & 1) << UInt8(freeBits)
        }
    }

    /// Fills the last byte with zero bits.
    mutating func alignToByte() { freeBits = 0 }
}
