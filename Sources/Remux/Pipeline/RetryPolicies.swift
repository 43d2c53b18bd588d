import Transport

/// How long is tried, by what is fetched.
struct RetryPolicies: Sendable {
    var segment = RetryPolicy.segment
    var key = RetryPolicy.key
    var playlist = RetryPolicy.playlist

    /// - Parameter retryCount: how often a request that brings nothing is repeated; nil: as each policy says.
    init(retryCount: Int? = nil) {
        guard let retryCount else { return }
        let attempts = max(0, min(retryCount, 1000)) + 1
        for policy in [\RetryPolicies.segment, \.key, \.playlist] {
            self[keyPath: policy].attempts = attempts
            self[keyPath: policy].notFoundAttempts = min(self[keyPath: policy].notFoundAttempts, attempts)
            self[keyPath: policy].emptyAttempts = min(self[keyPath: policy].emptyAttempts, attempts)
            // More attempts than usual need more time than usual.
            let factor = max(1, Double(attempts) / Double(RetryPolicy.segment.attempts))
            self[keyPath: policy].budget = self[keyPath: policy].budget * factor
        }
    }
}
