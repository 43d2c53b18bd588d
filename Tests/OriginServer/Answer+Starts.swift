/// The same words as starting points, so that an answer begins with a dot: `[.status(503), .cut(after: 1000), .normal]`.
extension Answer {
    /// The resource as it is.
    package static let normal = Answer()

    /// Answers with this status. Outside 2xx, and with no body set, the body is a short HTML error page.
    package static func status(_ code: Int) -> Answer { normal.status(code) }

    /// Adds a header; a header the server would send by itself is replaced.
    package static func header(_ name: String, _ value: String) -> Answer { normal.header(name, value) }

    /// Leaves out a header that the server would send by itself.
    package static func withoutHeader(_ name: String) -> Answer { normal.withoutHeader(name) }

    /// Redirects to `location` (absolute or relative).
    package static func redirect(to location: String, status: Int = 302) -> Answer {
        normal.redirect(to: location, status: status)
    }

    /// Replaces the body; a Range applies to the new one.
    package static func body(_ bytes: [UInt8]) -> Answer { normal.body(bytes) }

    /// Replaces the body by UTF-8 text.
    package static func body(_ text: String) -> Answer { normal.body(text) }

    /// A body of no bytes.
    package static var empty: Answer { normal.empty }

    /// Waits before the first byte of the head.
    package static func delay(_ duration: Duration) -> Answer { normal.delay(duration) }

    /// Closes the connection after so many body bytes, the head promising all of them.
    package static func cut(after bodyBytes: Int) -> Answer { normal.cut(after: bodyBytes) }

    /// Resets the connection (RST) after so many body bytes.
    package static func reset(after bodyBytes: Int) -> Answer { normal.reset(after: bodyBytes) }

    /// Closes the connection without a byte of an answer.
    package static var unanswered: Answer { normal.unanswered }

    /// Sends nothing for `duration` once so many body bytes are out; `nil`: until `OriginServer.release(_:)`.
    package static func stall(at bodyByte: Int, for duration: Duration? = nil) -> Answer {
        normal.stall(at: bodyByte, for: duration)
    }

    /// Sends the body at this rate, in small pieces.
    package static func slow(bytesPerSecond: Int) -> Answer { normal.slow(bytesPerSecond: bytesPerSecond) }

    /// Declares this Content-Length, whatever the body has.
    package static func contentLength(_ bytes: Int) -> Answer { normal.contentLength(bytes) }

    /// Sends no Content-Length: the end of the connection ends the body.
    package static var withoutContentLength: Answer { normal.withoutContentLength }

    /// Answers a Range request with this Content-Range, whatever is sent.
    package static func contentRange(_ value: String) -> Answer { normal.contentRange(value) }

    /// Answers a Range request with 206 but no Content-Range.
    package static var withoutContentRange: Answer { normal.withoutContentRange }

    /// Answers a Range request with 200 and the whole body.
    package static var ignoringRange: Answer { normal.ignoringRange }

    /// Sends the body in chunks, without Content-Length.
    package static var chunked: Answer { normal.chunked }

    /// Sends the body in chunks and closes the connection in place of the last chunk.
    package static var chunkedWithoutEnd: Answer { normal.chunkedWithoutEnd }

    /// Sends this ETag (with its quotes) instead of the resource's own.
    package static func etag(_ value: String) -> Answer { normal.etag(value) }

    /// Closes the connection after this answer, and says so.
    package static var closing: Answer { normal.closing }
}
