import CCurl
import Synchronization
import Threading

/// Fetches resources over HTTP: one thread, keep-alive connections, bodies streamed in pooled chunks with back-pressure.
///
/// Must be shut down (``shutdown()``) before it is released. Thread-safe.
package final class ResourceLoader: Sendable {
    private let core: TransportCore
    private let thread: DedicatedThread<Void>
    /// A proxy of the environment makes the connections: what a public input leads to cannot be checked, although it
    /// should be.
    package let addressCheckIsOffBehindProxy: Bool
    /// Certificates of servers are not checked.
    package let isInsecure: Bool

    /// Starts the transport thread.
    ///
    /// - Parameters:
    ///   - memory: the budget for bodies; may be shared with other transports and the ring.
    ///   - clock: measures waits between attempts and the time that attempts take.
    ///   - jitter: gives 0 to 1; spreads the waits.
    /// - Throws: ``TransportError`` if the input URL is none, or libcurl cannot do what is needed: it is shown here that
    ///   it refuses `file:`.
    package init(
        configuration: TransportConfiguration,
        memory: ChunkPool,
        clock: any Clock<Duration> = ContinuousClock(),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) throws(TransportError) {
        try CurlGlobal.initialise()
        try EasyHandle.assertFilesAreRefused()
        let policy = try NetworkPolicy(inputURL: configuration.inputURL)
        isInsecure = configuration.isInsecure
        addressCheckIsOffBehindProxy =
            !AddressPolicy.isOffByInput(configuration, policy) && AddressPolicy.isOffByProxy(configuration)
        guard let multi = curl_multi_init() else { throw TransportError(.internalFailure("curl_multi_init")) }
        guard let share = curl_share_init() else {
            curl_multi_cleanup(multi)
            throw TransportError(.internalFailure("curl_share_init"))
        }
        // One thread uses them: no lock functions.
        _ = sh_share(share, CURL_LOCK_DATA_COOKIE)
        _ = sh_share(share, CURL_LOCK_DATA_SSL_SESSION)
        let multiHandle = MultiHandle(pointer: multi)
        let shareHandle = MultiHandle(pointer: share)
        let mailbox = Mailbox(multi: multiHandle)
        do {
            thread = try DedicatedThread(name: "transport") {
                TransportLoop(
                    configuration: configuration,
                    policy: policy,
                    multi: multiHandle,
                    share: shareHandle.pointer,
                    mailbox: mailbox,
                    pool: memory
                ).run()
            }
        } catch {
            curl_share_cleanup(share)
            curl_multi_cleanup(multi)
            throw TransportError(.internalFailure("\(error)"))
        }
        core = TransportCore(mailbox: mailbox, clock: clock, jitter: jitter)
    }

    /// Fetches a small resource whole: a playlist, a key, a Media Initialization Section.
    ///
    /// - Parameter renew: gives another URL where this one may have expired.
    /// - Throws: ``TransportError`` of the last attempt; ``TransportError/Kind/cancelled`` if the task was cancelled.
    package func load(
        _ request: TransferRequest,
        retry: RetryPolicy,
        renew: URLRenewal? = nil,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws(TransportError) -> LoadedResource {
        let operation = core.makeOperation(request, renew: renew, onEvent)
        switch await core.run(operation, .load, retry) {
        case .success(let resource?): return resource
        case .success(nil): throw TransportError(.internalFailure("a body was lost"))
        case .failure(let error): throw error
        }
    }

    /// Declares a download. Nothing starts before ``SegmentDownload/run()``.
    ///
    /// - Parameters:
    ///   - filter: what the bytes run through on the transport thread.
    ///   - makeDigest: compares a body that had to start over with what was handed on; without it such a body fails.
    ///   - renew: gives another URL where this one may have expired.
    ///   - onEvent: called on the transport thread or the running task; must not wait.
    package func download(
        _ request: TransferRequest,
        retry: RetryPolicy,
        filter: FilterSource = .none,
        makeDigest: (@Sendable () -> any BodyDigest)? = nil,
        renew: URLRenewal? = nil,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) -> SegmentDownload {
        SegmentDownload(
            core: core,
            request: request,
            retry: retry,
            filter: filter,
            makeDigest: makeDigest,
            renew: renew,
            onEvent: onEvent
        )
    }

    /// Cancels everything, frees libcurl's objects and joins the thread. Later requests end as cancelled.
    package func shutdown() async {
        _ = core.mailbox.post(.shutdown)
        await thread.value
    }
}

extension NetworkPolicy {
    /// The policy for an input as the user gave it.
    init(inputURL: String) throws(TransportError) {
        let lowercased = inputURL.lowercased()
        guard lowercased.hasPrefix("http:") || lowercased.hasPrefix("https:") else {
            self.init(inputOrigin: nil)
            return
        }
        let url = try CurlURL(inputURL)
        guard let origin = url.origin else {
            throw TransportError(.invalidURL("it has no host"), url: RedactedURL(inputURL))
        }
        self.init(inputOrigin: origin)
    }
}
