import Transport

extension SessionStatus {
    /// Tells what a transfer met on its way.
    ///
    /// - Parameters:
    ///   - subject: what is transferred, as a message begins: `Media Segment 7`.
    ///   - mediaSequenceNumber: of a Media Segment.
    func report(_ event: TransferEvent, subject: String, mediaSequenceNumber: UInt64? = nil) {
        switch event {
        case .retry(let attempt, let after, let error):
            retried(
                RemuxRetry(
                    subject: subject,
                    mediaSequenceNumber: mediaSequenceNumber,
                    attempt: attempt,
                    delaySeconds: after / .seconds(1),
                    cause: "\(error)"
                )
            )
        case .downgradedToHTTP(let url):
            warnOnce(.downgrade, "segments come over plain http although the input is https (\(url))")
        case .contentEncodingUnasked(let encoding, let url):
            warnOnce(
                .contentEncoding,
                "the server uses content encoding \(encoding), which was not asked for (\(url))"
            )
        case .rangeIgnored(let url):
            warnOnce(.rangeIgnored, "the server ignores byte ranges; the rest is skipped here (\(url))")
        case .hedged:
            note("\(subject): lags far behind the others, requested a second time")
        case .resumed(let offset):
            note("\(subject): goes on at byte \(offset)")
        case .restarted(let bytes):
            note("\(subject): starts over; \(bytes) bytes handed on already are dropped")
        }
    }
}
