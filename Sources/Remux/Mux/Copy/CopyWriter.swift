import HLS

/// Writes the decrypted bytes of Media Segments one after the other, as they are: the classic concatenation. Confined to the
/// thread `remux`.
///
/// A Media Initialization Section stands before the first segment that needs it, and again where it changes. Of a segment
/// that is cut off whole transport packets stay; one of fragmented MP4, in which half a box would hide everything behind it,
/// is written when it is whole.
struct CopyWriter {
    /// Of one segment of fragmented MP4, outside of the memory budget.
    static let maximumSegmentBytes = 256 << 20

    private let write: (UnsafeRawBufferPointer) throws -> Void
    private var mark: SegmentMark?
    private var section: InitializationSection?
    /// Of the segment at hand: what is not written yet.
    private var held: [UInt8] = []
    private(set) var byteCount: UInt64 = 0

    init(_ write: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.write = write }

    /// A segment begins; the one before it was ended.
    ///
    /// - Throws: ``RemuxError`` with code `media` where the segments do not make one file.
    mutating func begin(_ next: SegmentMark) throws {
        let number = next.identity.mediaSequenceNumber
        if let mark, mark.container != next.container {
            throw RemuxError(
                .media,
                "Media Segment \(number) is of another kind than those before it, which a copy cannot hold; another --format "
                    + "can",
                context: RemuxError.Context(stage: "Mux", mediaSequenceNumber: number)
            )
        }
        if let section = next.initialization, section != self.section {
            if CopiedContent.isEncrypted(section.bytes) {
                throw RemuxError(
                    .media,
                    "Media Segment \(number) has encrypted samples: copied as it is, nobody could play it; another --format "
                        + "decrypts them where there is a key",
                    context: RemuxError.Context(stage: "Mux", mediaSequenceNumber: number)
                )
            }
            self.section = section
            try append(section.bytes)
        }
        mark = next
    }

    /// Bytes of the segment.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) throws {
        switch mark?.container {
        case .fragmentedMP4:
            guard held.count + bytes.count <= Self.maximumSegmentBytes else {
                let number = mark?.identity.mediaSequenceNumber
                throw RemuxError(
                    .media,
                    "Media Segment \(number.map(String.init) ?? "") is larger than \(Self.maximumSegmentBytes >> 20) MiB, more "
                        + "than is held until a segment is whole; another --format takes it",
                    context: RemuxError.Context(stage: "Mux", mediaSequenceNumber: number)
                )
            }
            held += bytes
        case .transportStream(let layout):
            // From the first byte of a packet to the last.
            let whole = (held.count + bytes.count) / layout.bytes * layout.bytes - held.count
            guard whole > 0 else {
                held += bytes
                return
            }
            try append(held)
            try append(UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)))
            held = Array(bytes.dropFirst(whole))
        case .packedAudio, .webVTT, nil:
            try append(bytes)
        }
    }

    /// The segment has ended.
    ///
    /// - Parameter isCut: before its end.
    mutating func end(isCut: Bool) throws {
        if !isCut { try append(held) }
        held = []
    }

    private mutating func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try append($0) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        try write(bytes)
        byteCount += UInt64(bytes.count)
    }
}
