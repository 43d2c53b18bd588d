import Synchronization

/// One `load` or `download` as both sides know it.
final class Operation: Sendable {
    /// Unique in the transport, and the start order.
    let id: UInt64
    let request: TransferRequest
    let onEvent: @Sendable (TransferEvent) -> Void
    private let renew: URLRenewal?
    private let cancelled = Atomic(false)
    private let renewedURL: Mutex<String?> = Mutex(nil)

    init(
        id: UInt64,
        request: TransferRequest,
        renew: URLRenewal?,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) {
        self.renew = renew
        self.id = id
        self.request = request
        self.onEvent = onEvent
    }

    /// Where the next attempt goes.
    var url: String { renewedURL.withLock { $0 } ?? request.url }

    /// Asks for another URL for the next attempt; false where there is none.
    func renewURL(after error: TransportError) async -> Bool {
        guard let renew, let fresh = await renew(url, error) else { return false }
        renewedURL.withLock { $0 = fresh }
        return true
    }

    /// Set before the transport thread is told, so that an attempt that is on its way to it is not started.
    var isCancelled: Bool {
        get { cancelled.load(ordering: .acquiring) }
        set { cancelled.store(newValue, ordering: .releasing) }
    }
}

/// How an attempt ended.
enum AttemptOutcome: Sendable {
    /// The body is whole; a loaded one is here.
    case completed(LoadedResource?)
    /// `received`: the bytes that this attempt added.
    case failed(TransportError, received: UInt64)
    case cancelled
}

/// A small resource in memory.
package struct LoadedResource: Sendable, Equatable {
    /// The whole body, decoded.
    package let bytes: [UInt8]
    /// The URL after redirects: relative URIs are resolved against it.
    package let effectiveURL: String
    /// The Content-Type header's value, if any.
    package let contentType: String?
    /// The server said where the body ends: it is whole.
    package var endIsDeclared = true
}
