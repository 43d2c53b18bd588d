/// How the samples of one track fragment are encrypted (ISO/IEC 23001-7 §7): read from the boxes of `traf`, and where those
/// only point to it, from auxiliary information elsewhere. Pure.
struct FragmentEncryption: Equatable {
    /// A part of a sample: clear bytes, then protected ones (ISO/IEC 23001-7 §9.5).
    struct Subsample: Equatable {
        var clearBytes: Int
        var protectedBytes: Int
    }

    /// One sample.
    struct Sample: Equatable {
        /// Position in ``FragmentEncryption/parameters``.
        var parameters = 0
        /// Its initialization vector, as two big-endian numbers; `nil`: that of its parameters.
        var vector: Vector?
        /// Positions in ``FragmentEncryption/subsamples``; empty: all of it is protected.
        var subsamples = 0..<0
    }

    /// An initialization vector; one of eight bytes is filled with zeros behind.
    struct Vector: Equatable {
        var high: UInt64
        var low: UInt64
    }

    /// Bytes of auxiliary information that stand outside of the track fragment.
    struct AuxiliaryRange: Equatable {
        /// From the start of `moof`.
        var offset: Int64
        var byteCount: Int
        /// The samples it is about.
        var samples: Range<Int>
    }

    /// What `tenc` says, and behind it the sample groups in use.
    private(set) var parameters: [SampleEncryptionDefaults]
    private(set) var samples: [Sample]
    private(set) var subsamples: [Subsample] = []
    /// To be read before the samples: ``take(auxiliary:of:)``.
    private(set) var missing: [AuxiliaryRange] = []
    private var sizes: [Int] = []

    /// Reads the boxes of a track fragment: `senc` or the `uuid` box of PIFF, else `saiz` and `saio`; `sbgp` and `sgpd` of
    /// type `seig`.
    ///
    /// - Parameters:
    ///   - payload: that of `traf`.
    ///   - defaults: those of the sample entry.
    ///   - trackGroups: the groups of the track's sample table.
    /// - Throws: ``DamagedBoxes``.
    init(
        trackFragment payload: ArraySlice<UInt8>,
        sampleCount: Int,
        defaults: SampleEncryptionDefaults,
        trackGroups: [SampleEncryptionDefaults]
    ) throws(DamagedBoxes) {
        parameters = [defaults]
        samples = Array(repeating: Sample(), count: sampleCount)
        let groups = SampleGroups(trackFragment: payload, trackGroups: trackGroups)
        var positions: [UInt32: Int] = [:]
        try groups.forEachRun(sampleCount: sampleCount) { range, group, entry in
            let position = positions[group] ?? parameters.count
            if position == parameters.count { parameters.append(entry) }
            positions[group] = position
            for index in range { samples[index].parameters = position }
        }
        sizes = Self.auxiliarySizes(payload, sampleCount: sampleCount)
        if let box = Self.encryptionBox(payload) {
            try read(box.payload, isPIFF: box.isPIFF)
        } else {
            missing = try Self.auxiliaryRanges(payload, sizes: sizes)
        }
    }

    /// Takes bytes that ``missing`` has named.
    ///
    /// - Throws: ``DamagedBoxes``.
    mutating func take(auxiliary bytes: ArraySlice<UInt8>, of range: AuxiliaryRange) throws(DamagedBoxes) {
        var reader = ByteReader(bytes)
        for index in range.samples where samples.indices.contains(index) && sizes.indices.contains(index) {
            try readSample(index, &reader, byteCount: sizes[index], hasSubsamples: nil)
        }
        missing.removeAll { $0 == range }
    }

    /// Whether the byte at a position lies in a protected part of a sample.
    func protects(_ position: Int, of sample: Sample) -> Bool {
        guard !sample.subsamples.isEmpty else { return true }
        var end = 0
        for subsample in subsamples[sample.subsamples] {
            let start = end + subsample.clearBytes
            end = start + subsample.protectedBytes
            if position < end { return position >= start }
        }
        return false
    }

    // MARK: - senc

    private static let piffEncryption: [UInt8] = [
        0xA2, 0x39, 0x4F, 0x52, 0x5A, 0x9B, 0x4F, 0x14, 0xA2, 0x44, 0x6C, 0x42, 0x7C, 0x64, 0x8D, 0xF4,
    ]

    private static func encryptionBox(_ payload: ArraySlice<UInt8>) -> (payload: ArraySlice<UInt8>, isPIFF: Bool)? {
        for box in BoxList(payload) {
            if box.type == "senc" { return (box.payload, false) }
            if box.type == "uuid", box.payload.starts(with: piffEncryption) { return (box.payload.dropFirst(16), true) }
        }
        return nil
    }

    private mutating func read(_ box: ArraySlice<UInt8>, isPIFF: Bool) throws(DamagedBoxes) {
        var reader = ByteReader(box)
        guard let word = reader.read32() else { throw DamagedBoxes("a senc box is cut") }
        if isPIFF, word & 1 != 0 {
            guard let entry = SampleEncryptionDefaults(piff: &reader) else { throw DamagedBoxes("a senc box is cut") }
            parameters[0] = entry
        }
        guard let count = reader.read32(), count <= samples.count else {
            throw DamagedBoxes("a senc box tells of more samples than there are")
        }
        // An unprotected sample among others may have no entry at all: `saiz` knows.
        let known = sizes.count >= Int(count) && sizes.prefix(Int(count)).reduce(0, +) == reader.remaining
        for index in 0..<Int(count) {
            try readSample(index, &reader, byteCount: known ? sizes[index] : nil, hasSubsamples: word & 2 != 0)
        }
    }

    /// - Parameters:
    ///   - byteCount: `nil`: as many as the fields need.
    ///   - hasSubsamples: `nil`: where bytes are left behind the vector.
    private mutating func readSample(
        _ index: Int,
        _ reader: inout ByteReader,
        byteCount: Int?,
        hasSubsamples: Bool?
    ) throws(DamagedBoxes) {
        let before = reader.remaining
        if byteCount == 0 { return }
        let vectorBytes = parameters[samples[index].parameters].vectorBytes
        if vectorBytes > 0 {
            guard let high = reader.read64(), let low = vectorBytes == 16 ? reader.read64() : 0 else {
                throw DamagedBoxes("encryption data is cut")
            }
            samples[index].vector = Vector(high: high, low: low)
        }
        if hasSubsamples ?? (byteCount.map { $0 > vectorBytes } ?? false) {
            guard let count = reader.read16() else { throw DamagedBoxes("encryption data is cut") }
            let start = subsamples.count
            for _ in 0..<count {
                guard let clear = reader.read16(), let protected = reader.read32() else {
                    throw DamagedBoxes("encryption data is cut")
                }
                subsamples.append(Subsample(clearBytes: Int(clear), protectedBytes: Int(protected)))
            }
            samples[index].subsamples = start..<subsamples.count
        }
        if let byteCount, before - reader.remaining != byteCount {
            throw DamagedBoxes("saiz contradicts the encryption data")
        }
    }

    // MARK: - saiz, saio (ISO/IEC 14496-12 §8.7.8, §8.7.9)

    private static let schemes: Set<FourCC> = ["cenc", "cens", "cbc1", "cbcs", "piff"]

    /// Whether a box of auxiliary information is about encryption; moves behind the fields that tell.
    private static func isOfEncryption(_ reader: inout ByteReader) -> (version: UInt8, isOurs: Bool)? {
        guard let word = reader.read32() else { return nil }
        guard word & 1 != 0 else { return (UInt8(word >> 24), true) }
        guard let type = reader.readCode(), reader.skip(4) else { return nil }
        return (UInt8(word >> 24), schemes.contains(type))
    }

    /// Bytes of auxiliary information of each sample; those behind the last entry have none.
    private static func auxiliarySizes(_ payload: ArraySlice<UInt8>, sampleCount: Int) -> [Int] {
        for box in BoxList(payload) where box.type == "saiz" {
            var reader = ByteReader(box.payload)
            guard let (_, isOurs) = isOfEncryption(&reader), isOurs, let size = reader.read8(),
                let count = reader.read32()
            else { continue }
            let known = min(Int(count), sampleCount)
            if size > 0 { return Array(repeating: Int(size), count: known) }
            guard let sizes = reader.read(bytes: known) else { continue }
            return sizes.map(Int.init)
        }
        return []
    }

    private static func auxiliaryRanges(
        _ payload: ArraySlice<UInt8>,
        sizes: [Int]
    ) throws(DamagedBoxes) -> [AuxiliaryRange] {
        guard sizes.contains(where: { $0 > 0 }) else { return [] }
        for box in BoxList(payload) where box.type == "saio" {
            var reader = ByteReader(box.payload)
            guard let (version, isOurs) = isOfEncryption(&reader), isOurs, let count = reader.read32() else { continue }
            var ranges: [AuxiliaryRange] = []
            let runs = count == 1 ? [0..<sizes.count] : runs(payload, sampleCount: sizes.count)
            guard Int(count) == runs.count else { throw DamagedBoxes("saio has not one entry for each run of samples") }
            for run in runs {
                guard let offset = version == 0 ? reader.read32().map(UInt64.init) : reader.read64() else {
                    throw DamagedBoxes("a saio box is cut")
                }
                let range = AuxiliaryRange(
                    offset: Int64(clamping: offset),
                    byteCount: sizes[run].reduce(0, +),
                    samples: run
                )
                if range.byteCount > 0 { ranges.append(range) }
            }
            return ranges
        }
        throw DamagedBoxes("there is no encryption data where saiz tells of some")
    }

    /// The samples of each `trun`.
    private static func runs(_ payload: ArraySlice<UInt8>, sampleCount: Int) -> [Range<Int>] {
        var start = 0
        var runs: [Range<Int>] = []
        for box in BoxList(payload) where box.type == "trun" {
            let count = min(Int(box.payload.read32(at: 4) ?? 0), sampleCount - start)
            runs.append(start..<start + count)
            start += count
        }
        return runs
    }
}
