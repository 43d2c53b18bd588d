/// What a ``ResourceLoader`` is told once.
package struct TransportConfiguration: Sendable {
    /// The input as the user gave it: an http(s) URL, whose origin alone gets credentials, or anything else for a local
    /// input.
    package var inputURL: String
    /// The user's header fields.
    package var headers: [HTTPHeader] = []
    /// Header fields for single hosts, whoever's origin they are.
    package var hostHeaders: [HostHeader] = []
    /// Cookies to begin with, a line each, as Netscape's cookie file has them; each goes where its domain, path and security
    /// flag say.
    package var cookieLines: [String] = []
    /// Nil sends `hls2mp4`.
    package var userAgent: String?
    /// Sent as given to the input's origin, to others without user information and query.
    package var referer: String?
    /// A file of PEM certificates that replaces the system's.
    package var caFile: String?
    /// A file with a certificate and its key, PEM or PKCS #12, that the input's origin is shown.
    package var clientCertificate: String?
    /// Certificates of servers are not checked.
    package var isInsecure = false
    /// The most transfers of Media Segments at the same time; head-of-line segments, keys and playlists come on top.
    package var jobs = 10
    /// A public input may lead to private addresses.
    package var allowsPrivateAddresses = false
    /// `http_proxy` and its like in the environment are honoured. Through a proxy, addresses cannot be checked.
    package var usesProxyEnvironment = true
    /// The proxy, whatever the environment says; empty: none.
    package var proxy: String?
    /// The most bytes a second that all transfers of segments receive together; nil: no limit.
    package var bytesPerSecond: Int?
    package var timeouts = TransferTimeouts()

    package init(inputURL: String) {
        self.inputURL = inputURL
    }
}

/// When a transfer that does not move is given up. Time in which it is paused by us does not count, total time has no
/// limit.
package struct TransferTimeouts: Sendable {
    /// From the start to a connection (name, TCP, TLS).
    package var connect: Duration = .seconds(10)
    /// From the connection to the first byte of the body.
    package var firstByte: Duration = .seconds(15)
    /// How long a body may come at less than ``stallBytesPerSecond``.
    package var stall: Duration = .seconds(20)
    package var stallBytesPerSecond: Double = 1024
    /// How long the transfer that everything waits for may lag before it is requested a second time.
    package var hedge: Duration = .seconds(2)

    package init() {}
}
