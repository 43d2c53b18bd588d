import Synchronization

/// One `load` or `download` as both sides know it.
final class Operation: Sendable {
    /// Unique in the transport, and the start order.
    let id: UInt64
    let request: TransferRequest
    let onEvent: @Sendable (TransferEvent) -> Void
    private let cancelled = Atomic(false)

    init(id: UInt64, request: TransferRequest, onEvent: @escaping @Sendable (TransferEvent) -> Void) {
        self.id = id
        self.request = request
        self.onEvent = onEvent
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
}
