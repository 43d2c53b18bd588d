/// Just enough JSON to write (RFC 8259).
enum JSONValue {
    case string(String)
    case int(Int)
    case unsigned(UInt64)
    /// Written with three decimals; not finite: `null`.
    case double(Double)
    /// A decimal number, exactly: `value` divided by ten to the power of `decimals`, without zeros at the end.
    case decimal(Int64, decimals: Int)
    case bool(Bool)
    case null
    case array([JSONValue])
    case object([(String, JSONValue)])

    var text: String {
        switch self {
        case .string(let value): Self.quoted(value)
        case .int(let value): String(value)
        case .unsigned(let value): String(value)
        case .double(let value): Self.rounded(value)
        case .decimal(let value, let decimals): Self.exact(value, decimals: decimals)
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
        }
    }

    /// Over several lines, for people: an element a line, indented by two blanks a level.
    var indentedText: String { indented(by: "") }

    private func indented(by indentation: String) -> String {
        let inner = indentation + "  "
        func block(_ open: String, _ lines: [String], _ close: String) -> String {
            lines.isEmpty
                ? open + close
                : "\(open)\n" + lines.map { inner + $0 }.joined(separator: ",\n") + "\n\(indentation)\(close)"
        }
        switch self {
        case .array(let values): return block("[", values.map { $0.indented(by: inner) }, "]")
        case .object(let fields):
            return block("{", fields.map { Self.quoted($0.0) + ": " + $0.1.indented(by: inner) }, "}")
        default: return text
        }
    }

    /// Fields that have a value: what is absent is left out.
    static func present(_ fields: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(fields.compactMap { name, value in value.map { (name, $0) } })
    }

    private static func rounded(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "null" }
        return String((value * 1000).rounded() / 1000)
    }

    private static func exact(_ value: Int64, decimals: Int) -> String {
        var digits = String(value.magnitude)
        digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        var fraction = digits.suffix(decimals)
        while fraction.last == "0" { fraction.removeLast() }
        return (value < 0 ? "-" : "") + digits.dropLast(decimals) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Control characters and whatever a terminal may obey are escaped, so that a log line is safe to print.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x00..<0x20, 0x7F..<0xA0, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF,
                0xE0000...0xE007F:
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let hex = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension String {
    /// This text as JSON.
    var json: JSONValue { .string(self) }
}
