/// Why a transfer failed, in a sentence that is safe for a terminal and has no secrets in it.
package struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    package enum Kind: Sendable {
        /// A name that does not resolve.
        case couldNotResolve
        case couldNotConnect
        /// The certificate or the handshake.
        case tls(String)
        /// The proxy: its answer to the wish for a connection, nil where it gave none that HTTP knows.
        case proxy(status: Int?)
        /// An HTTP status that is no success.
        case status(Int)
        /// No connection, or no first byte, in time.
        case timeout(Phase)
        /// The body came too slowly for too long.
        case stalled
        /// The connection broke before or within the answer.
        case connectionLost
        /// The body ended before its declared length, both in bytes.
        case truncated(received: UInt64, expected: UInt64)
        /// A body that must have bytes has none.
        case emptyBody
        /// The answer to a range request is another range.
        case wrongContentRange(String)
        /// More bytes than the limit; `size`: as many as the server has said, where it has.
        case tooLarge(limit: UInt64, size: UInt64? = nil)
        /// The resource is not the one whose first bytes were handed on already.
        case bodyChanged
        case tooManyRedirects(Int)
        /// A redirect without a usable Location.
        case invalidRedirect
        /// The network policy; the text names the rule.
        case refusedByPolicy(String)
        case invalidURL(String)
        case invalidHeader(String)
        /// A local file; the text is the system's.
        case file(String)
        /// The body filter or its provider.
        case filter(any Error & Sendable)
        case cancelled
        /// libcurl or the system refuses to work as needed.
        case internalFailure(String)

        package enum Phase: Sendable {
            case connect, firstByte
        }
    }

    package var kind: Kind
    /// The URL that failed, after redirects.
    package var url: RedactedURL?
    /// The HTTP status of the answer, if there was one.
    package var status: Int?
    /// libcurl's code and text, if it was libcurl that failed.
    package var curl: CurlFailure?
    /// The attempts made, this one included.
    package var attempts: Int
    /// How long the server asked to wait (Retry-After).
    package var retryAfter: Duration?
    /// Another attempt may help although the kind of failure says no: the body starts over because nothing was handed on,
    /// or its end is missing and may still come.
    var allowsAnotherAttempt = false

    /// A failure of libcurl.
    package struct CurlFailure: Sendable, Equatable {
        /// A `CURLcode`.
        package let code: Int
        /// libcurl's own words.
        package let text: String
    }

    package init(
        _ kind: Kind,
        url: RedactedURL? = nil,
        status: Int? = nil,
        curl: CurlFailure? = nil,
        attempts: Int = 1
    ) {
        self.kind = kind
        self.url = url
        self.status = status
        self.curl = curl
        self.attempts = attempts
    }

    /// Errors are equal when they say the same.
    package static func == (left: Self, right: Self) -> Bool {
        left.description == right.description && left.status == right.status
    }

    /// Whether the transfer was given up by us.
    package var isCancellation: Bool {
        if case .cancelled = kind { true } else { false }
    }

    /// A full sentence without its final stop.
    package var description: String {
        var text = kind.sentence
        if let url { text += " (\(url))" }
        if let curl, !curl.text.isEmpty { text += ": \(DisplayText.escaped(curl.text))" }
        if attempts > 1 { text += ", after \(attempts) attempts" }
        return text
    }
}

extension TransportError.Kind {
    fileprivate var sentence: String {
        switch self {
        case .couldNotResolve: "the host name could not be resolved"
        case .couldNotConnect: "no connection to the server"
        case .tls(let text): "no secure connection: \(DisplayText.escaped(text))"
        case .proxy(407?): "the proxy wants credentials (--proxy http://USER:PASSWORD@HOST:PORT)"
        case .proxy(let status?): "the proxy makes no connection: HTTP status \(status)"
        case .proxy(nil): "the proxy makes no connection"
        case .status(let status): Self.sentence(status: status)
        case .timeout(.connect): "the server did not accept the connection in time"
        case .timeout(.firstByte): "the server did not answer in time"
        case .stalled: "the transfer stalled"
        case .connectionLost: "the connection was lost"
        case .truncated(let received, let expected):
            "the body ended after \(received) of \(expected) bytes"
        case .emptyBody: "the server sent no bytes"
        case .wrongContentRange(let text): "the answer to a byte range is wrong: \(DisplayText.escaped(text))"
        case .tooLarge(let limit, _): "the body is larger than the limit of \(limit) bytes"
        case .bodyChanged: "the resource changed while it was fetched: its first bytes are other ones now"
        case .tooManyRedirects(let count): "more than \(count) redirects"
        case .invalidRedirect: "a redirect leads nowhere"
        case .refusedByPolicy(let rule): "refused: \(DisplayText.escaped(rule))"
        case .invalidURL(let text): "no usable URL: \(DisplayText.escaped(text))"
        case .invalidHeader(let text): "no usable header: \(DisplayText.escaped(text))"
        case .file(let text): "the file could not be read: \(DisplayText.escaped(text))"
        case .filter(let error): DisplayText.escaped("\(error)")
        case .cancelled: "the transfer was cancelled"
        case .internalFailure(let text): "libcurl failed: \(DisplayText.escaped(text))"
        }
    }

    private static func sentence(status: Int) -> String {
        switch status {
        case 401: "HTTP status 401: the server wants credentials (-H, --header-for)"
        case 407: "HTTP status 407: the proxy wants credentials (--proxy http://USER:PASSWORD@HOST:PORT)"
        case 403: "HTTP status 403: the server refuses access"
        case 404: "HTTP status 404: not found"
        case 410: "HTTP status 410: no longer there"
        case 429: "HTTP status 429: too many requests"
        default: "HTTP status \(status)"
        }
    }
}
