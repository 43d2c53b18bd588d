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
