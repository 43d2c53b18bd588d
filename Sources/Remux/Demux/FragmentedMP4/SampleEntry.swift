/// An entry of a sample description box (ISO/IEC 14496-12 §8.5.2). Pure.
struct SampleEntry: Equatable {
    /// As written: `avc1`, `mp4a`; `encv` or `enca` where protected.
    var format: FourCC
    /// What it is without protection (`frma`).
    var codingFormat: FourCC
    /// `nil`: clear.
    var protection: SampleProtection?
    /// The entry without its protection: what its samples are once they are decrypted.
    var clearBytes: [UInt8]

    static let maximumCount = 64

    /// Its samples are encrypted, whether it is understood how or not.
    var isProtected: Bool { format == "encv" || format == "enca" || format == "enct" }

    /// - Parameter handler: the track's: it decides how the entry's fields are laid out.
    init(_ entry: BoxList.Entry, handler: FourCC) {
        format = entry.type
        codingFormat = entry.type
        clearBytes = Array(entry.whole)
        guard isProtected else { return }
        let fields = Self.fieldBytes(entry.payload, handler: handler)
        guard fields <= entry.payload.count else { return }
        var children: [UInt8] = []
        for child in BoxList(entry.payload.dropFirst(fields)) {
            guard child.type == "sinf" else {
                children += child.whole
                continue
            }
            if let original = BoxList.first("frma", in: child.payload)?.read32(at: 0) {
                codingFormat = FourCC(original)
            }
            protection = protection ?? SampleProtection(information: child.payload)
        }
        let kept = entry.payload.prefix(fields)
        clearBytes = []
        clearBytes.append32(UInt32(clamping: 8 + kept.count + children.count))
        clearBytes.append(code: codingFormat)
        clearBytes += kept
        clearBytes += children
    }

    /// The entry as it goes into the output: H.265 as `hvc1` (DESIGN §6), which more players take than `hev1`.
    var outputBytes: [UInt8] {
        guard codingFormat == "hev1", clearBytes.count >= 8 else { return clearBytes }
        return clearBytes[..<4] + Array("hvc1".utf8) + clearBytes[8...]
    }

    /// Bytes between the header and the first child box: VisualSampleEntry (§12.1.3), AudioSampleEntry (§12.2.3, and the
    /// versions 1 and 2 of QuickTime), else SampleEntry alone.
    private static func fieldBytes(_ payload: ArraySlice<UInt8>, handler: FourCC) -> Int {
        switch handler {
        case "vide": return 78
        case "soun":
            switch payload.read32(at: 8).map({ $0 >> 16 }) {
            case 1: return 28 + 16
            case 2: return 28 + 36
            default: return 28
            }
        default: return 8
        }
    }
}

/// How samples are protected (`sinf` with `schm` and `tenc`, ISO/IEC 23001-7 §8.2).
struct SampleProtection: Equatable {
    /// `cenc`, `cbcs`, `cens`, `cbc1`.
    var scheme: FourCC
    var encryption: SampleEncryptionDefaults

    /// - Parameter information: the payload of `sinf`.
    init?(information: ArraySlice<UInt8>) {
        guard let scheme = BoxList.first("schm", in: information)?.read32(at: 4),
            let boxes = BoxList.first("schi", in: information)
        else { return nil }
        self.scheme = FourCC(scheme)
        if let track = BoxList.first("tenc", in: boxes) {
            guard let encryption = SampleEncryptionDefaults(trackEncryption: track) else { return nil }
            self.encryption = encryption
            return
        }
        let piff = BoxList(boxes).first { $0.type == "uuid" && $0.payload.starts(with: Self.piffTrackEncryption) }
        guard let piff else { return nil }
        var reader = ByteReader(piff.payload.dropFirst(16 + 4))
        guard let encryption = SampleEncryptionDefaults(piff: &reader) else { return nil }
        self.encryption = encryption
    }

    /// The box before there was `tenc` (PIFF 1.1 §5.3.3).
    private static let piffTrackEncryption: [UInt8] = [
        0x89, 0x74, 0xDB, 0xCE, 0x7B, 0xE7, 0x4C, 0x51, 0x84, 0xF9, 0x71, 0x48, 0xF9, 0x88, 0x25, 0x54,
    ]
}

/// What `tenc`, or a sample group `seig`, says about samples (ISO/IEC 23001-7 §6, §8.2).
struct SampleEncryptionDefaults: Equatable {
    var isProtected: Bool
    /// Bytes of initialization vector with each sample: 0, 8 or 16.
    var vectorBytes: Int
    /// 16 bytes.
    var keyID: [UInt8]
    /// Used by every sample where ``vectorBytes`` is 0; empty where the playlist gives it (IV attribute).
    var constantVector: [UInt8]
    /// Pattern in blocks of 16 bytes; both 0: no pattern.
    var encryptedBlocks: Int
    var clearBlocks: Int

    /// - Parameter trackEncryption: the payload of `tenc`.
    init?(trackEncryption: ArraySlice<UInt8>) {
        var reader = ByteReader(trackEncryption)
        guard let version = reader.read8(), reader.skip(3) else { return nil }
        self.init(&reader, hasPattern: version > 0)
    }

    /// - Parameter groupEntry: a `seig` entry of `sgpd`.
    init?(groupEntry: ArraySlice<UInt8>) {
        var reader = ByteReader(groupEntry)
        self.init(&reader, hasPattern: true)
    }

    private init?(_ reader: inout ByteReader, hasPattern: Bool) {
        guard reader.skip(1), let pattern = reader.read8(), let isProtected = reader.read8(),
            let vectorBytes = reader.read8(), [0, 8, 16].contains(vectorBytes), let keyID = reader.read(bytes: 16)
        else { return nil }
        self.isProtected = isProtected == 1
        self.vectorBytes = Int(vectorBytes)
        self.keyID = Array(keyID)
        encryptedBlocks = hasPattern ? Int(pattern >> 4) : 0
        clearBlocks = hasPattern ? Int(pattern & 0x0F) : 0
        constantVector = []
        guard self.isProtected, vectorBytes == 0 else { return }
        guard let count = reader.read8(), count > 0 else { return }
        guard count == 8 || count == 16, let vector = reader.read(bytes: Int(count)) else { return nil }
        constantVector = Array(vector)
    }

    /// The same in PIFF 1.1 §5.3.2, from its AlgorithmID on: 0 is clear, 1 counter mode, 2 chaining.
    init?(piff reader: inout ByteReader) {
        guard let algorithm = reader.read24(), let vectorBytes = reader.read8(), [0, 8, 16].contains(vectorBytes),
            let keyID = reader.read(bytes: 16)
        else { return nil }
        isProtected = algorithm > 0
        self.vectorBytes = Int(vectorBytes)
        self.keyID = Array(keyID)
        constantVector = []
        encryptedBlocks = 0
        clearBlocks = 0
    }

    /// Bytes of the `seig` entry that says this.
    var groupEntryBytes: Int {
        20 + (isProtected && vectorBytes == 0 ? 1 + constantVector.count : 0)
    }
}
