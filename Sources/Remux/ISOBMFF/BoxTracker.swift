/// Follows the top-level boxes of a segment as its bytes pass: knows whether the last one is whole. Pure.
struct BoxTracker {
    /// Where the next header begins; `nil` where a box extends to the end of the resource, or the bytes are no boxes.
    private var next: UInt64? = 0
    private var position: UInt64 = 0
    private var header: [UInt8] = []

    /// Takes the next bytes.
    mutating func watch(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while let start = next, offset < bytes.count {
            let absolute = position + UInt64(offset)
            if absolute < start {
                offset += Int(min(start - absolute, UInt64(bytes.count - offset)))
            } else {
                header.append(bytes[offset])
                offset += 1
                readHeader(at: start)
            }
        }
        position += UInt64(bytes.count)
    }

    /// Whether a segment of `byteCount` bytes, all of which have passed, ends where a box ends.
    func isBoundary(_ byteCount: UInt64) -> Bool {
        next.map { $0 == byteCount } ?? true
    }

    private mutating func readHeader(at start: UInt64) {
        guard header.count >= 8, header.read32(at: 0) != 1 || header.count >= 16 else { return }
        defer { header = [] }
        guard let box = BoxHeader(header[...]), let size = box.size else {
            next = nil
            return
        }
        let (end, overflows) = start.addingReportingOverflow(size)
        next = overflows ? nil : end
    }
}
