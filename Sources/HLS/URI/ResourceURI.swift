/// An absolute URI as text (`http`, `https`, `file`, `data`, …), resolved by RFC 3986 §5.2 on the text itself.
///
/// Never goes through a second URL parser, so that what was checked is what is fetched. `description` is redacted;
/// only ``text`` shows the real thing.
package struct ResourceURI: Hashable, Sendable {
    /// The URI for the transport. May hold secrets: never print it.
    package let text: String

    /// Takes an absolute URI; `nil` when it has no scheme, or is `http`/`https` without a host. Blanks around it are
    /// trimmed, characters that may not stand in a URI are escaped, a fragment is dropped, dot segments are removed.
    package init?(_ absolute: String) {
        guard let uri = try? Self(validating: absolute) else { return nil }
        self = uri
    }

    init(validating absolute: String) throws(URIError) {
        let escaped = URIReference.escaped(absolute)
        guard !escaped.isEmpty else { throw .empty }
        let parts = try URIReference(escaped)
        guard let scheme = parts.scheme else { throw .missingScheme }
        try self.init(scheme: scheme, parts: parts, path: parts.path)
    }

    /// What a reference becomes that the parser let through and that nevertheless does not resolve: no transport
    /// accepts its scheme, so that the loss is seen.
    static let unresolvable = ResourceURI(uncheckedText: "invalid:")

    private init(uncheckedText text: String) { self.text = text }

    /// Resolves `reference` as it stands in the playlist whose URI this is (RFC 3986 §5.2, RFC 8216bis §4.1).
    ///
    /// Trims blanks, escapes spaces, controls and non-ASCII bytes, keeps existing `%XX`, drops the fragment.
    package func resolving(_ reference: String) throws(URIError) -> ResourceURI {
        let escaped = URIReference.escaped(reference)
        guard !escaped.isEmpty else { throw .empty }
        let parts = try URIReference(escaped)
        if let scheme = parts.scheme { return try ResourceURI(scheme: scheme, parts: parts, path: parts.path) }

        let base = try URIReference(text)
        guard let scheme = base.scheme else { throw .missingScheme }
        var target = parts
        guard parts.authority == nil else {
            return try ResourceURI(scheme: scheme, parts: target, path: target.path)
        }
        target.authority = base.authority
        guard base.authority != nil || base.path.first == Self.slash else { throw .baseNotHierarchical }
        if parts.path.isEmpty {
            if parts.query == nil { target.query = base.query }
            return try ResourceURI(scheme: scheme, parts: target, path: base.path)
        }
        if parts.path.first == Self.slash {
            return try ResourceURI(scheme: scheme, parts: target, path: parts.path)
        }
        // §5.2.3: merge with all but the last segment of the base path.
        var merged: [UInt8] = []
        if base.authority != nil, base.path.isEmpty {
            merged.append(Self.slash)
        } else if let lastSlash = base.path.lastIndex(of: Self.slash) {
            merged.append(contentsOf: base.path[...lastSlash])
        }
        merged.append(contentsOf: parts.path)
        return try ResourceURI(scheme: scheme, parts: target, path: merged)
    }

    /// §5.3: recomposes the parts.
    private init(scheme: Substring.UTF8View, parts: URIReference, path: some Sequence<UInt8>) throws(URIError) {
        var output: [UInt8] = []
        for byte in scheme { output.append((0x41...0x5A).contains(byte) ? byte + 32 : byte) }
        let isHTTP = output.elementsEqual("http".utf8) || output.elementsEqual("https".utf8)
        output.append(UInt8(ascii: ":"))
        if let authority = parts.authority {
            if isHTTP, Self.host(of: authority).isEmpty { throw .missingHost }
            output.append(contentsOf: "//".utf8)
            output.append(contentsOf: authority)
        } else if isHTTP {
            throw .missingHost
        }
        let isHierarchical = parts.authority != nil || path.first(where: { _ in true }) == Self.slash
        if isHierarchical {
            let pathStart = output.count
            Self.appendRemovingDotSegments(path, to: &output)
            // A path that starts with "//" would be read as an authority (§3.3).
            if parts.authority == nil, output[pathStart...].starts(with: "//".utf8) {
                output.insert(contentsOf: "/.".utf8, at: pathStart)
            }
        } else {
            output.append(contentsOf: path)
        }
        if let query = parts.query {
            output.append(UInt8(ascii: "?"))
            output.append(contentsOf: query)
        }
        text = String(decoding: output, as: UTF8.self)
    }

    private static let slash = UInt8(ascii: "/")

    /// The host of an authority: without userinfo and port. Brackets of an IPv6 literal stay.
    private static func host(of authority: Substring.UTF8View) -> Substring.UTF8View {
        var host = authority
        if let at = host.lastIndex(of: UInt8(ascii: "@")) { host = host[host.index(after: at)...] }
        if host.first == UInt8(ascii: "["), let close = host.firstIndex(of: UInt8(ascii: "]")) {
            return host[...close]
        }
        if let colon = host.firstIndex(of: UInt8(ascii: ":")) { host = host[..<colon] }
        return host
    }

    /// RFC 3986 §5.2.4 in one pass: empty segments stay, `.` vanishes, `..` takes its predecessor along.
    private static func appendRemovingDotSegments(_ path: some Sequence<UInt8>, to output: inout [UInt8]) {
        let start = output.count
        var segmentStart = start
        func closeSegment(isLast: Bool) {
            let segment = output[segmentStart...]
            let isDot = segment.elementsEqual(".".utf8)
            let isDotDot = segment.elementsEqual("..".utf8)
            if isDot || isDotDot {
                output.removeSubrange(segmentStart...)
                if isDotDot, segmentStart - 1 > start {
                    // Drops the slash before this segment, then the segment before it.
                    output.removeLast()
                    while output.count > start, output.last != slash { output.removeLast() }
                }
            } else if !isLast {
                output.append(slash)
            }
            segmentStart = output.count
        }
        var isFirst = true
        for byte in path {
            if byte == slash {
                if isFirst { output.append(slash); segmentStart = output.count } else { closeSegment(isLast: false) }
            } else {
                output.append(byte)
            }
            isFirst = false
        }
        closeSegment(isLast: true)
    }
}

extension ResourceURI {
    private var reference: URIReference? { try? URIReference(text) }

    /// Scheme in lower case.
    package var scheme: String { reference?.scheme.map { String(Substring($0)) } ?? "" }

    /// Host in lower case, without userinfo and port; empty where there is none.
    package var host: String {
        guard let authority = reference?.authority else { return "" }
        return String(Substring(Self.host(of: authority))).lowercased()
    }

    /// Path without query and fragment, as written.
    package var path: String { reference.map { String(Substring($0.path)) } ?? "" }

    /// Query without `?`, `nil` where there is none.
    package var query: String? { reference?.query.map { String(Substring($0)) } }

    /// Last path segment, percent-decoded. For output names: the caller must sanitise it.
    package var lastPathComponent: String {
        guard let path = reference?.path else { return "" }
        let last = path.split(separator: UInt8(ascii: "/")).last
        return last.map { Self.percentDecoded($0) } ?? ""
    }

    /// Value of the first query parameter of that name, percent-decoded, for EXT-X-DEFINE:QUERYPARAM
    /// (RFC 8216bis §4.4.2.3); `nil` where the parameter is missing, empty where it has no value.
    package func queryValue(named name: String) -> String? {
        guard let query = reference?.query else { return nil }
        for parameter in query.split(separator: UInt8(ascii: "&")) {
            let equals = parameter.firstIndex(of: UInt8(ascii: "="))
            guard Self.percentDecoded(parameter[..<(equals ?? parameter.endIndex)]) == name else { continue }
            guard let equals else { return "" }
            return Self.percentDecoded(parameter[parameter.index(after: equals)...])
        }
        return nil
    }

    /// The `file:` URI of an absolute path, its bytes escaped where needed; `nil` for a relative path.
    package static func filePath(_ path: String) -> ResourceURI? {
        guard path.utf8.first == slash else { return nil }
        var escaped: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"):
                URIReference.appendEscape(of: byte, to: &escaped)
            case 0...0x20, 0x7F...:
                // Here a blank at either end belongs to the name: it must not be trimmed.
                URIReference.appendEscape(of: byte, to: &escaped)
            default:
                escaped.append(byte)
            }
        }
        return ResourceURI("file://" + String(decoding: escaped, as: UTF8.self))
    }

    /// The path of a `file:` URI, percent-decoded, for opening; `nil` for another scheme, another host or a NUL in it.
    package var localFilePath: String? {
        guard scheme == "file", host.isEmpty || host == "localhost", let path = reference?.path else { return nil }
        let bytes = Self.percentDecodedBytes(path)
        guard bytes.first == Self.slash, !bytes.contains(0) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether this `file:` URI lies in the directory of `other` or below it, judged by the decoded text: dot segments
    /// are resolved, symbolic links are not, so that the opener must check the real path too.
    package func isInDirectoryTree(of other: ResourceURI) -> Bool {
        guard let path = localFilePath, let otherPath = other.localFilePath,
            let lastSlash = otherPath.utf8.lastIndex(of: Self.slash)
        else { return false }
        // An escaped slash or dot comes out only by decoding: such a path may not climb.
        return path.utf8.starts(with: otherPath.utf8[...lastSlash])
            && !path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }

    /// `%XX` decoded; a `%` without two hexadecimal digits stays. `+` is no blank here (RFC 3986).
    static func percentDecoded(_ text: Substring.UTF8View) -> String {
        String(decoding: percentDecodedBytes(text), as: UTF8.self)
    }

    /// The bytes of ``percentDecoded(_:)``.
    static func percentDecodedBytes(_ text: Substring.UTF8View) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let high = rest.first.flatMap(ASCII.hexValue),
                let low = rest.dropFirst().first.flatMap(ASCII.hexValue)
            else {
                output.append(byte)
                continue
            }
            output.append(high << 4 | low)
            rest = rest.dropFirst(2)
        }
        return output
    }
}

extension ResourceURI: CustomStringConvertible, CustomDebugStringConvertible {
    /// For messages: userinfo hidden, query values replaced by `…` (their names stay), `data:` cut after its scheme.
    package var description: String {
        guard let reference, let schemeName = reference.scheme else { return "…" }
        let scheme = String(Substring(schemeName))
        guard scheme != "data" else { return "data:…" }
        var output = scheme + ":"
        if let authority = reference.authority {
            output += "//"
            if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
                output += "…@" + String(Substring(authority[authority.index(after: at)...]))
            } else {
                output += String(Substring(authority))
            }
        }
        output += String(Substring(reference.path))
        if let query = reference.query {
            output += "?"
            output += query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
                .map { parameter in
                    // Without "=" the whole parameter may be a token.
                    guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else { return "…" }
                    return String(Substring(parameter[...equals])) + "…"
                }
                .joined(separator: "&")
        }
        return output
    }

    package var debugDescription: String { description }
}
