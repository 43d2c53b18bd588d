import Transport

/// What of a Media Segment the demuxer has already, so that another download of it can be proven to begin with the same
/// bytes.
struct HandedBytes {
    /// Bytes, after decryption.
    private(set) var count: UInt64 = 0
    /// Their digest; `nil`: no other download is ever compared.
    private let digest: SegmentDigest?

    /// - Parameter isCompared: another download may follow.
    init(isCompared: Bool) {
        digest = isCompared ? SegmentDigest.make() : nil
    }

    mutating func add(_ chunk: Chunk) {
        count += UInt64(chunk.count)
        digest?.update(chunk.bytes)
    }

    /// A comparison of a further download with these bytes.
    var repetition: Repetition { Repetition(left: count, expected: count > 0 ? digest?.value : nil) }

    /// The start of a download that was handed on before.
    struct Repetition {
        /// Bytes still to come of it.
        private(set) var left: UInt64
        private let expected: [UInt8]?
        private let digest: SegmentDigest

        fileprivate init(left: UInt64, expected: [UInt8]?) {
            self.left = left
            self.expected = expected
            digest = SegmentDigest.make()
        }

        /// Takes the repeated bytes off the front of a chunk; false where they are other bytes.
        mutating func strip(_ chunk: Chunk) -> Bool {
            guard left > 0 else { return true }
            let part = Int(min(left, UInt64(chunk.count)))
            digest.update(UnsafeRawBufferPointer(rebasing: chunk.bytes.prefix(part)))
            chunk.discardFirst(part)
            left -= UInt64(part)
            return left > 0 || digest.value == expected
        }
    }
}
