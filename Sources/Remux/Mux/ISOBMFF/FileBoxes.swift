/// The top-level boxes of a file, by their headers (ISO/IEC 14496-12 §4.2).
///
/// Ends at the end of the file, and before a header that is cut or says what cannot be; the last box may reach past the end.
struct FileBoxes {
    struct Entry: Equatable {
        var type: FourCC
        var offset: UInt64
        /// The header included.
        var size: UInt64
        var headerBytes: UInt64

        var end: UInt64 { offset + size }
        var payload: UInt64 { offset + headerBytes }
    }

    private let file: any StoredSink
    private var offset: UInt64 = 0
    /// Bytes of the file.
    let length: UInt64

    init(_ file: any StoredSink) {
        self.file = file
        length = file.storedLength
    }

    mutating func next() throws -> Entry? {
        guard offset < length else { return nil }
        let bytes = try file.read(BoxHeader.maximumByteCount, at: offset)
        // A box that extends to the end of the file is none that this program writes.
        guard let header = BoxHeader(bytes[...]), let size = header.size,
            !offset.addingReportingOverflow(size).overflow
        else { return nil }
        let entry = Entry(type: header.type, offset: offset, size: size, headerBytes: UInt64(header.byteCount))
        offset = entry.end
        return entry
    }
}
