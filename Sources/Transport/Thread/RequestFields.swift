import CCurl

/// The header fields and credentials of requests: what the user gave, by who may see it. Pure.
struct RequestFields: Sendable {
    /// `Name: value` lines for every host.
    let linesForEveryHost: [String]
    /// Lines for the input's origin only.
    let linesForInputOrigin: [String]
    /// The user's own cookies, for the input's origin only.
    private let cookie: String?
    private let hostHeaders: [HostHeader]
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
        linesForEveryHost = others.filter(\.isForEveryHost).map(Self.line)
        linesForInputOrigin = others.filter { !$0.isForEveryHost }.map(Self.line)
        cookie = value(of: "cookie")
        hostHeaders = configuration.hostHeaders
        userAgent = configuration.userAgent ?? value(of: "user-agent") ?? "hls2mp4"
        referer = configuration.referer ?? value(of: "referer")
        strippedReferer = referer.flatMap(Self.stripped)
        (user, password) = Self.credentials(in: configuration.inputURL)
    }

    /// "Name;" is how libcurl is told to send a field without a value.
    private static func line(_ header: HTTPHeader) -> String {
        header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
    }

    /// Whether requests to this origin carry the field.
    private static func isFor(_ origin: Origin, _ header: HostHeader) -> Bool {
        header.host == origin.host || header.host == "\(origin.host):\(origin.port)"
    }

    /// The lines that only this host gets, besides those for the input's origin.
    func lines(forHostOf origin: Origin) -> [String] {
        hostHeaders.filter { Self.isFor(origin, $0) && !Self.ownNames.contains($0.header.name.lowercased()) }
            .map { Self.line($0.header) }
    }

    /// The user's own cookies for a request.
    ///
    /// - Parameter origin: where it goes; nil: cookies for single hosts stay away.
    func cookie(isInputOrigin: Bool, hostOf origin: Origin?) -> String? {
        let ofHost = hostHeaders.last { header in
            header.header.name.lowercased() == "cookie" && origin.map { Self.isFor($0, header) } == true
        }
        return ofHost?.header.value ?? (isInputOrigin ? cookie : nil)
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
