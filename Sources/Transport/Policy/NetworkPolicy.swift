/// Where a request may go and what it may carry there: checked before the first request and at each redirect. Pure.
struct NetworkPolicy: Sendable {
    /// The most redirects that one request follows.
    static let maximumRedirects = 10

    /// The input's origin; nil for a local input.
    let inputOrigin: Origin?

    /// A request that passed.
    struct Passage: Equatable {
        /// The request goes to the input's own origin: it may carry credentials.
        var isInputOrigin: Bool
        /// It goes over http although what led here is https.
        var isDowngrade: Bool
    }

    /// Checks one hop.
    ///
    /// - Parameters:
    ///   - origin: where it goes; nil for a URL without host.
    ///   - scheme: of the URL.
    ///   - previous: the hop before, on a redirect.
    /// - Throws: ``TransportError/Kind/refusedByPolicy(_:)``.
    func check(
        scheme: String,
        origin: Origin?,
        previous: Origin?,
        role: TransferRequest.Role
    ) throws(TransportError) -> Passage {
        guard scheme == "http" || scheme == "https", let origin else {
            throw TransportError(.refusedByPolicy(Self.schemeRule(scheme)))
        }
        let cameFromHTTPS = inputOrigin?.scheme == "https" || previous?.scheme == "https"
        let isDowngrade = scheme == "http" && cameFromHTTPS
        if isDowngrade, !role.mayDowngrade {
            throw TransportError(.refusedByPolicy("a \(role.name) is not fetched over http when https led to it"))
        }
        return Passage(isInputOrigin: origin == inputOrigin, isDowngrade: isDowngrade)
    }

    /// Why a URL is not fetched.
    static func schemeRule(_ scheme: String) -> String { "\(scheme): URLs are not fetched, only http: and https:" }

    /// Checks that a local file may be read at all.
    func checkLocal() throws(TransportError) {
        guard inputOrigin == nil else {
            throw TransportError(.refusedByPolicy("a remote playlist does not name local files"))
        }
    }
}

extension TransferRequest.Role {
    var name: String {
        switch self {
        case .playlist: "playlist"
        case .key: "key"
        case .mediaInitializationSection: "Media Initialization Section"
        case .mediaSegment, .subtitleSegment: "Media Segment"
        }
    }
}
