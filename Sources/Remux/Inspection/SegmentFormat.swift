/// Formats of Media Segments other than an MPEG transport stream, told by their first bytes, and images, behind which some
/// servers hide media. Pure.
enum SegmentFormat: Equatable, CustomStringConvertible {
    case fragmentedMP4
    case webVTT
    /// Packed audio (RFC 8216bis §3.1.3) begins with an ID3 tag.
    case id3
    case adts
    case mp3
    case ac3
    case enhancedAC3
    case image(String)

    /// Enough to see two frames of any audio.
    static let audioHeadBytes = 8192 + 2

    /// How segments of the format are read; `nil` for what is no media.
    var container: SegmentContainer? {
        switch self {
        case .fragmentedMP4: .fragmentedMP4
        case .webVTT: .webVTT
        case .id3, .adts, .mp3, .ac3, .enhancedAC3: .packedAudio
        case .image: nil
        }
    }

    /// Nil for bytes of no such format.
    init?(head: [UInt8]) {
        func begins(_ bytes: [UInt8], at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: bytes) }
        func begins(_ text: String, at offset: Int = 0) -> Bool { begins(Array(text.utf8), at: offset) }

        if Self.beginsWithBoxes(head) {
            self = .fragmentedMP4
        } else if begins("WEBVTT") || begins([0xEF, 0xBB, 0xBF] + Array("WEBVTT".utf8)) {
            self = .webVTT
        } else if begins("ID3") {
            self = .id3
        } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .image("PNG")
        } else if begins([0xFF, 0xD8, 0xFF]) {
            self = .image("JPEG")
        } else if begins("GIF87a") || begins("GIF89a") {
            self = .image("GIF")
        } else if begins("BM"), begins([0, 0, 0, 0], at: 6) {
            self = .image("BMP")
        } else if Self.isADTS(head) {
            self = .adts
        } else if Self.isMP3(head) {
            self = .mp3
        } else if Self.isAC3(head) {
            self = head[5] >> 3 <= 10 ? .ac3 : .enhancedAC3
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .fragmentedMP4: "fragmented MP4"
        case .webVTT: "WebVTT"
        case .id3: "packed audio behind an ID3 tag"
        case .adts: "packed audio (AAC with ADTS headers)"
        case .mp3: "packed audio (MP3)"
        case .ac3: "packed audio (AC-3)"
        case .enhancedAC3: "packed audio (Enhanced AC-3)"
        case .image(let kind): "a \(kind) image, or media behind one"
        }
    }

    private static let boxTypes: Set<FourCC> = [
        "ftyp", "styp", "moof", "moov", "sidx", "emsg", "prft", "ssix", "mdat", "free", "uuid",
    ]

    /// Whether a box stands there that segments are made of, behind any number of others: unknown boxes are ignored
    /// (ISO/IEC 14496-12 §4.2.2).
    private static func beginsWithBoxes(_ head: [UInt8]) -> Bool {
        // Of these the name alone tells.
        if let type = head.read32(at: 4), boxTypes.contains(FourCC(type)) { return true }
        var rest = head[...]
        while let box = BoxHeader(rest), box.type.isPrintable {
            if boxTypes.contains(box.type) { return true }
            guard let size = box.size, size < rest.count else { return false }
            rest = rest.dropFirst(Int(size))
        }
        return false
    }

    /// ISO/IEC 14496-3 §1.A.2.2: a frame, and another one behind it where that is here. The frame's length counts its
    /// header.
    private static func isADTS(_ head: [UInt8]) -> Bool {
        guard head.count >= 7, head[0] == 0xFF, head[1] & 0xF6 == 0xF0, head[2] >> 2 & 0x0F < 13 else { return false }
        let length = Int(head[3] & 0x03) << 11 | Int(head[4]) << 3 | Int(head[5]) >> 5
        guard length >= 7 else { return false }
        guard length + 1 < head.count else { return true }
        return head[length] == 0xFF && head[length + 1] & 0xF6 == 0xF0
    }

    /// ISO/IEC 11172-3 §2.4.1.3, Layer III: a frame, and another one behind it where that is here.
    private static func isMP3(_ head: [UInt8]) -> Bool {
        guard head.count >= 4, isMP3Header(head[0], head[1]) else { return false }
        let (bitRateIndex, sampleRateIndex) = (Int(head[2] >> 4), Int(head[2] >> 2 & 0x03))
        guard (1...14).contains(bitRateIndex), sampleRateIndex < 3 else { return false }
        // Versions 2 and 2.5 have half and a quarter of the sample rates, and frames of half as many samples.
        let shift = [2, 0, 1, 0][Int(head[1] >> 3 & 0x03)]
        let rates = shift == 0 ? mpeg1BitRates : mpeg2BitRates
        let length =
            (shift == 0 ? 144 : 72) * rates[bitRateIndex - 1] * 1000
            / ([44_100, 48_000, 32_000][sampleRateIndex] >> shift)
            + Int(head[2] >> 1 & 1)
        guard length + 1 < head.count else { return true }
        return isMP3Header(head[length], head[length + 1])
    }

    private static let mpeg1BitRates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    private static let mpeg2BitRates = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]

    private static func isMP3Header(_ first: UInt8, _ second: UInt8) -> Bool {
        first == 0xFF && second & 0xE6 == 0xE2 && second >> 3 & 0x03 != 1
    }

    /// ETSI TS 102 366 §4.3 and §E.1.2: the sync word, and the bit stream identification of AC-3 or Enhanced AC-3.
    private static func isAC3(_ head: [UInt8]) -> Bool {
        guard head.count >= 6, head[0] == 0x0B, head[1] == 0x77 else { return false }
        return head[5] >> 3 <= 16
    }
}
