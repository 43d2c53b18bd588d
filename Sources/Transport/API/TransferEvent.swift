/// Something worth telling about a transfer that goes on.
package enum TransferEvent: Sendable {
    /// Attempt number `attempt` (from 1) failed; the next one starts after `after`.
    case retry(attempt: Int, after: Duration, TransportError)
    /// A segment comes over http although the input is https.
    case downgradedToHTTP(RedactedURL)
    /// The body came with a Content-Encoding that was not asked for; it is decoded.
    case contentEncodingUnasked(String, RedactedURL)
    /// The server answered a byte range with the whole resource; the rest is skipped here.
    case rangeIgnored(RedactedURL)
    /// It lags far behind others: requested a second time, the first one to answer counts.
    case hedged
    /// A cut transfer goes on at this byte of the body.
    case resumed(at: UInt64)
    /// A cut transfer starts over, and the bytes handed on already are dropped.
    case restarted(dropping: UInt64)
}
