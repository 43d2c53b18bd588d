/// Cuts a playlist into lines (RFC 8216bis §4.1): LF, CRLF, and as a leniency a lone CR.
///
/// Works on the playlist's own storage; a line is a range of it.
struct LineScanner {
    /// One line without its terminator.
    struct Line {
        /// Number from 1.
        var number: Int
        /// The bytes, blanks at both ends included.
        var bytes: ArraySlice<UInt8>
        /// Ended by a CR that no LF follows.
        var endsWithLoneCarriageReturn: Bool
        /// Holds bytes above 0x7F.
        var hasNonASCII: Bool
        /// Holds a TAB.
        var hasTab: Bool
        /// Holds control characters other than TAB.
        var hasControls: Bool
    }

    private let bytes: [UInt8]
    private var position: Int
    private var number = 0

    /// Starts at a byte position, which counts as line 1.
    init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// The next line, `nil` at the end.
    mutating func next() -> Line? {
        guard position < bytes.count else { return nil }
        number += 1
        let start = position
        var index = start
        var hasNonASCII = false
        var hasTab = false
        var hasControls = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x80 {
                hasNonASCII = true
            } else if byte < 0x20 {
                if byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
                if byte == ASCII.tab { hasTab = true } else { hasControls = true }
            } else if byte == 0x7F {
                hasControls = true
            }
            index += 1
        }
        let end = index
        var isLoneCarriageReturn = false
        if index < bytes.count {
            if bytes[index] == ASCII.carriageReturn {
                index += 1
                if index < bytes.count, bytes[index] == ASCII.lineFeed {
                    index += 1
                } else {
                    isLoneCarriageReturn = index < bytes.count
                }
            } else {
                index += 1
            }
        }
        position = index
        return Line(
            number: number,
            bytes: bytes[start..<end],
            endsWithLoneCarriageReturn: isLoneCarriageReturn,
            hasNonASCII: hasNonASCII,
            hasTab: hasTab,
            hasControls: hasControls
        )
    }
}
