/// AAC in LOAS/LATM (ISO/IEC 14496-3 §1.7): audio mux elements with the configuration in band, behind sync words. Pure.
///
/// One program with one layer, as everything that is broadcast has.
struct LATMParser {
    /// A frame: raw data blocks, and what they are coded with.
    struct Frame: Equatable {
        var payload: [UInt8]
        var config: AudioConfig
    }

    /// The configuration of the last element that had one.
    private(set) var config: AudioConfig?
    private var subframeCount = 1

    /// Bytes of sync word and length.
    static let headerBytes = 3
    /// Frames in one element (numSubFrames has six bits).
    private static let maximumSubframes = 64

    /// The length of the element behind a header (AudioSyncStream, §1.7.2); `nil` where no sync word is.
    static func elementBytes(_ header: UnsafeRawBufferPointer) -> Int? {
        guard header.count >= headerBytes, header[0] == 0x56, header[1] & 0xE0 == 0xE0 else { return nil }
        return Int(header[1] & 0x1F) << 8 | Int(header[2])
    }

    /// Whether an element stands at the start, and another one behind it where that is here.
    static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let length = elementBytes(bytes) else { return false }
        let rest = bytes.dropFirst(headerBytes + length)
        return rest.count < headerBytes || elementBytes(UnsafeRawBufferPointer(rebasing: rest)) != nil
    }

    /// The frames of an element; `nil` where it cannot be read, or needs a configuration that has not come.
    mutating func frames(_ element: UnsafeRawBufferPointer) -> [Frame]? {
        var reader = BitReader(element)
        guard let usesSameConfig = reader.bit() else { return nil }
        if usesSameConfig == 0, readConfig(&reader) == nil { return nil }
        guard let config else { return nil }
        var frames: [Frame] = []
        for _ in 0..<subframeCount {
            var length = 0
            while true {
                guard let byte = reader.bits(8) else { return nil }
                length += Int(byte)
                if byte != 255 { break }
            }
            guard length <= element.count else { return nil }
            var payload: [UInt8] = []
            payload.reserveCapacity(length)
            for _ in 0..<length {
                guard let byte = reader.bits(8) else { return nil }
                payload.append(UInt8(byte))
            }
            frames.append(Frame(payload: payload, config: config))
        }
        return frames
    }

    /// StreamMuxConfig (§1.7.3.1).
    private mutating func readConfig(_ reader: inout BitReader) -> Void? {
        guard let version = reader.bit() else { return nil }
        if version == 1, reader.bit() != 0 { return nil }
        if version == 1, Self.readValue(&reader) == nil { return nil }
        guard reader.bit() == 1, let subframes = reader.bits(6), reader.bits(4) == 0, reader.bits(3) == 0 else {
            return nil
        }
        let config: AudioConfig?
        if version == 0 {
            config = AudioConfig(&reader)
        } else {
            guard let length = Self.readValue(&reader) else { return nil }
            config = AudioConfig(&reader, bitCount: Int(length))
        }
        // Frames whose length stands before each of them; others are for speech coders.
        guard let config, reader.bits(3) == 0, reader.skip(8) != nil, let hasOtherData = reader.bit() else {
            return nil
        }
        if hasOtherData == 1 {
            if version == 1 {
                guard Self.readValue(&reader) != nil else { return nil }
            } else {
                while true {
                    guard let more = reader.bit(), reader.skip(8) != nil else { return nil }
                    if more == 0 { break }
                }
            }
        }
        guard let hasChecksum = reader.bit() else { return nil }
        if hasChecksum == 1, reader.skip(8) == nil { return nil }
        self.config = config
        subframeCount = min(Int(subframes) + 1, Self.maximumSubframes)
        return ()
    }

    /// LatmGetValue (§1.7.3.1).
    private static func readValue(_ reader: inout BitReader) -> UInt32? {
        guard let count = reader.bits(2) else { return nil }
        return reader.bits(8 * (Int(count) + 1))
    }
}

/// An AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) of the general audio coder, as far as a container must know it.
struct AudioConfig: Equatable {
    var objectType: UInt32
    /// Hertz, of the output: with spectral band replication that is said explicitly, twice the core's.
    var sampleRate: Int
    /// Hertz, of what is coded.
    var coreRate: Int
    var channelCount: Int
    /// Samples a frame, of the output.
    var frameSamples: Int
    /// The configuration, padded to whole bytes.
    var bytes: [UInt8]

    /// Reads a configuration as `esds` holds it.
    init?(_ bytes: [UInt8]) {
        let config = bytes.withUnsafeBytes { bytes in
            var reader = BitReader(bytes)
            return AudioConfig(&reader)
        }
        guard let config else { return nil }
        self = config
    }

    /// Whether a decoder set up for one can go on with the other: the core is the same, whatever is said of extensions.
    func hasSameCore(as other: AudioConfig) -> Bool {
        (objectType, coreRate, channelCount) == (other.objectType, other.coreRate, other.channelCount)
            && frameSamples / max(1, sampleRate / coreRate)
                == other.frameSamples / max(1, other.sampleRate / other.coreRate)
    }

    private static let maximumBytes = 256

    /// Reads and copies the configuration; `nil` for what is no general audio.
    ///
    /// - Parameter bitCount: its length where that is told: extensions behind it are copied too.
    init?(_ reader: inout BitReader, bitCount: Int? = nil) {
        var copier = BitCopier(reader)
        guard var objectType = copier.objectType(), var rate = copier.sampleRate(), let channels = copier.copy(4) else {
            return nil
        }
        coreRate = rate
        if objectType == 5 || objectType == 29 {
            guard let extended = copier.sampleRate(), let core = copier.objectType() else { return nil }
            rate = extended
            objectType = core
        }
        guard [1, 2, 3, 4].contains(objectType), let isShort = copier.copy(1), let depends = copier.copy(1) else {
            return nil
        }
        if depends == 1, copier.copy(14) == nil { return nil }
        guard copier.copy(1) == 0 else { return nil }
        if channels == 0 {
            guard let count = copier.programConfigElement() else { return nil }
            channelCount = count
        } else {
            guard channels < 16 else { return nil }
            channelCount = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0][Int(channels)]
        }
        guard channelCount > 0, coreRate > 0 else { return nil }
        self.objectType = objectType
        sampleRate = rate
        frameSamples = (isShort == 1 ? 960 : 1024) * max(1, rate / coreRate)
        if let bitCount {
            guard copier.count <= bitCount, bitCount <= 8 * Self.maximumBytes else { return nil }
            while copier.count < bitCount { guard copier.copy(1) != nil else { return nil } }
        }
        bytes = copier.writer.bytes
        reader = copier.reader
    }
}

/// Reads bits and keeps a copy of them.
private struct BitCopier {
    private(set) var reader: BitReader
    private(set) var writer = BitWriter()
    private let start: Int

    init(_ reader: BitReader) {
        self.reader = reader
        start = reader.position
    }

    /// Bits copied.
    var count: Int { reader.position - start }

    mutating func copy(_ count: Int) -> UInt32? {
        guard let value = reader.bits(count) else { return nil }
        writer.append(value, count)
        return value
    }

    mutating func objectType() -> UInt32? {
        guard let type = copy(5) else { return nil }
        return type == 31 ? copy(6).map { 32 + $0 } : type
    }

    /// Hertz.
    mutating func sampleRate() -> Int? {
        guard let index = copy(4) else { return nil }
        if index == 15 { return copy(24).map(Int.init) }
        return Int(index) < ADTSHeader.frequencies.count ? ADTSHeader.frequencies[Int(index)] : nil
    }

    /// Copies a program config element (§4.4.1.1); returns its channels.
    mutating func programConfigElement() -> Int? {
        guard copy(4 + 2 + 4) != nil, let front = copy(4), let side = copy(4), let back = copy(4),
            let lowFrequency = copy(2), let data = copy(3), let coupling = copy(4)
        else { return nil }
        for width in [4, 4, 3] {
            guard let present = copy(1) else { return nil }
            if present == 1, copy(width) == nil { return nil }
        }
        var channels = Int(lowFrequency)
        for _ in 0..<(front + side + back) {
            guard let isPair = copy(1), copy(4) != nil else { return nil }
            channels += isPair == 1 ? 2 : 1
        }
        for _ in 0..<(lowFrequency + data) where copy(4) == nil { return nil }
        for _ in 0..<coupling where copy(5) == nil { return nil }
        // Counted from the start of the configuration (§4.5.1.1).
        let padding = (8 - count % 8) % 8
        guard padding == 0 || copy(padding) != nil, let commentLength = copy(8) else { return nil }
        for _ in 0..<commentLength where copy(8) == nil { return nil }
        return channels
    }
}
