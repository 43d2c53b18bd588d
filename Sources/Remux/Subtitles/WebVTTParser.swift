/// Reads a WebVTT segment (W3C WebVTT §6.1; RFC 8216bis §3.1.4). Pure; takes any bytes, never fails: what cannot be read is
/// left out and counted.
///
/// A segment is read like a whole file. A further `WEBVTT` header, where files were joined, begins another clock.
struct WebVTTParser {
    private let lines: WebVTTLines
    private let limits: WebVTTLimits
    private var index = 0
    private var result = WebVTTSegment()
    private var map: TimestampMap?

    /// - Parameters:
    ///   - bytes: the segment, with the Media Initialization Section before it where that holds the header.
    ///   - limits: bounds; what is beyond them is counted.
    static func parse(_ bytes: [UInt8], limits: WebVTTLimits = WebVTTLimits()) -> WebVTTSegment {
        var parser = WebVTTParser(bytes, limits)
        parser.run()
        return parser.result
    }

    /// Whether bytes begin like a WebVTT file, behind a BOM and blank lines.
    static func isSignature(_ head: [UInt8]) -> Bool {
        var rest = head[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        return isSignature(rest.drop { $0.isBlank || $0 == 0x0A || $0 == 0x0D })
    }

    private static func isSignature(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: Array("WEBVTT".utf8)) else { return false }
        guard let next = line.dropFirst(6).first else { return true }
        return next.isBlank || next == 0x0A || next == 0x0D
    }

    private init(_ bytes: [UInt8], _ limits: WebVTTLimits) {
        lines = WebVTTLines(bytes)
        self.limits = limits
    }

    private var line: ArraySlice<UInt8>? { index < lines.count ? lines[index] : nil }

    private mutating func run() {
        while let line {
            if line.isEmpty {
                index += 1
            } else if Self.isSignature(line) {
                readHeader()
            } else if Self.hasArrow(line) {
                readCue(identifier: "")
            } else if Self.isBlock(line) {
                skipBlock()
            } else {
                readIdentifier(line)
            }
        }
    }

    // MARK: - Blocks

    private mutating func readHeader() {
        map = nil
        index += 1
        while let line, !line.isEmpty, !Self.hasArrow(line) {
            index += 1
            let name = Array("X-TIMESTAMP-MAP=".utf8)
            guard line.starts(with: name) else { continue }
            map = TimestampMap(line.dropFirst(name.count))
            if map == nil { result.counts.unreadableMaps += 1 }
        }
    }

    /// A line that is no timing: the identifier of a cue, or what nobody knows.
    private mutating func readIdentifier(_ line: ArraySlice<UInt8>) {
        index += 1
        guard let next = self.line, Self.hasArrow(next) else { return skipBlock() }
        readCue(identifier: text(line.prefix(limits.lineBytes)))
    }

    private mutating func skipBlock() {
        while let line, !line.isEmpty, !Self.hasArrow(line) { index += 1 }
    }

    private mutating func readCue(identifier: String) {
        guard let line else { return }
        let times = Self.times(line)
        index += 1
        let first = index
        var end = first
        while let line = self.line, !line.isEmpty, !Self.hasArrow(line) {
            index += 1
            end = index
        }
        // Without a blank line between them, the number of the next cue looks like the last line of this one.
        if let next = self.line, Self.hasArrow(next), end - first >= 2, lines[end - 1].allSatisfy(\.isDigit) {
            end -= 1
            index -= 1
        }
        guard let times, times.end > times.start else {
            result.counts.damagedCues += 1
            return
        }
        guard result.cues.count < limits.cues else {
            result.counts.excessCues += 1
            return
        }
        result.cues.append(
            WebVTTCue(
                startMilliseconds: times.start,
                endMilliseconds: times.end,
                identifier: identifier,
                settings: text(times.settings.prefix(limits.lineBytes)),
                text: cueText(first..<end),
                map: map
            )
        )
    }

    private mutating func cueText(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        for number in range {
            if number > range.lowerBound { bytes.append(0x0A) }
            bytes += lines[number]
            guard bytes.count > limits.cueTextBytes else { continue }
            result.counts.cutCues += 1
            // A character stays whole: bytes that continue one are not the last.
            var length = limits.cueTextBytes
            while length > 0, bytes[length] & 0xC0 == 0x80 { length -= 1 }
            return text(bytes[..<length])
        }
        return text(bytes[...])
    }

    /// Bytes that are no UTF-8 and U+0000 become U+FFFD (§3.1 of the Encoding Standard, WebVTT §6.1).
    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return bytes.contains(0) ? String(text.map { $0 == "\0" ? "\u{FFFD}" : $0 }) : text
    }

    // MARK: - Lines

    /// Comments, style sheets and regions, which are skipped: FFmpeg up to 5.1 reads no cue behind a STYLE block, so that they
    /// would do more harm than good in a file of their own.
    private static func isBlock(_ line: ArraySlice<UInt8>) -> Bool {
        ["NOTE", "STYLE", "REGION"].contains { word in
            line.starts(with: Array(word.utf8)) && line.dropFirst(word.utf8.count).first.map(\.isBlank) ?? true
        }
    }

    private static func hasArrow(_ line: ArraySlice<UInt8>) -> Bool {
        var dashes = 0
        for byte in line {
            if byte == UInt8(ascii: ">"), dashes >= 2 { return true }
            dashes = byte == UInt8(ascii: "-") ? dashes + 1 : 0
        }
        return false
    }

    private static func times(
        _ line: ArraySlice<UInt8>
    ) -> (start: Int64, end: Int64, settings: ArraySlice<UInt8>)? {
        var rest = line.drop(while: \.isBlank)
        guard let start = WebVTTTime.read(&rest) else { return nil }
        rest = rest.drop(while: \.isBlank)
        guard rest.starts(with: Array("-->".utf8)) else { return nil }
        rest = rest.dropFirst(3).drop(while: \.isBlank)
        guard let end = WebVTTTime.read(&rest), rest.first.map(\.isBlank) ?? true else { return nil }
        return (start, end, rest.trimmingSpaces)
    }
}

/// The lines of a text, ended by CR LF, LF or CR; without the BOM at the start of a line that files joined together leave.
struct WebVTTLines {
    private let bytes: [UInt8]
    private var ranges: [Range<Int>] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var start = 0
        var index = 0
        func line(_ end: Int) -> Range<Int> {
            let hasMark =
                end - start >= 3 && bytes[start] == 0xEF && bytes[start + 1] == 0xBB && bytes[start + 2] == 0xBF
            return (hasMark ? start + 3 : start)..<end
        }
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x0A || byte == 0x0D else {
                index += 1
                continue
            }
            ranges.append(line(index))
            index += byte == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A ? 2 : 1
            start = index
        }
        if start < bytes.count { ranges.append(line(bytes.count)) }
    }

    var count: Int { ranges.count }

    /// - Parameter index: 0 ..< ``count``.
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[ranges[index]] }
}
