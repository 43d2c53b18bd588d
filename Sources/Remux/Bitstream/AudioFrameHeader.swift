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
    /// Bytes of the whole frame; `nil`: it does not say.
    var frameBytes: Int?

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
        frameBytes = Self.mpegAudioBytes(frame, layer: layer, isLow: isLow, sampleRate, sampleCount)
    }

    /// `nil` for the free format, whose frames do not tell their length.
    private static func mpegAudioBytes(
        _ frame: UnsafeRawBufferPointer,
        layer: Int,
        isLow: Bool,
        _ sampleRate: Int,
        _ sampleCount: Int
    ) -> Int? {
        let index = Int(frame[2] >> 4)
        let row = isLow ? (layer == 1 ? 3 : 4) : layer - 1
        guard index > 0, index < 15 else { return nil }
        let isPadded = Int(frame[2] >> 1 & 1)
        let bitRate = mpegAudioBitRates[row][index - 1] * 1000
        // Layer I counts in words of four bytes.
        return layer == 1
            ? (12 * bitRate / sampleRate + isPadded) * 4 : sampleCount / 8 * bitRate / sampleRate + isPadded
    }

    /// kbit/s: Layers I, II, III of version 1; Layer I of version 2; Layers II and III of version 2.
    private static let mpegAudioBitRates = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]

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

    /// The first syncframe of AC-3 or Enhanced AC-3 (ETSI TS 102 366 §4.3, §E.1.2); `nil` where there is none.
    ///
    /// Of an access unit with dependent substreams, this is the independent one they belong to.
    init?(ac3 frame: UnsafeRawBufferPointer) {
        guard frame.count >= 7, frame[0] == 0x0B, frame[1] == 0x77 else { return nil }
        let identification = Int(frame[5] >> 3)
        guard identification <= 16 else { return nil }
        let isEnhanced = identification > 10
        var reader = BitReader(UnsafeRawBufferPointer(rebasing: frame.dropFirst(isEnhanced ? 2 : 4)))
        if isEnhanced, reader.skip(2 + 3 + 11) == nil { return nil }
        guard let rateCode = reader.bits(2) else { return nil }
        let rates = [48_000, 44_100, 32_000]
        let mode: UInt32?
        if isEnhanced {
            guard let blocksCode = reader.bits(2), rateCode < 3 || blocksCode < 3 else { return nil }
            sampleRate = rateCode < 3 ? rates[Int(rateCode)] : rates[Int(blocksCode)] / 2
            sampleCount = 256 * (rateCode < 3 ? [1, 2, 3, 6][Int(blocksCode)] : 6)
            frameBytes = 2 * ((Int(frame[2] & 7) << 8 | Int(frame[3])) + 1)
            mode = reader.bits(3)
        } else {
            guard rateCode < 3, let sizeCode = reader.bits(6), reader.skip(5 + 3) != nil else { return nil }
            frameBytes = Self.ac3Bytes(sizeCode: Int(sizeCode), rateCode: Int(rateCode))
            sampleRate = rates[Int(rateCode)] >> max(0, identification - 8)
            sampleCount = 1536
            mode = reader.bits(3)
            guard let mode else { return nil }
            let levels = (mode & 1 == 1 && mode != 1 ? 2 : 0) + (mode & 4 != 0 ? 2 : 0) + (mode == 2 ? 2 : 0)
            if reader.skip(levels) == nil { return nil }
        }
        guard let mode, let hasLowFrequency = reader.bit() else { return nil }
        channelCount = [2, 1, 2, 3, 3, 4, 4, 5][Int(mode)] + Int(hasLowFrequency)
    }

    /// Table 4.13 of ETSI TS 102 366: every bit rate twice, and at 44.1 kHz the second time a word longer.
    private static func ac3Bytes(sizeCode: Int, rateCode: Int) -> Int? {
        let rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]
        guard sizeCode / 2 < rates.count else { return nil }
        let rate = rates[sizeCode / 2]
        switch rateCode {
        case 0: return 4 * rate
        case 1: return 2 * (rate * 96_000 / 44_100 + sizeCode % 2)
        default: return 6 * rate
        }
    }
}
