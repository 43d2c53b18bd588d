/// Byte classes that the playlist grammar is written in.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let colon = UInt8(ascii: ":")
    static let hash = UInt8(ascii: "#")
    static let at = UInt8(ascii: "@")
    static let period = UInt8(ascii: ".")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")

    /// Space or tab.
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Value of a decimal digit.
    static func digitValue(_ byte: UInt8) -> UInt8? { isDigit(byte) ? byte - 0x30 : nil }

    /// Value of a hexadecimal digit of either case.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// A byte of a Variable Name (RFC 8216bis §4.4.2.3).
    static func isVariableNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, minus, UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks at both ends.
    var trimmingBlanks: ArraySlice<UInt8> {
        var slice = self
        while let first = slice.first, ASCII.isBlank(first) { slice.removeFirst() }
        while let last = slice.last, ASCII.isBlank(last) { slice.removeLast() }
        return slice
    }

    /// The bytes as text; invalid UTF-8 becomes U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }

    func equals(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        return other.withUTF8Buffer { elementsEqual($0) }
    }
}
