/// A curl command line as browsers copy it ("Copy as cURL", bash form): what it says of the request, and nothing else.
///
/// Errors name options, never values: there are cookies among them.
struct CopiedCommand: Equatable {
    var url: String?
    /// Fields in their order, without those that belong to one request or one connection.
    var headers: [Field] = []
    var userAgent: String?
    var referer: String?
    var cookieFile: String?
    /// `USER:PASSWORD`.
    var credentials: String?
    var proxy: String?
    var caFile: String?
    var certificate: String?
    var isInsecure = false

    struct Field: Equatable {
        var name: String
        var value: String
    }

    struct Failure: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    /// - Throws: ``Failure``.
    init(_ text: String) throws(Failure) {
        let words: [String]
        do {
            words = try ShellWords.split(text)
        } catch {
            switch error {
            case .openQuote: throw Failure(description: "a quote is not closed")
            case .notSimple:
                throw Failure(description: "it is more than one curl command, or not the form for bash")
            }
        }
        guard let program = words.first?.split(separator: "/").last, program == "curl" || program == "curl.exe" else {
            throw Failure(description: "it does not begin with the word curl")
        }
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            if word.hasPrefix("--"), word.count > 2 {
                try take(long: word, &rest)
            } else if word.hasPrefix("-"), word.count > 1 {
                try take(short: word.dropFirst(), &rest)
            } else {
                try set(url: word)
            }
        }
    }

    private mutating func take(long word: String, _ rest: inout ArraySlice<String>) throws(Failure) {
        if let option = Self.options[word] { return try apply(option, try Self.value(of: word, &rest)) }
        try Self.check(flag: word)
        if word == "--insecure" { isInsecure = true }
    }

    /// Short options stand together, and a value may be joined to the last.
    private mutating func take(short letters: Substring, _ rest: inout ArraySlice<String>) throws(Failure) {
        var letters = letters
        while let letter = letters.popFirst() {
            let word = "-\(letter)"
            guard let option = Self.options[word] else {
                try Self.check(flag: word)
                if word == "-k" { isInsecure = true }
                continue
            }
            return try apply(option, letters.isEmpty ? try Self.value(of: word, &rest) : String(letters))
        }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(Failure) -> String {
        guard let value = rest.popFirst() else { throw Failure(description: "\(option) has no value") }
        return value
    }

    private static func check(flag: String) throws(Failure) {
        guard !flags.contains(flag) else { return }
        throw Failure(description: "the option \(flag.prefix(30)) is not understood; leave it out")
    }

    private enum Option {
        case header, userAgent, referer, cookie, credentials, proxy, caFile, certificate, url, method
        /// Says nothing of the request: where output goes, how long to try.
        case ignored
        /// The request would have a body.
        case body
    }

    private static let options: [String: Option] = [
        "-H": .header, "--header": .header, "-A": .userAgent, "--user-agent": .userAgent, "-e": .referer,
        "--referer": .referer, "-b": .cookie, "--cookie": .cookie, "-u": .credentials, "--user": .credentials,
        "-x": .proxy, "--proxy": .proxy, "--cacert": .caFile, "-E": .certificate, "--cert": .certificate,
        "--url": .url, "-X": .method, "--request": .method, "-o": .ignored, "--output": .ignored, "-m": .ignored,
        "--max-time": .ignored, "--connect-timeout": .ignored, "--retry": .ignored, "-c": .ignored,
        "--cookie-jar": .ignored, "-w": .ignored, "--write-out": .ignored, "-r": .ignored, "--range": .ignored,
        "-d": .body, "--data": .body, "--data-raw": .body, "--data-binary": .body, "--data-ascii": .body,
        "--data-urlencode": .body, "--json": .body, "-F": .body, "--form": .body, "-T": .body,
        "--upload-file": .body,
    ]

    /// Without a value, and without a meaning here.
    private static let flags: Set<String> = [
        "--compressed", "-L", "--location", "-s", "--silent", "-S", "--show-error", "-f", "--fail", "-i", "--include",
        "-v", "--verbose", "-g", "--globoff", "-O", "--remote-name", "-J", "--remote-header-name", "-N", "--no-buffer",
        "-k", "--insecure", "-G", "--get", "-#", "--progress-bar", "--http1.1", "--http2", "--http3", "-4", "-6",
        "--ipv4", "--ipv6", "--path-as-is", "--tlsv1.2", "--tlsv1.3",
    ]

    private mutating func apply(_ option: Option, _ value: String) throws(Failure) {
        switch option {
        case .header: try add(header: value)
        case .userAgent: userAgent = value
        case .referer: referer = value.split(separator: ";").first.map(String.init)
        case .cookie:
            if value.contains("=") {
                headers.append(Field(name: "Cookie", value: value))
            } else {
                cookieFile = value
            }
        case .credentials: credentials = value
        case .proxy: proxy = value
        case .caFile: caFile = value
        case .certificate: certificate = value
        case .url: try set(url: value)
        case .method:
            guard value.uppercased() == "GET" else {
                throw Failure(description: "only requests with GET can be made; copy the request of the playlist")
            }
        case .ignored: break
        case .body:
            throw Failure(description: "its request has a body; copy the request of the playlist, which has none")
        }
    }

    /// Fields of one request, or of HTTP/2, where they are no fields; browsers copy them all the same.
    private static let leftOut: Set<String> = [
        "authority", "method", "path", "scheme", "te", "alt-used", "connection", "keep-alive", "upgrade", "priority",
    ]

    private mutating func add(header text: String) throws(Failure) {
        guard !text.hasPrefix("@") else { throw Failure(description: "-H @FILE is not understood; name the fields") }
        // The first colon of a field of HTTP/2 is its first character.
        guard !text.hasPrefix(":") else { return }
        guard let colon = text.firstIndex(of: ":") else {
            guard text.hasSuffix(";") else { throw Failure(description: "-H takes 'Name: value'") }
            headers.append(Field(name: String(text.dropLast()), value: ""))
            return
        }
        let name = String(text[..<colon])
        let value = String(text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
        // "Name:" takes a field of curl's own away.
        guard !value.isEmpty, !Self.leftOut.contains(name.lowercased()) else { return }
        headers.append(Field(name: name, value: value))
    }

    private mutating func set(url word: String) throws(Failure) {
        guard url == nil else { throw Failure(description: "it has more than one URL") }
        url = word
    }
}
