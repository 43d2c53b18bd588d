extension ResourceURI {
    /// Split anew each time: a URI is read far less often than it is passed on.
    var reference: URIReference? { try? URIReference(text) }

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
