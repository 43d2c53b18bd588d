/// The header of one ADTS frame (ISO/IEC 14496-3 §1.A.3.2, ISO/IEC 13818-7 §6.2).
struct ADTSHeader: Equatable {
    /// MPEG-4 audio object type 1…4 (Main, LC, SSR, LTP).
    var objectType: UInt8
    var frequencyIndex: UInt8
    /// 0: the channels are described by a program config element in the frame.
    var channelConfiguration: UInt8
    /// Header bytes: 7, or 9 with a checksum.
    var headerLength: Int
    /// Whole frame in bytes, header included.
    var frameLength: Int
    /// Raw data blocks in the frame, 1…4; each is 1,024 samples.
    var blockCount: Int

    static let frequencies = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
    ]
    static let samplesPerBlock = 1024

    /// Hertz.
    var sampleRate: Int { Self.frequencies[Int(frequencyIndex)] }

    /// Reads the header at the start of `bytes`; `nil` where there is none or it contradicts itself.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 7, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 else { return nil }
        objectType = (bytes[2] >> 6) + 1
        frequencyIndex = (bytes[2] >> 2) & 0x0F
        channelConfiguration = ((bytes[2] & 1) << 2) | (bytes[3] >> 6)
        headerLength = bytes[1] & 1 == 1 ? 7 : 9
        frameLength = (Int(bytes[3] & 3) << 11) | (Int(bytes[4]) << 3) | Int(bytes[5] >> 5)
        blockCount = Int(bytes[6] & 3) + 1
        guard Int(frequencyIndex) < Self.frequencies.count, frameLength > headerLength else { return nil }
    }

    /// The two-byte AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) of this frame; only right where the channel
    /// configuration is not 0.
    var audioSpecificConfig: [UInt8] {
        [
            (objectType << 3) | (frequencyIndex >> 1),
            ((frequencyIndex & 1) << 7) | (channelConfiguration << 3),
        ]
    }

    /// Channels by configuration (ISO/IEC 14496-3 table 1.19); 0 where a program config element says.
    var channelCount: Int { [0, 1, 2, 3, 4, 5, 6, 8][Int(channelConfiguration)] }
}
