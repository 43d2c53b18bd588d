import Testing

/// `docs/reliability.md` says what the matrix promises.
@Suite struct ReliabilityDocumentTests {
    private static let document: String = {
        let root = Files.fixtures.split(separator: "/").dropLast(2).joined(separator: "/")
        return Files.text("/" + root + "/docs/reliability.md")
    }()

    /// The matrix that issue and research ask for (spec_security.md §3.3).
    private static let required =
        (1...22).map { $0 } + (30...33) + (45...51) + [53, 55, 56, 59, 60]

    @Test("every fault has a row", arguments: required)
    func everyFault(_ number: Int) {
        let id = "F" + (number < 10 ? "0" : "") + "\(number)"
        #expect(Self.document.contains("| \(id) | "))
    }

    @Test("every promise is in the table; script/reliability writes it")
    func promises() {
        let lines = Self.document.split(separator: "\n")
        for row in FaultMatrixTests.cases {
            let start = "| \(row.fault.id) | \(Self.cell(row.fault.name)) | "
            let isThere = lines.contains { line in
                guard line.hasPrefix(start) else { return false }
                return line.contains(" | \(Self.cell(row.promise.text)) | ")
            }
            #expect(isThere, "\(row): \(row.promise.text)")
        }
    }

    /// As the tool that writes the table escapes.
    private static func cell(_ text: String) -> String {
        var text = text
        for (old, new) in [("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("*", "\\*"), ("{", "&#123;")] {
            text = text.replacing(old, with: new)
        }
        return text
    }
}
