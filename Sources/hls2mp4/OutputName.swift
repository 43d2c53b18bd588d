/// The name of the output where none is given: from the input's last path element, never from what a server says.
enum OutputName {
    private static let maximumLength = 120

    /// Whether the input has a last path element at all: standard input and `data:` URIs have none.
    static func canBeDerived(from input: String) -> Bool {
        input != "-" && !input.lowercased().hasPrefix("data:")
    }

    /// A plain file name: letters, digits, `.`, `_` and `-` only, not beginning with `.` or `-`.
    ///
    /// - Parameter fileExtension: what it ends in; `nil`: that is put behind it later.
    static func derived(from input: String, fileExtension: String? = "mp4") -> String {
        var path = input.prefix { $0 != "?" && $0 != "#" }
        if let scheme = path.firstRange(of: "://") {
            // The host is no path element.
            path = path[scheme.upperBound...].drop { $0 != "/" }
        }
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        var name = String(last.unicodeScalars.map { isPlain($0) ? Character($0) : "_" })
        for suffix in [".m3u8", ".m3u"] where name.lowercased().hasSuffix(suffix) { name.removeLast(suffix.count) }
        name = String(name.drop { $0 == "." || $0 == "-" }.prefix(maximumLength))
        return (name.isEmpty ? "output" : name) + (fileExtension.map { "." + $0 } ?? "")
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}
