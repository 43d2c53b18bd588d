/// What can be seen of a decrypted sample without decoding it. Each is true of what encoders make, and seldom of noise. Pure.
enum SampleSyntax {
    /// Whether the first frame of AC-3 or Enhanced AC-3 has the right checksum (ETSI TS 102 366 §4.4.6.1, CRC-16 over
    /// everything behind the sync word).
    ///
    /// - Parameter sample: one frame, or several: dependent substreams, and frames of fewer than six blocks (§F.2), stand
    ///   in one sample.
    static func hasDolbyChecksum(_ sample: UnsafeRawBufferPointer) -> Bool {
        guard let count = AudioFrameHeader(ac3: sample)?.frameBytes, count <= sample.count else { return false }
        var remainder: UInt16 = 0
        for byte in sample.prefix(count).dropFirst(2) {
            remainder = remainder << 8 ^ checksums[Int(remainder >> 8 ^ UInt16(byte))]
        }
        return remainder == 0
    }

    private static let checksums: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1 }
    }

    /// Whether AAC ends as a raw data block does: ID_END, then zero bits to the end of the byte (ISO/IEC 14496-3 §4.4.2.1).
    /// One in four of noise does.
    static func endsRawDataBlock(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count >= 2 else { return false }
        let end = UInt16(frame[frame.count - 2]) << 8 | UInt16(frame[frame.count - 1])
        let zeros = end.trailingZeroBitCount
        return zeros <= 7 && end >> UInt16(zeros) & 7 == 7
    }

    /// Whether AAC begins with an element that may come first (ISO/IEC 14496-3 §4.5.2.1), its reserved bit zero. About half
    /// of noise does.
    static func beginsRawDataBlock(_ block: UnsafeRawBufferPointer) -> Bool {
        guard block.count >= 3 else { return true }
        switch block[0] >> 5 {
        // A single channel: tag, gain, the reserved bit.
        case 0: return bit(block, 15) == 0
        // A pair: tag, whether they share a window; where they do, the reserved bit.
        case 1: return bit(block, 7) == 0 || bit(block, 8) == 0
        case 4, 5, 6: return true
        default: return false
        }
    }

    /// Whether NAL units behind lengths fill an access unit, and its first slice is the first of a picture
    /// (`first_mb_in_slice`, `first_slice_segment_in_pic_flag`). About half of noise has that bit.
    ///
    /// - Returns: `nil` where the bit is not among the bytes that `isEncrypted` tells of.
    static func beginsPicture(
        _ sample: UnsafeRawBufferPointer,
        lengthBytes: Int,
        isHEVC: Bool,
        isEncrypted: (Int) -> Bool
    ) -> Bool? {
        var offset = 0
        var slice: Int?
        let headerBytes = isHEVC ? 2 : 1
        while offset < sample.count {
            guard sample.count - offset > lengthBytes else { return false }
            let length = sample[offset..<offset + lengthBytes].reduce(0) { $0 << 8 | Int($1) }
            offset += lengthBytes
            guard length <= sample.count - offset else { return false }
            if length > headerBytes, slice == nil {
                let type = isHEVC ? sample[offset] >> 1 & 0x3F : sample[offset] & 0x1F
                if isHEVC ? type < 32 : type == 1 || type == 5 { slice = offset + headerBytes }
            }
            offset += length
        }
        guard let slice, isEncrypted(slice) else { return nil }
        return sample[slice] & 0x80 != 0
    }

    private static func bit(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt8 {
        bytes[index / 8] >> UInt8(7 - index % 8) & 1
    }
}
