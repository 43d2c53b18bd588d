import Transport

extension SessionStatus {
    /// Tells what a segment's transfer met on its way.
    func report(_ event: TransferEvent, mediaSequenceNumber number: UInt64) {
        switch event {
        case .retry(let attempt, let after, let error):
            retried("Media Segment \(number): attempt \(attempt) failed, the next one in \(after): \(error)")
        case .downgradedToHTTP(let url):
            warnOnce(.downgrade, "segments come over plain http although the input is https (\(url))")
        case .contentEncodingUnasked(let encoding, let url):
            warnOnce(
                .contentEncoding,
                "the server sends segments with content encoding \(encoding) that was not asked for (\(url))"
            )
        case .rangeIgnored(let url):
            warnOnce(.rangeIgnored, "the server ignores byte ranges; the rest is skipped here (\(url))")
        case .resumed(let offset):
            note("Media Segment \(number): goes on at byte \(offset)")
        case .restarted(let bytes):
            note("Media Segment \(number): starts over; \(bytes) bytes handed on already are dropped")
        }
    }
}
