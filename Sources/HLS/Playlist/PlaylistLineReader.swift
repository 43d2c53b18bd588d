/// Lines of a playlist, told apart: tags with their value and URI lines. Comments, blank lines and unknown tags are
/// left out; the rules of §4.1 for text are applied here.
struct PlaylistLineReader {
    /// What a line says.
    enum Content {
        /// A known tag and what follows its colon, blanks trimmed.
        case tag(Tag, ArraySlice<UInt8>)
        /// A URI line, blanks trimmed, variables not yet replaced.
        case uri(ArraySlice<UInt8>)
    }

    private var scanner: LineScanner

    /// Skips what may stand before `#EXTM3U` and the tag itself.
    init(_ bytes: [UInt8], _ context: inout ParsingContext) throws(PlaylistError) {
        var start = 0
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            start = 3
            context.line = 1
            try context.tolerate(.byteOrderMark, section: "4.1")
        } else if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw PlaylistError(.notAPlaylist, line: 1, section: "4.1", "the text is UTF-16, expected UTF-8")
        }
        scanner = LineScanner(bytes, from: start)
        var strayLine: Int?
        while let line = scanner.next() {
            let text = line.bytes.trimmingBlanks
            if text.equals("#EXTM3U") {
                if let strayLine {
                    context.line = strayLine
                    try context.tolerate(.contentBeforeHeader, section: "4.4.1.1")
                }
                return
            }
            // Blank lines and comments are ignored anywhere (§4.1).
            if !text.isEmpty, text.first != ASCII.hash || text.starts(with: "#EXT".utf8), strayLine == nil {
                strayLine = line.number
            }
        }
        throw PlaylistError(
            .notAPlaylist,
            line: 0,
            section: Tag.header.section,
            "this is no playlist: it does not start with #EXTM3U"
        )
    }

    /// Decides the kind of playlist by the first tag that gives URI lines their meaning; where there is none, by any
    /// Media Playlist tag or URI line. What is left is an empty Multivariant Playlist (§4.1).
    func scanForMultivariantTags() -> Bool {
        var scanner = scanner
        var sawMedia = false
        while let line = scanner.next() {
            let text = line.bytes.trimmingBlanks
            guard let first = text.first else { continue }
            guard first == ASCII.hash else {
                sawMedia = true
                continue
            }
            guard let (tag, _) = Self.split(text) else { continue }
            switch tag {
            case .segmentDuration: return false
            case .streamInformation, .iFrameStreamInformation, .media: return true
            default: if tag.scope == .media { sawMedia = true }
            }
        }
        return !sawMedia
    }

    /// The next line that says something; also sets the context's line and tag.
    mutating func next(_ context: inout ParsingContext) throws(PlaylistError) -> Content? {
        while let line = scanner.next() {
            context.line = line.number
            context.tag = nil
            guard line.bytes.count <= context.limits.lineBytes else {
                throw context.error(.limit, "the line is longer than \(context.limits.lineBytes) bytes")
            }
            var text = line.bytes.trimmingBlanks
            guard let first = text.first else { continue }
            let split = Self.split(text)
            // Comments and unknown tags say nothing, whatever they hold.
            if first == ASCII.hash, split == nil { continue }
            context.tag = split?.0
            if line.endsWithLoneCarriageReturn { try context.tolerate(.loneCarriageReturn, section: "4.1") }
            if text.count != line.bytes.count { try context.tolerate(.surroundingBlanks, section: "4.1") }
            // A TAB is a control character too; one tag needs it (§4.4.5.2). It is harmless and stays.
            if line.hasTab, context.tag != .skip, text.contains(ASCII.tab) {
                try context.tolerate(.controlCharacter, section: "4.1", "a TAB inside the line")
            }
            if line.hasControls || line.hasNonASCII {
                text = try Self.cleaned(text, line, &context).trimmingBlanks
                guard !text.isEmpty else { continue }
            }
            guard let tag = context.tag else {
                if text.starts(with: "//#".utf8) {
                    // Taken as a URI it would have no host; whoever wrote it meant to switch a tag off.
                    try context.tolerate(.commentedOutLine, section: "4.1")
                    continue
                }
                return .uri(text)
            }
            guard let (_, value) = Self.split(text) else { continue }
            let trimmed = value.trimmingBlanks
            if trimmed.count != value.count { try context.tolerate(.surroundingBlanks) }
            return .tag(tag, trimmed)
        }
        return nil
    }

    /// Tag and value of a line that starts with a known tag.
    private static func split(_ text: ArraySlice<UInt8>) -> (Tag, ArraySlice<UInt8>)? {
        guard text.starts(with: "#EXT".utf8) else { return nil }
        let colon = text.firstIndex(of: ASCII.colon)
        let name = text[(text.startIndex + 1)..<(colon ?? text.endIndex)]
        let value = colon.map { text[($0 + 1)...] } ?? []
        // The commonest tag, without making a String.
        if name.equals("EXTINF") { return (.segmentDuration, value) }
        guard name.count <= 32 else { return nil }
        return Tag.byName[(colon == nil ? name.trimmingBlanks : name).text].map { ($0, value) }
    }

    /// Removes control characters (C0, DEL, C1) and replaces what is not UTF-8.
    private static func cleaned(
        _ text: ArraySlice<UInt8>,
        _ line: LineScanner.Line,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> ArraySlice<UInt8> {
        var bytes = text
        if line.hasNonASCII, String(validating: text, as: UTF8.self) == nil {
            try context.tolerate(.invalidUTF8, section: "4.1")
            bytes = Array(String(decoding: text, as: UTF8.self).utf8)[...]
        }
        guard line.hasControls || bytes.contains(0xC2) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == 0xC2, index + 1 < bytes.endIndex, (0x80...0x9F).contains(bytes[index + 1]) {
                index += 2
                continue
            }
            if byte >= 0x20 && byte != 0x7F || byte == ASCII.tab { output.append(byte) }
            index += 1
        }
        guard output.count != bytes.count else { return bytes }
        try context.tolerate(.controlCharacter, section: "4.1")
        return output[...]
    }
}
