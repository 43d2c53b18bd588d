/// Walks over the frames of packed audio as their bytes pass and leaves out ID3 tags between them, whose bytes may look like
/// frames. Pure.
struct FrameWalker {
    /// What the frames are.
    enum Codec {
        case aac, mp3, ac3
    }

    private let codec: Codec
    /// Bytes of the frame being passed that are to come.
    private var frameBytes = 0
    /// Bytes of the tag being left out that are to come.
    private var tagBytes = 0
    /// The start of a frame or tag that is too short to tell.
    private var start: [UInt8] = []

    /// Bytes that tell.
    private static let startBytes = ID3Tag.headerBytes

    /// - Parameter codec: of the frames; the next bytes begin one.
    init(_ codec: Codec) { self.codec = codec }

    /// Takes the next bytes; returns those that are no tag, as far as that is known.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let input = start + bytes
        start = []
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var offset = 0
        while offset < input.count {
            let left = input.count - offset
            if tagBytes > 0 {
                let skipped = min(tagBytes, left)
                tagBytes -= skipped
                offset += skipped
            } else if frameBytes > 0 {
                let passed = min(frameBytes, left)
                frameBytes -= passed
                output += input[offset..<offset + passed]
                offset += passed
            } else if left < Self.startBytes {
                start = Array(input[offset...])
                break
            } else if let tag = ID3Tag.byteCount(header: input[offset...]), tag <= ID3Tag.maximumBytes {
                tagBytes = tag
            } else {
                // Junk passes byte by byte: who reads the frames counts it.
                frameBytes = input[offset...].withUnsafeBytes { frameLength($0) } ?? 1
            }
        }
        return output
    }

    /// What is left at the end of the segment.
    mutating func finish() -> [UInt8] {
        defer { (start, frameBytes, tagBytes) = ([], 0, 0) }
        return start
    }

    private func frameLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        switch codec {
        case .aac: ADTSHeader(bytes)?.frameLength
        case .mp3: AudioFrameHeader(mpegAudio: bytes)?.frameBytes
        case .ac3: AudioFrameHeader(ac3: bytes)?.frameBytes
        }
    }
}
