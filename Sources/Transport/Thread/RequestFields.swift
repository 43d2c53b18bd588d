import CCurl

/// The header fields and credentials of requests: what the user gave, by who may see it. Pure.
struct RequestFields: Sendable {
    /// `Name: value` lines for every host.
    let linesForEveryHost: [String]
    /// Lines for the input's origin only.
    let linesForInputOrigin: [String]
    /// The user's own cookies, for the input's origin only.
    let cookie: String?
    let userAgent: String
    private let referer: String?
    private let strippedReferer: String?
    /// From the input URL's user information, for the input's origin only.
    let user: String?
    let password: String?

    init(configuration: TransportConfiguration) {
        // A header that an option governs too is given to that option: libcurl would send both.
        func value(of name: String) -> String? {
            configuration.headers.last { $0.name.lowercased() == name }?.value
        }
        let others = configuration.headers.filter { !Self.ownNames.contains($0.name.lowercased()) }
        // "Name;" is how libcurl is told to send a field without a value.
        func line(_ header: HTTPHeader) -> String {
            header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
        }
        linesForEveryHost = others.filter(\.isForEveryHost).map(line)
        linesForInputOrigin = others.filter { !$0.isForEveryHost }.map(line)
        cookie = value(of: "cookie")
        userAgent = configuration.userAgent ?? value(of: "user-agent") ?? "hls2mp4"
        referer = configuration.referer ?? value(of: "referer")
        strippedReferer = referer.flatMap(Self.stripped)
        (user, password) = Self.credentials(in: configuration.inputURL)
    }

    /// Fields that are not passed on as they are: an option sets them, or each request has its own. Browsers copy them.
    private static let ownNames: Set<String> = [
        "user-agent", "referer", "cookie", "accept-encoding", "range", "if-range", "if-none-match",
        "if-modified-since", "content-length", "transfer-encoding", "connection",
    ]

    /// The Referer for a request.
    func referer(isInputOrigin: Bool) -> String? {
        isInputOrigin ? referer : strippedReferer
    }

    private static func credentials(in url: String) -> (user: String?, password: String?) {
        do {
            let url = try CurlURL(url)
            return (url.user, url.password)
        } catch {
            return (nil, nil)
        }
    }

    /// A URL without user information, query and fragment; nil if it is no URL.
    private static func stripped(_ url: String) -> String? {
        let head = url.prefix { $0 != "?" && $0 != "#" }
        guard let slashes = head.firstRange(of: "://") else { return nil }
        let rest = head[slashes.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let host = authority.split(separator: "@").last ?? ""
        return "\(head[..<slashes.lowerBound])://\(host)\(rest[authority.endIndex...])"
    }
}
