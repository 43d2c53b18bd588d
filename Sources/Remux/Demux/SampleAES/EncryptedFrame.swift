/// Where a frame of sound ends, and which bytes of it SAMPLE-AES encrypts (Apple, MPEG-2 Stream Encryption Format for HTTP
/// Live Streaming, "Audio Encryption"). Pure.
struct EncryptedFrame: Equatable {
    /// The codecs that SAMPLE-AES knows.
    enum Codec: Equatable {
        /// AAC behind ADTS headers.
        case adts
        /// AC-3 and Enhanced AC-3, told apart by each frame.
        case dolby
    }

    /// What stands at a place in the stream.
    enum Finding: Equatable {
        case frame(EncryptedFrame)
        /// It takes more bytes to tell.
        case tooShort
        case none
    }

    /// Bytes of the whole frame.
    var byteCount: Int
    /// Bytes before the first encrypted block.
    var clearBytes: Int

    /// Bytes of clear sound in front of the first block.
    private static let leaderBytes = 16

    /// Reads the header at the start of `bytes`.
    static func find(_ codec: Codec, at bytes: UnsafeRawBufferPointer) -> Finding {
        switch codec {
        case .adts:
            if let header = ADTSHeader(bytes) {
                return .frame(
                    EncryptedFrame(byteCount: header.frameLength, clearBytes: header.headerLength + leaderBytes)
                )
            }
            return bytes.count < 7 && begins(bytes, [0xFF, 0xF0], mask: [0xFF, 0xF6]) ? .tooShort : .none
        case .dolby:
            guard begins(bytes, [0x0B, 0x77], mask: [0xFF, 0xFF]) else { return .none }
            guard bytes.count >= 6 else { return .tooShort }
            guard let size = dolbyFrameBytes(bytes) else { return .none }
            return .frame(EncryptedFrame(byteCount: size, clearBytes: leaderBytes))
        }
    }

    /// The encrypted blocks, in a frame that is whole.
    func blocks(of frame: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        let body = frame.prefix(byteCount).dropFirst(clearBytes)
        return UnsafeMutableRawBufferPointer(rebasing: body.prefix(body.count / 16 * 16))
    }

    private static func begins(_ bytes: UnsafeRawBufferPointer, _ pattern: [UInt8], mask: [UInt8]) -> Bool {
        zip(bytes, zip(pattern, mask)).allSatisfy { $0 & $1.1 == $1.0 }
    }

    /// ETSI TS 102 366 §4.4.1.4 (AC-3), §E.1.3.1.3 (Enhanced AC-3).
    private static func dolbyFrameBytes(_ bytes: UnsafeRawBufferPointer) -> Int? {
        if bytes[5] >> 3 > 10 {
            guard bytes[5] >> 3 <= 16 else { return nil }
            let size = 2 * ((Int(bytes[2] & 7) << 8 | Int(bytes[3])) + 1)
            return size >= 8 ? size : nil
        }
        let (rate, code) = (bytes[4] >> 6, Int(bytes[4] & 0x3F))
        guard code < 2 * kilobits.count else { return nil }
        switch rate {
        case 0: return 4 * kilobits[code / 2]
        case 1: return 2 * (320 * kilobits[code / 2] / 147 + code % 2)
        case 2: return 6 * kilobits[code / 2]
        default: return nil
        }
    }

    private static let kilobits = [
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
    ]
}
