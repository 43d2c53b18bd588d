/// Columns under headings, aligned, within a width. Texts are made safe for a terminal here.
struct TextTable {
    struct Column {
        var title: String
        var isRightAligned = false
        /// May be cut where the table is too wide.
        var shrinks = false
    }

    struct Row {
        /// One for each column; empty ones are shown as `-`.
        var cells: [String]
        /// A line of its own below.
        var note: String?
    }

    private static let gap = 2
    private static let narrowest = 8

    let columns: [Column]
    private(set) var rows: [Row] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func append(_ cells: [String], note: String? = nil) {
        rows.append(Row(cells: cells.map(Terminal.safe), note: note.map(Terminal.safe)))
    }

    /// The lines, no wider than `width` where the columns that may be cut allow it. Columns without any text are left
    /// out.
    func lines(width: Int) -> [String] {
        let shown = columns.indices.filter { index in rows.contains { !$0.cells[index].isEmpty } }
        guard !shown.isEmpty else { return [] }
        var widths: [Int: Int] = [:]
        for index in shown {
            let longest = rows.map { DisplayWidth.of($0.cells[index]) }.max() ?? 0
            widths[index] = max(longest, columns[index].title.count)
        }
        shrink(&widths, shown, to: width - Self.gap * (shown.count - 1))
        var lines = [line(shown.map { (columns[$0].title, columns[$0], widths[$0] ?? 0) })]
        for row in rows {
            lines.append(
                line(
                    shown.map { (row.cells[$0].isEmpty && $0 > 0 ? "-" : row.cells[$0], columns[$0], widths[$0] ?? 0) }
                )
            )
            if let note = row.note { lines += DisplayWidth.wrapped(note, width: width, indent: 4) }
        }
        return lines
    }

    private func shrink(_ widths: inout [Int: Int], _ shown: [Int], to room: Int) {
        while shown.reduce(0, { $0 + (widths[$1] ?? 0) }) > room {
            let candidates = shown.filter { columns[$0].shrinks && (widths[$0] ?? 0) > Self.narrowest }
            guard let widest = candidates.max(by: { (widths[$0] ?? 0) < (widths[$1] ?? 0) }) else { return }
            widths[widest, default: 0] -= 1
        }
    }

    private func line(_ cells: [(text: String, column: Column, width: Int)]) -> String {
        let padded = cells.map { cell in
            let text = DisplayWidth.cut(cell.text, to: cell.width)
            let blanks = String(repeating: " ", count: max(0, cell.width - DisplayWidth.of(text)))
            return cell.column.isRightAligned ? blanks + text : text + blanks
        }
        let line = padded.joined(separator: String(repeating: " ", count: Self.gap))
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

/// How many columns of a terminal a text takes: East Asian wide characters and pictographs take two.
enum DisplayWidth {
    static func of(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    /// The text, or its start and `…`.
    static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        var (result, used) = ("", 0)
        for character in text {
            used += Self.width(character)
            guard used < width else { break }
            result.append(character)
        }
        return result + "…"
    }

    /// Lines broken at blanks.
    static func wrapped(_ text: String, width: Int, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, of(line) + 1 + of(String(word)) > width {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return lines + [line]
    }

    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
