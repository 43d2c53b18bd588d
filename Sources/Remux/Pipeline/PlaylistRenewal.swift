import HLS
import Transport

/// Loads the playlists of a session again when the addresses in them have expired (HTTP 401, 403, 410), and says where their
/// resources are then.
///
/// From the input's own URL: what it redirects to may carry tokens, too. Not more often than each 30 seconds: whoever asks
/// meanwhile gets what is known, once, and then waits if addresses do change.
actor PlaylistRenewal {
    private static let pause: Duration = .seconds(30)

    private let playlists: [MediaPlaylist]
    private let load: @Sendable () async throws -> [MediaPlaylist]
    private let status: SessionStatus
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration

    private var addresses = RenewedAddresses()
    /// Resources that have been told the latest addresses.
    private var told: Set<ResourceURI> = []
    private var lastLoad: Duration?
    private var didLoad = false
    private var loading: Task<Void, Never>?

    /// - Parameters:
    ///   - playlists: those in use.
    ///   - clock: measures the time between loads.
    ///   - load: gives the same playlists, in the same order, as they are now.
    init(
        playlists: [MediaPlaylist],
        clock: any Clock<Duration>,
        status: SessionStatus,
        load: @escaping @Sendable () async throws -> [MediaPlaylist]
    ) {
        self.playlists = playlists
        self.load = load
        self.status = status
        self.clock = clock
        elapsed = Self.stopwatch(clock)
    }

    /// What asks for a resource at this URI is given.
    nonisolated func renewal(of uri: ResourceURI) -> URLRenewal {
        { [self] failed, error in await url(of: uri, insteadOf: failed, error) }
    }

    private func url(of uri: ResourceURI, insteadOf failed: String, _ error: TransportError) async -> String? {
        while !Task.isCancelled {
            if let loading { await loading.value }
            let known = addresses.address(of: uri)
            if let known, known.text != failed || !told.contains(uri) {
                told.insert(uri)
                return known.text
            }
            let wait = lastLoad.map { $0 + Self.pause - elapsed() } ?? .zero
            if wait > .zero {
                // Addresses that do not change are refused for another reason.
                guard let known, known != uri else { return nil }
                do { try await clock.sleep(for: wait) } catch { return nil }
            } else {
                await reload(because: error)
                guard didLoad, addresses.address(of: uri) != nil else { return nil }
            }
        }
        return nil
    }

    private func reload(because error: TransportError) async {
        let task = Task { await self.renewAddresses(because: error) }
        loading = task
        await task.value
        loading = nil
    }

    private func renewAddresses(because error: TransportError) async {
        lastLoad = elapsed()
        didLoad = false
        do {
            let fresh = try await load()
            guard fresh.count == playlists.count else {
                return status.warn("the addresses have expired, and the playlist offers other streams now: \(error)")
            }
            var renewed = RenewedAddresses()
            for (old, new) in zip(playlists, fresh) { renewed.add(RenewedAddresses(from: old, to: new)) }
            addresses = renewed
            told = []
            didLoad = true
            status.warnOnce(
                .renewed,
                "addresses have expired (\(error)); going on with those that the playlist has now"
            )
        } catch {
            if !Task.isCancelled { status.warn("the playlist could not be loaded again: \(error)") }
        }
    }

    private static func stopwatch<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
