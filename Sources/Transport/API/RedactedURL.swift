/// A URL that shows neither user information nor query values.
package struct RedactedURL: Sendable, Equatable, CustomStringConvertible {
    /// The text that is safe to show.
    package let description: String

    /// Redacts `url`, whether it is well-formed or not. Pure.
    package init(_ url: String) {
        var rest = url[...]
        var result = ""
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        var query: Substring?
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if rest.lowercased().hasPrefix("data:") {
            self.description = "data:…"
            return
        }
        if let slashes = rest.firstRange(of: "://") {
            result = String(rest[..<slashes.upperBound])
            rest = rest[slashes.upperBound...]
            let authority = rest.prefix { $0 != "/" && $0 != "\\" }
            // The last @ ends the user information: a password may have one in it.
            if let at = authority.lastIndex(of: "@") { rest = rest[authority.index(after: at)...] }
        }
        result += rest
        if let query {
            let names = query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
                pair.contains("=") ? pair.prefix { $0 != "=" } + "=…" : "…"
            }
            result += "?" + names.joined(separator: "&")
        }
        description = DisplayText.escaped(result)
    }
}
