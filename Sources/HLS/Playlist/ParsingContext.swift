/// What every tag reader needs: where it is, what it may tolerate, and the variables defined so far.
struct ParsingContext {
    /// URI of the playlist, after redirects.
    let uri: ResourceURI
    /// Whether relative paths resolve against it.
    private let hasHierarchicalURI: Bool
    /// Refuses every leniency.
    let isStrict: Bool
    /// Upper bounds.
    let limits: PlaylistLimits
    /// Variables of the Multivariant Playlist, for EXT-X-DEFINE:IMPORT.
    let imports: [String: String]

    /// Line being read, from 1.
    var line = 0
    /// Tag being read, `nil` on a URI line.
    var tag: Tag?
    /// Variables defined by the lines above (§4.4.2.3).
    private(set) var variables: [String: String] = [:]
    /// Leniencies so far.
    private(set) var warnings: [PlaylistWarning] = []

    /// Highest version that something in the playlist needs (§8), and where.
    private(set) var neededVersion = NeededVersion(version: 1, line: 0, what: "")

    private var warningIndex: [WarningKey: Int] = [:]
    private var remainingExpansion: Int

    /// A protocol version, and what needs it.
    struct NeededVersion {
        var version: UInt64
        var line: Int
        var what: String
    }

    private struct WarningKey: Hashable {
        var leniency: Leniency
        var tag: Tag?
    }

    /// Before the first line.
    init(uri: ResourceURI, options: PlaylistParser.Options, imports: [String: String]) {
        self.uri = uri
        hasHierarchicalURI = (try? uri.resolving("x")) != nil
        isStrict = options.isStrict
        limits = options.limits
        self.imports = imports
        let (product, overflow) = options.limits.bytes.multipliedReportingOverflow(by: options.limits.expansionFactor)
        remainingExpansion = overflow ? .max : product
    }

    /// An error at the current line and tag.
    func error(_ kind: PlaylistError.Kind, section: String? = nil, _ message: String) -> PlaylistError {
        PlaylistError(kind, line: line, tag: tag, section: section, message)
    }

    /// An error of kind `invalid` at the current line and tag.
    func error(section: String? = nil, _ message: String) -> PlaylistError {
        error(.invalid, section: section, message)
    }

    /// Notes a leniency; under `--strict` throws it instead. `detail` must be safe and redacted.
    mutating func tolerate(
        _ leniency: Leniency,
        section: String? = nil,
        _ detail: @autoclosure () -> String = ""
    ) throws(PlaylistError) {
        if isStrict {
            let text = detail()
            throw error(.strict(leniency), section: section, text.isEmpty ? leniency.summary : text)
        }
        let key = WarningKey(leniency: leniency, tag: tag)
        if let index = warningIndex[key] {
            warnings[index].occurrences += 1
        } else {
            warningIndex[key] = warnings.count
            warnings.append(
                PlaylistWarning(leniency: leniency, line: line, tag: tag?.rawValue, detail: detail(), occurrences: 1)
            )
        }
    }

    /// Remembers that something on the current line needs a protocol version (§8).
    mutating func require(version: UInt64, for what: String) {
        if version > neededVersion.version {
            neededVersion = NeededVersion(version: version, line: line, what: what)
        }
    }

    /// Defines a variable; a second definition of the same name is an error (§4.4.2.3).
    mutating func define(_ name: String, as value: String) throws(PlaylistError) {
        guard variables.count < limits.variables else {
            throw error(.limit, "more than \(limits.variables) variables")
        }
        guard variables.updateValue(value, forKey: name) == nil else {
            throw error("the variable \(DisplayText.escaped(name)) is defined twice")
        }
    }

    /// Replaces Variable References (§4.3). A reference to something undefined is an error (§6.3.1); a result is not
    /// searched again.
    mutating func substituting(_ bytes: ArraySlice<UInt8>) throws(PlaylistError) -> String {
        guard var brace = bytes.firstIndex(of: UInt8(ascii: "{")) else { return bytes.text }
        var output: [UInt8] = []
        var copied = bytes.startIndex
        while true {
            if let (name, end) = Self.reference(at: brace, in: bytes) {
                guard let value = variables[name] else {
                    throw error(section: "6.3.1", "the variable \(DisplayText.escaped(name)) is not defined above")
                }
                remainingExpansion -= value.utf8.count
                guard remainingExpansion >= 0 else {
                    throw error(.limit, section: "4.3", "the values of variables make the playlist too large")
                }
                output.append(contentsOf: bytes[copied..<brace])
                output.append(contentsOf: value.utf8)
                copied = end
            }
            let next = max(brace + 1, copied)
            guard next < bytes.endIndex, let following = bytes[next...].firstIndex(of: UInt8(ascii: "{")) else { break }
            brace = following
        }
        guard copied > bytes.startIndex else { return bytes.text }
        require(version: 8, for: "variable substitution")
        output.append(contentsOf: bytes[copied...])
        return String(decoding: output, as: UTF8.self)
    }

    /// The name in `{$name}` and the index after `}`.
    private static func reference(at brace: Int, in bytes: ArraySlice<UInt8>) -> (String, Int)? {
        let start = brace + 2
        guard start < bytes.endIndex, bytes[brace + 1] == UInt8(ascii: "$"),
            let end = bytes[start...].firstIndex(where: { !ASCII.isVariableNameByte($0) }),
            end > start, bytes[end] == UInt8(ascii: "}")
        else { return nil }
        return (bytes[start..<end].text, end + 1)
    }

    /// Makes sure that a URI of the current line resolves. Most are relative paths, which do unless the playlist's own
    /// URI is none to resolve against: they need no more than a look for what could start a scheme or an authority.
    func checkResolves(_ reference: String) throws(PlaylistError) {
        if hasHierarchicalURI, let first = reference.utf8.first, first > 0x20, first != UInt8(ascii: "/") {
            let end = reference.utf8.first { Self.delimiters.contains($0) }
            if end != ASCII.colon { return }
        }
        _ = try resolving(reference)
    }

    private static let delimiters = [ASCII.colon, UInt8(ascii: "/"), UInt8(ascii: "?"), ASCII.hash]

    /// Resolves a URI of the current line against the playlist's.
    func resolving(_ reference: String) throws(PlaylistError) -> ResourceURI {
        do {
            return try uri.resolving(reference)
        } catch {
            throw self.error(section: tag == nil ? "4.1" : nil, error.description)
        }
    }

    /// Notes under-declared versions; done once, at the end.
    mutating func checkVersion(declared: UInt64) throws(PlaylistError) {
        guard neededVersion.version > declared else { return }
        line = neededVersion.line
        tag = .version
        let needed = neededVersion
        try tolerate(
            .versionTooLow,
            section: "8",
            "\(needed.what) needs version \(needed.version), declared is \(declared)"
        )
    }
}
