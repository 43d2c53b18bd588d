/// The attribute-list of one tag (RFC 8216bis §4.2), read attribute by attribute.
///
/// Readers return `nil` for what is missing or, as a leniency, unreadable. ``mustIgnoreTag`` collects what makes the
/// whole tag count for nothing (§6.3.1); look at it after the last reader.
struct AttributeList {
    private struct Entry {
        var name: ArraySlice<UInt8>
        var value: ArraySlice<UInt8>
        var isQuoted: Bool
    }

    private var entries: [Entry] = []

    /// The tag has an unknown `REQ-` attribute, an unknown enumerated value, or lacks a required attribute.
    private(set) var mustIgnoreTag = false

    /// Splits the list; quoted strings may hold commas and equal signs.
    init(_ bytes: ArraySlice<UInt8>, _ context: inout ParsingContext) throws(PlaylistError) {
        var rest = bytes
        var isAfterComma = false
        while true {
            if try Self.skipBlanks(&rest, &context) { try context.tolerate(.surroundingBlanks, section: "4.2") }
            guard let first = rest.first else {
                if isAfterComma { try Self.malformed("a comma at the end", &context) }
                break
            }
            if first == ASCII.comma {
                try Self.malformed("an empty place between commas", &context)
                rest.removeFirst()
                continue
            }
            try readEntry(from: &rest, &context)
            isAfterComma = rest.first == ASCII.comma
            if isAfterComma { rest.removeFirst() }
        }
        try checkNames(&context)
    }

    private static func skipBlanks(
        _ rest: inout ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Bool {
        var skipped = false
        while let byte = rest.first, ASCII.isBlank(byte) {
            rest.removeFirst()
            skipped = true
        }
        return skipped
    }

    private static func malformed(_ detail: String, _ context: inout ParsingContext) throws(PlaylistError) {
        try context.tolerate(.malformedAttributeList, section: "4.2", detail)
    }

    private mutating func readEntry(
        from rest: inout ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        let nameEnd = rest.firstIndex { $0 == ASCII.equals || $0 == ASCII.comma } ?? rest.endIndex
        let writtenName = rest[..<nameEnd]
        let name = writtenName.trimmingBlanks
        guard nameEnd < rest.endIndex, rest[nameEnd] == ASCII.equals, !name.isEmpty else {
            try Self.malformed("\(DisplayText.excerpt(name)) has no value", &context)
            // The value, if there is one, ends at the next comma.
            rest = rest[(rest[nameEnd...].firstIndex(of: ASCII.comma) ?? rest.endIndex)...]
            return
        }
        if name.count != writtenName.count { try context.tolerate(.surroundingBlanks, section: "4.2") }
        rest = rest[(nameEnd + 1)...]
        if try Self.skipBlanks(&rest, &context) { try context.tolerate(.surroundingBlanks, section: "4.2") }

        var entry = Entry(name: name, value: [], isQuoted: false)
        if rest.first == ASCII.quote {
            entry.isQuoted = true
            rest.removeFirst()
            if let close = rest.firstIndex(of: ASCII.quote) {
                entry.value = rest[..<close]
                rest = rest[(close + 1)...]
                let end = rest.firstIndex(of: ASCII.comma) ?? rest.endIndex
                let trailing = rest[..<end]
                if !trailing.isEmpty {
                    if trailing.trimmingBlanks.isEmpty {
                        try context.tolerate(.surroundingBlanks, section: "4.2")
                    } else {
                        try Self.malformed("text after a closing quote", &context)
                    }
                }
                rest = rest[end...]
            } else {
                try Self.malformed("a quote is not closed", &context)
                entry.value = rest
                rest = rest[rest.endIndex...]
            }
        } else {
            let end = rest.firstIndex(of: ASCII.comma) ?? rest.endIndex
            entry.value = rest[..<end].trimmingBlanks
            if entry.value.count != end - rest.startIndex { try context.tolerate(.surroundingBlanks, section: "4.2") }
            if entry.value.contains(ASCII.quote) {
                try Self.malformed("a quote inside an unquoted value", &context)
                entry.value = entry.value.filter { $0 != ASCII.quote }[...]
            }
            rest = rest[end...]
        }
        guard entries.count < context.limits.attributesPerTag else {
            throw context.error(.limit, section: "4.2", "more than \(context.limits.attributesPerTag) attributes")
        }
        entries.append(entry)
    }

    /// Names: legal characters, no repetition, no unknown requirement.
    private mutating func checkNames(_ context: inout ParsingContext) throws(PlaylistError) {
        var names: Set<ArraySlice<UInt8>> = []
        for entry in entries {
            if !names.insert(entry.name).inserted {
                try context.tolerate(
                    .repeatedAttribute,
                    section: "4.2",
                    "\(DisplayText.excerpt(entry.name)) is repeated"
                )
            }
            if !entry.name.allSatisfy(Self.isNameByte) {
                try Self.malformed("\(DisplayText.excerpt(entry.name)) is no attribute name", &context)
            }
            if entry.name.starts(with: "REQ-".utf8) {
                context.require(version: 12, for: "a REQ- attribute")
                let isKnown =
                    entry.name.equals("REQ-VIDEO-LAYOUT")
                    && (context.tag == .streamInformation || context.tag == .iFrameStreamInformation)
                if !isKnown { mustIgnoreTag = true }
            }
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || ASCII.isDigit(byte) || byte == ASCII.minus
    }

    private func entry(_ name: StaticString) -> Entry? { entries.first { $0.name.equals(name) } }

    /// Whether the attribute is there, readable or not.
    func has(_ name: StaticString) -> Bool { entry(name) != nil }

    /// Whether the value is written in quotes.
    func isQuoted(_ name: StaticString) -> Bool { entry(name)?.isQuoted ?? false }

    /// For values whose set this type does not know: an unknown one was found.
    mutating func ignoreTag() { mustIgnoreTag = true }

    /// Number of attributes as written.
    var count: Int { entries.count }

    /// All names and values as written, quotes removed.
    var pairs: [(name: String, value: ArraySlice<UInt8>, isQuoted: Bool)] {
        entries.map { ($0.name.text, $0.value, $0.isQuoted) }
    }
}

// MARK: - Typed readers

extension AttributeList {
    /// quoted-string, variables replaced. Empty counts as missing unless allowed.
    func string(
        _ name: StaticString,
        allowsEmpty: Bool = false,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> String? {
        guard let entry = entry(name) else { return nil }
        if !entry.isQuoted {
            try context.tolerate(.unquotedString, section: "4.2", "\(name) must be a quoted string")
        }
        if entry.value.isEmpty, !allowsEmpty {
            try context.tolerate(.invalidAttributeValue, section: "4.2", "\(name) must not be empty")
            return nil
        }
        return try context.substituting(entry.value)
    }

    /// decimal-integer.
    func integer(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> UInt64? {
        guard let entry = try number(name, &context) else { return nil }
        guard let value = Numbers.integer(entry) else {
            return try unreadable(name, "a decimal integer below 2^64", &context)
        }
        return value
    }

    /// decimal-floating-point seconds, as microseconds.
    func microseconds(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> Int64? {
        guard let entry = try number(name, &context) else { return nil }
        guard let value = Numbers.microseconds(entry) else {
            return try unreadable(name, "a decimal number of seconds, 0 or more", &context)
        }
        return value
    }

    /// signed-decimal-floating-point seconds, as microseconds.
    func signedMicroseconds(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> Int64? {
        guard let entry = try number(name, &context) else { return nil }
        guard let value = Numbers.signedMicroseconds(entry) else {
            return try unreadable(name, "a decimal number of seconds", &context)
        }
        return value
    }

    /// decimal-floating-point times 10^`decimals`.
    func scaled(
        _ name: StaticString,
        decimals: Int,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Int64? {
        guard let entry = try number(name, &context) else { return nil }
        guard let value = Numbers.scaled(entry, decimals: decimals) else {
            return try unreadable(name, "a decimal number, 0 or more", &context)
        }
        return value
    }

    /// decimal-resolution.
    func resolution(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> Resolution? {
        guard let entry = try number(name, &context) else { return nil }
        guard let value = Numbers.resolution(entry) else {
            return try unreadable(name, "WIDTHxHEIGHT", &context)
        }
        return value
    }

    /// hexadecimal-sequence as written, variables replaced.
    func hexadecimal(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> String? {
        guard let entry = try number(name, &context) else { return nil }
        return try context.substituting(entry)
    }

    /// enumerated-string as written, `nil` where missing.
    func enumeration(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> String? {
        guard let value = try number(name, &context) else { return nil }
        return value.text
    }

    /// enumerated-string of a known set; any other value makes the tag count for nothing (§6.3.1).
    mutating func enumeration<Value: RawRepresentable<String>>(
        _ name: StaticString,
        as type: Value.Type,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Value? {
        guard let text = try enumeration(name, &context) else { return nil }
        guard let value = Value(rawValue: text) else {
            mustIgnoreTag = true
            return nil
        }
        return value
    }

    /// `YES` or `NO`, `nil` where missing. Any other value makes the tag count for nothing (§6.3.1).
    mutating func flag(_ name: StaticString, _ context: inout ParsingContext) throws(PlaylistError) -> Bool? {
        switch try enumeration(name, &context) {
        case nil: return nil
        case "YES": return true
        case "NO": return false
        default:
            mustIgnoreTag = true
            return nil
        }
    }

    /// `value`, or as a leniency the tag counts for nothing because it lacks what it needs.
    mutating func require<Value>(
        _ name: StaticString,
        _ value: Value?,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Value? {
        if value == nil, !mustIgnoreTag {
            try context.tolerate(.missingRequiredAttribute, "the attribute \(name) is required")
            mustIgnoreTag = true
        }
        return value
    }

    /// A value that is no quoted-string.
    private func number(
        _ name: StaticString,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> ArraySlice<UInt8>? {
        guard let entry = entry(name) else { return nil }
        if entry.isQuoted {
            try context.tolerate(.quotedEnumeration, section: "4.2", "\(name) must not be quoted")
        }
        return entry.value
    }

    private func unreadable<Value>(
        _ name: StaticString,
        _ expected: String,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Value? {
        let value = entry(name).map { DisplayText.excerpt($0.value) } ?? ""
        try context.tolerate(.invalidAttributeValue, section: "4.2", "\(name) is \(value), expected \(expected)")
        return nil
    }
}
