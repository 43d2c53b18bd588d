/// What one frame of sound says of itself. Pure.
struct AudioFrameHeader: Equatable {
    /// Hertz.
    var sampleRate: Int
    /// 0: the frame does not say.
    var channelCount: Int
    /// Samples in the frame.
    var sampleCount: Int
    /// MPEG audio: 1, 2 or 3; else 0.
    var layer = 0

    /// The header of an MPEG audio frame (ISO/IEC 11172-3 §2.4.2.3, ISO/IEC 13818-3 §2.4.2.3, and the quarter rates of
    /// "MPEG 2.5"); `nil` where there is none.
    init?(mpegAudio frame: UnsafeRawBufferPointer) {
        guard frame.count >= 4, frame[0] == 0xFF, frame[1] & 0xE0 == 0xE0 else { return nil }
        let version = Int(frame[1] >> 3 & 3)
        let rateIndex = Int(frame[2] >> 2 & 3)
        layer = 4 - Int(frame[1] >> 1 & 3)
        guard version != 1, (1...3).contains(layer), rateIndex < 3, frame[2] >> 4 != 15 else { return nil }
        let isLow = version != 3
        sampleRate = [44_100, 48_000, 32_000][rateIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
        channelCount = frame[3] >> 6 == 3 ? 1 : 2
        sampleCount = layer == 1 ? 384 : layer == 3 && isLow ? 576 : 1152
    }

    /// An Opus packet (RFC 6716 §3.1), at the 48 kHz that its containers count in; `nil` for none or more than 120 ms.
    init?(opus packet: UnsafeRawBufferPointer) {
        guard let first = packet.first else { return nil }
        let config = Int(first >> 3)
        let samples =
            switch config {
            case 0..<12: [480, 960, 1920, 2880][config & 3]
            case 12..<16: [480, 960][config & 1]
            default: [120, 240, 480, 960][config & 3]
            }
        let frames: Int
        switch first & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard packet.count >= 2 else { return nil }
            frames = Int(packet[1] & 0x3F)
        }
        sampleRate = 48_000
        channelCount = 0
        sampleCount = samples * frames
        guard (1...5760).contains(sampleCount) else { return nil }
    }

    /// The first syncframe of an access unit of Enhanced AC-3 (ETSI TS 102 366 §E.1.2.2); `nil` where there is none.
    /// libavcodec's parser names no channels. Those of further substreams are not counted: the sample entry describes them
    /// elsewhere (`dec3`).
    init?(enhancedAC3 unit: UnsafeRawBufferPointer) {
        guard unit.count >= 6, unit[0] == 0x0B, unit[1] == 0x77, (11...16).contains(unit[5] >> 3) else { return nil }
        let rateCode = Int(unit[4] >> 6)
        let blockCode = Int(unit[4] >> 4 & 3)
        if rateCode == 3 {
            // Half the rates, and always six blocks.
            guard blockCode < 3 else { return nil }
            sampleRate = [24_000, 22_050, 16_000][blockCode]
            sampleCount = 6 * 256
        } else {
            sampleRate = [48_000, 44_100, 32_000][rateCode]
            sampleCount = [1, 2, 3, 6][blockCode] * 256
        }
        channelCount = [2, 1, 2, 3, 3, 4, 4, 5][Int(unit[4] >> 1 & 7)] + Int(unit[4] & 1)
    }

    /// - Parameters are what a parser has found.
    init(sampleRate: Int, channelCount: Int, sampleCount: Int) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.sampleCount = sampleCount
    }
}
