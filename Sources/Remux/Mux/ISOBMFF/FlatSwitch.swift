/// Makes an ordinary MP4 of a fragmented recording, in place and from the file alone.
///
/// ```
/// ftyp  free                    moov free [moof mdat]…           while recording
/// ftyp  moov  free  mdat(       moov free [moof mdat]…     )     where the front space is large enough
/// ftyp  mdat(                   moov free [moof mdat]…     )  moov     where it is not
/// ```
/// All is written where readers do not look, or behind a `moov` that they have found before; then one write of 8 bytes
/// switches over. At every instant the file is one that plays.
struct FlatSwitch {
    let file: any StoredSink

    /// Returns the length of the file.
    ///
    /// - Throws: ``RecordingError``, ``LayoutError``, and what the sink throws; the file is a fragmented one then.
    func run() throws -> UInt64 {
        var tables: [UInt32: SampleTable] = [:]
        let recording: Recording
        do {
            recording = try Recording(file) { sample, offset in
                try tables[sample.trackID, default: SampleTable()].append(sample, at: offset)
            }
            for id in tables.keys { try tables[id]?.finish() }
        } catch is SampleTable.Failure {
            throw LayoutError.notFlat
        }
        let movie = FlatMovie.box(recorded: recording.movie, header: recording.header, tables: tables)
        tables = [:]
        guard movie.size <= Int(UInt32.max) else { throw LayoutError.notFlat }
        let space = recording.front.space
        let length: UInt64
        if space.holds(movieBytes: UInt64(movie.size)) {
            try writeInFront(movie, space, end: recording.end)
            length = recording.end
        } else {
            try writeBehind(movie, space, end: recording.end)
            length = recording.end + UInt64(movie.size)
        }
        try Self.setBrands(file)
        return length
    }

    private func writeInFront(_ movie: Box, _ space: FrontSpace, end: UInt64) throws {
        let header = try write(movie, at: space.offset, withHeader: false)
        let behind = space.offset + UInt64(movie.size)
        if behind < space.mediaHeaderOffset {
            var free: [UInt8] = []
            free.append32(UInt32(clamping: space.mediaHeaderOffset - behind))
            free.append(code: "free")
            try file.patch(free, at: behind)
        }
        var media: [UInt8] = []
        media.append32(1)
        media.append(code: "mdat")
        media.append64(end - space.mediaHeaderOffset)
        try file.patch(media, at: space.mediaHeaderOffset)
        try file.synchronize()
        try file.patch(header, at: space.offset)
    }

    private func writeBehind(_ movie: Box, _ space: FrontSpace, end: UInt64) throws {
        _ = try write(movie, at: end, withHeader: true)
        var size: [UInt8] = []
        size.append64(end - space.offset)
        try file.patch(size, at: space.offset + 8)
        try file.synchronize()
        var header: [UInt8] = []
        header.append32(1)
        header.append(code: "mdat")
        try file.patch(header, at: space.offset)
    }

    /// Writes the box, all of it or all but its header of 8 bytes, and returns that.
    private func write(_ movie: Box, at offset: UInt64, withHeader: Bool) throws -> [UInt8] {
        var writer = PatchWriter(file: file, offset: withHeader ? offset : offset + 8)
        var header: [UInt8] = []
        header.append32(UInt32(clamping: movie.size))
        header.append(code: movie.type)
        if withHeader { try writer.append(header) }
        for child in movie.children { try child.write(to: &writer) }
        try writer.flush()
        return header
    }

    /// Gives `ftyp` the brands of an ordinary MP4 where it has those of a fragmented one. Readers of either kind take the file
    /// with either brands, so that the moment does not matter.
    static func setBrands(_ file: any StoredSink) throws {
        var boxes = FileBoxes(file)
        guard let type = try boxes.next(), type.type == "ftyp" else { return }
        let brands: [FourCC: FourCC] = ["iso5": "isom", "iso6": "iso2"]
        var bytes = try file.read(Int(min(type.size, 256)), at: 0)
        var changed = false
        for offset in [8] + Array(stride(from: 16, through: bytes.count - 4, by: 4)) {
            guard let code = bytes.read32(at: offset), let brand = brands[FourCC(code)] else { continue }
            var replacement: [UInt8] = []
            replacement.append(code: brand)
            bytes.replaceSubrange(offset..<(offset + 4), with: replacement)
            changed = true
        }
        if changed { try file.patch(bytes, at: 0) }
    }
}

/// Gathers bytes that are written one after the other into writes of some size.
struct PatchWriter {
    private let file: any StoredSink
    private var offset: UInt64
    private var buffer: [UInt8] = []

    private static let bufferBytes = 256 << 10

    init(file: any StoredSink, offset: UInt64) {
        self.file = file
        self.offset = offset
    }

    mutating func append(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try file.patch(buffer, at: offset)
        offset += UInt64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}

extension Box {
    /// Writes the box, without making one array of all of it.
    fileprivate func write(to writer: inout PatchWriter) throws {
        var header: [UInt8] = []
        header.append32(UInt32(clamping: size))
        header.append(code: type)
        try writer.append(header)
        try writer.append(payload)
        for child in children { try child.write(to: &writer) }
    }
}
