/// How one request is answered: the resource as it is (`normal`), changed in the ways set here.
///
/// Values are built by chaining, so that a test reads as a sentence:
/// `.status(503).header("Retry-After", "1")`, `.cut(after: 1000)`, `.chunked.slow(bytesPerSecond: 4096)`.
/// All byte positions count bytes of the body as sent (of the requested range, before chunk framing).
package struct Answer: Sendable {
    /// Whether and how a value that follows from the body is declared in the head.
    package enum Declaration<Value: Sendable & Equatable>: Sendable, Equatable {
        /// The true value.
        case actual
        /// This value, whatever is true.
        case declared(Value)
        /// No such header.
        case missing
    }

    /// How the end of the body is marked besides Content-Length.
    package enum Framing: Sendable, Equatable {
        /// Content-Length, or the end of the connection where it is missing.
        case identity
        /// RFC 9112 §7.1.
        case chunked
        /// Chunks, but the connection ends where the last chunk belongs.
        case chunkedWithoutEnd
    }

    /// How the connection ends before the body does.
    package enum Cut: Sendable, Equatable {
        /// Closed in order (FIN) after so many body bytes.
        case closed(after: Int)
        /// Reset (RST) after so many body bytes.
        case reset(after: Int)
        /// Closed before the first byte of an answer.
        case unanswered
    }

    /// A pause in the middle of the body.
    package struct Stall: Sendable, Equatable {
        /// The body byte before which it happens.
        package var position: Int
        /// How long; `nil`: until `OriginServer.release(_:)` or the end of the server.
        package var duration: Duration?
    }

    var status: Int?
    var headers: [HeaderField] = []
    var removedHeaders: [String] = []
    var body: [UInt8]?
    var delay: Duration = .zero
    var cut: Cut?
    var stall: Stall?
    var bytesPerSecond: Int?
    var headBytesPerSecond: Int?
    var contentLength: Declaration<Int> = .actual
    var contentRange: Declaration<String> = .actual
    var framing: Framing = .identity
    var ignoresRange = false
    var etag: String?
    var closesConnection = false

    private func with(_ change: (inout Answer) -> Void) -> Answer {
        var copy = self
        change(&copy)
        return copy
    }

    /// Answers with this status. Outside 2xx, and with no body set, the body is a short HTML error page.
    package func status(_ code: Int) -> Answer { with { $0.status = code } }

    /// Adds a header; a header the server would send by itself is replaced.
    package func header(_ name: String, _ value: String) -> Answer {
        with { $0.headers.append(HeaderField(name: name, value: value)) }
    }

    /// Leaves out a header that the server would send by itself.
    package func withoutHeader(_ name: String) -> Answer { with { $0.removedHeaders.append(name) } }

    /// Redirects to `location` (absolute or relative).
    package func redirect(to location: String, status: Int = 302) -> Answer {
        self.status(status).header("Location", location)
    }

    /// Replaces the body; a Range applies to the new one.
    package func body(_ bytes: [UInt8]) -> Answer { with { $0.body = bytes } }

    /// Replaces the body by UTF-8 text.
    package func body(_ text: String) -> Answer { body(Array(text.utf8)) }

    /// A body of no bytes.
    package var empty: Answer { body([]) }

    /// Waits before the first byte of the head.
    package func delay(_ duration: Duration) -> Answer { with { $0.delay = duration } }

    /// Closes the connection after so many body bytes, the head promising all of them.
    package func cut(after bodyBytes: Int) -> Answer { with { $0.cut = .closed(after: bodyBytes) } }

    /// Resets the connection (RST) after so many body bytes.
    package func reset(after bodyBytes: Int) -> Answer { with { $0.cut = .reset(after: bodyBytes) } }

    /// Closes the connection without a byte of an answer.
    package var unanswered: Answer { with { $0.cut = .unanswered } }

    /// Sends nothing for `duration` once so many body bytes are out; `nil`: until `OriginServer.release(_:)`.
    package func stall(at bodyByte: Int, for duration: Duration? = nil) -> Answer {
        with { $0.stall = Stall(position: bodyByte, duration: duration) }
    }

    /// Sends the body at this rate, in small pieces.
    package func slow(bytesPerSecond: Int) -> Answer { with { $0.bytesPerSecond = max(1, bytesPerSecond) } }

    /// Sends the head at this rate, byte by byte.
    package func slowHead(bytesPerSecond: Int) -> Answer { with { $0.headBytesPerSecond = max(1, bytesPerSecond) } }

    /// Declares this Content-Length, whatever the body has.
    package func contentLength(_ bytes: Int) -> Answer { with { $0.contentLength = .declared(bytes) } }

    /// Sends no Content-Length: the end of the connection ends the body.
    package var withoutContentLength: Answer { with { $0.contentLength = .missing } }

    /// Answers a Range request with this Content-Range, whatever is sent.
    package func contentRange(_ value: String) -> Answer { with { $0.contentRange = .declared(value) } }

    /// Answers a Range request with 206 but no Content-Range.
    package var withoutContentRange: Answer { with { $0.contentRange = .missing } }

    /// Answers a Range request with 200 and the whole body.
    package var ignoringRange: Answer { with { $0.ignoresRange = true } }

    /// Sends the body in chunks, without Content-Length.
    package var chunked: Answer { with { $0.framing = .chunked } }

    /// Sends the body in chunks and closes the connection in place of the last chunk.
    package var chunkedWithoutEnd: Answer { with { $0.framing = .chunkedWithoutEnd } }

    /// Sends this ETag (with its quotes) instead of the resource's own.
    package func etag(_ value: String) -> Answer { with { $0.etag = value } }

    /// Closes the connection after this answer, and says so.
    package var closing: Answer { with { $0.closesConnection = true } }
}
