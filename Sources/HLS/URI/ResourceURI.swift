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

    /// Like `init(_:)`, but says why not.
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

    /// A playlist that came without its URI. Nothing resolves against it.
    package static let standardInput = ResourceURI(uncheckedText: "stdin:")

    /// The URI of a playlist that is only looked at: whatever is relative to it resolves, and leads nowhere.
    package static let anywhere = ResourceURI(uncheckedText: "stdin:///")

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

    /// What parts path segments.
    static let slash = UInt8(ascii: "/")

    /// The host of an authority: without userinfo and port. Brackets of an IPv6 literal stay.
    static func host(of authority: Substring.UTF8View) -> Substring.UTF8View {
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
