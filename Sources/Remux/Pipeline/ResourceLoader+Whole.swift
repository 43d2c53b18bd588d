import Transport

extension ResourceLoader {
    /// Loads a small resource that does not show its own end. Where nothing but the end of the connection tells how long it
    /// is, that may be a connection that broke: it is loaded twice, and the longer body counts.
    ///
    /// - Throws: ``TransportError`` of the last attempt.
    func loadWhole(
        _ request: TransferRequest,
        retry: RetryPolicy,
        renew: URLRenewal? = nil,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws(TransportError) -> LoadedResource {
        let first = try await load(request, retry: retry, renew: renew, onEvent: onEvent)
        guard !first.endIsDeclared else { return first }
        let second = try await load(request, retry: retry, renew: renew, onEvent: onEvent)
        return second.endIsDeclared || second.bytes.count > first.bytes.count ? second : first
    }
}
