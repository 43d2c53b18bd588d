import CCurl

/// The transport thread: owns the `CURLM` and every easy handle, and all transfers. Nothing of it is touched by another
/// thread.
final class TransportLoop {
    let multi: UnsafeMutableRawPointer
    let mailbox: Mailbox
    let pool: ChunkPool
    let settings: RequestSettings
    let policy: NetworkPolicy
    var addresses: AddressPolicy

    /// The attempts under way, by operation.
    var transfers: [UInt64: Transfer] = [:]
    /// The downloads between their first attempt and their retirement.
    var streams: [UInt64: StreamingBody] = [:]
    /// Second requests for attempts under way, by operation.
    var hedges: [UInt64: Transfer] = [:]
    /// First requests whose place a second one has taken, until they can be ended.
    var superseded: [Transfer] = []
    /// Attempts that wait for one of the `jobs` places, in start order.
    var pending: [Transfer] = []
    /// Attempts whose body has ended and waits for its filter.
    var awaitingFilter: [UInt64: Transfer] = [:]
    /// Filters that were known before the first attempt.
    var earlyFilters: [UInt64: @Sendable () -> any BodyFilter] = [:]
    private(set) var idleHandles: [EasyHandle] = []
    /// The handle that is given back next is not used again.
    var discardsHandle = false
    let memory: MemoryGate
    /// Nil: there is no limit.
    let throttle: TransferThrottle?

    var parallelism: ParallelismPolicy
    var hedging: HedgePolicy
    /// Connections may go to a proxy.
    let mayUseProxy: Bool
    private let start = ContinuousClock.now
    private var isShutDown = false
    private var lastTick = ContinuousClock.now

    init(
        configuration: TransportConfiguration,
        policy: NetworkPolicy,
        multi: MultiHandle,
        share: UnsafeMutableRawPointer,
        mailbox: Mailbox,
        pool: ChunkPool
    ) {
        self.multi = multi.pointer
        self.mailbox = mailbox
        self.pool = pool
        self.policy = policy
        settings = RequestSettings(
            configuration: configuration,
            fields: RequestFields(configuration: configuration),
            share: share,
            write: writeCallback,
            openSocket: openSocketCallback
        )
        addresses = AddressPolicy(
            isUnchecked: AddressPolicy.isOffByInput(configuration, policy) || AddressPolicy.isOffByProxy(configuration)
        )
        mayUseProxy = AddressPolicy.isOffByProxy(configuration)
        parallelism = ParallelismPolicy(maximum: configuration.jobs)
        hedging = HedgePolicy(minimumWait: configuration.timeouts.hedge)
        memory = MemoryGate(pool: pool) { mailbox.wake() }
        throttle = configuration.bytesPerSecond.map { TransferThrottle(bytesPerSecond: $0) }
        curl_multi_check(sh_multi_setopt_long(multi.pointer, CURLMOPT_MAXCONNECTS, configuration.jobs + 8))
    }

    /// Serves until shutdown. Blocks.
    func run() {
        setCookies()
        while !isShutDown {
            takeCommands()
            if memory.needsLook {
                memory.needsLook = false
                startPending()
                resumePaused()
            }
            resumeThrottled()
            let hasFileWork = readFiles()
            var running: Int32 = 0
            curl_multi_check(curl_multi_perform(multi, &running))
            endSuperseded()
            finishTransfers()
            tick()
            for stream in streams.values { stream.servePartialChunk() }
            let mustGoOn = hasFileWork || memory.needsLook || isShutDown
            blockingPoll(milliseconds: mustGoOn ? 0 : pollTimeout)
        }
        releaseEverything()
    }

    /// Gives a handle out for a transfer.
    func takeHandle() throws(TransportError) -> EasyHandle {
        if let handle = idleHandles.popLast() { return handle }
        return try EasyHandle()
    }

    /// Takes a handle back from a transfer.
    func giveBack(_ handle: EasyHandle) {
        curl_multi_remove_handle(multi, handle.pointer)
        if !discardsHandle, idleHandles.count < settings.configuration.jobs { idleHandles.append(handle) }
    }

    private func takeCommands() {
        let (commands, wasWoken) = mailbox.take()
        if wasWoken { memory.needsLook = true }
        for command in commands {
            switch command {
            case .attempt(let operation, let kind, let reply): begin(operation, kind, reply)
            case .cancel(let id): cancel(id)
            case .filter(let id, let make): setFilter(id, make)
            case .retire(let id, let end): retire(id, end)
            case .shutdown: isShutDown = true
            }
        }
    }

    /// Lets paused transfers go on, in start order, as far as memory goes.
    private func resumePaused() {
        for id in memory.waiting {
            guard let transfer = transfers[id], let stream = transfer.stream else {
                memory.leave(id)
                continue
            }
            if stream.retryGrant() { resume(transfer) }
        }
    }

    /// Lets transfers that waited for their turn under the limit go on.
    private func resumeThrottled() {
        guard let throttle else { return }
        while let id = throttle.next() {
            throttle.leave(id)
            // One that waits for memory too goes on when that comes.
            if let transfer = transfers[id], !memory.waiting.contains(id) { resume(transfer) }
        }
    }

    /// The period of the tick: short against the shortest limit, and long enough to measure a rate.
    private var tickPeriod: Duration {
        let timeouts = settings.configuration.timeouts
        let shortest = min(timeouts.stall, timeouts.firstByte, timeouts.connect, timeouts.hedge * 5)
        return min(max(shortest / 20, .milliseconds(5)), .seconds(1))
    }

    private var pollTimeout: Int32 {
        if transfers.isEmpty { return 60_000 }
        let sleep = min(tickPeriod, throttle?.wait ?? tickPeriod)
        return Int32((sleep / .milliseconds(1)).rounded(.up))
    }

    /// Finds transfers that do not move.
    private func tick() {
        let now = ContinuousClock.now
        guard now - lastTick >= tickPeriod else { return }
        // Time in which this process was stopped is nobody's fault.
        let elapsed = min(now - lastTick, tickPeriod * 2)
        lastTick = now
        let bytes = transfers.values.reduce(0) { $0 + ($1.stream == nil ? 0 : UInt64($1.bytesSinceTick)) }
        if parallelism.advance(to: uptime, bytes: bytes) { memory.needsLook = true }
        for second in hedges.values where second.tick(elapsed) != nil { dropHedge(second.id) }
        for transfer in transfers.values {
            let lags = lags(transfer, elapsed)
            if let kind = transfer.tick(elapsed) {
                finish(transfer, .failure(TransportError(kind)))
            } else if lags {
                hedge(transfer)
            }
        }
    }

    /// Whether a transfer is the head of line and far slower than others were.
    private func lags(_ transfer: Transfer, _ elapsed: Duration) -> Bool {
        guard let stream = transfer.stream, transfer.easy != nil, !transfer.wasPaused, !transfer.isPaused,
            stream.queue.demand.isHeadOfLine, throttle == nil, !parallelism.isCareful(at: uptime)
        else { return false }
        return hedging.lags(&transfer.pace, elapsed: elapsed, bytes: transfer.bytesSinceTick)
    }

    /// Time since the thread began.
    var uptime: Duration { ContinuousClock.now - start }

    /// Gives the cookie engine, which all handles share, what it begins with.
    private func setCookies() {
        let lines = settings.configuration.cookieLines
        guard !lines.isEmpty, let handle = try? EasyHandle() else { return }
        // A line that libcurl does not take is one that it would not send either: expired, or of a public suffix.
        try? handle.set(CURLOPT_SHARE, settings.share)
        try? handle.set(CURLOPT_COOKIEFILE, "")
        for line in lines { try? handle.set(CURLOPT_COOKIELIST, line) }
    }

    /// Sleeps until the network or the mailbox has something. The one place where the thread waits.
    private func blockingPoll(milliseconds: Int32) {
        curl_multi_check(curl_multi_poll(multi, nil, 0, milliseconds, nil))
    }

    /// Cancels what is left, in an order that leaves nothing dangling: transfers, handles, share, multi.
    private func releaseEverything() {
        for command in mailbox.close() {
            if case .attempt(_, _, let reply) = command { reply.resume(returning: .cancelled) }
            if case .retire(let id, let end) = command { retire(id, end) }
        }
        for transfer in Array(transfers.values) + pending + Array(awaitingFilter.values) {
            finish(transfer, .failure(TransportError(.cancelled)))
        }
        for id in Array(hedges.keys) { dropHedge(id) }
        endSuperseded()
        for stream in streams.values { stream.retire(.failure(TransportError(.cancelled))) }
        streams = [:]
        idleHandles = []
        curl_multi_cleanup(multi)
        curl_share_cleanup(settings.share)
    }
}

extension Transfer {
    /// Takes the time since the last tick in; returns the failure if it was too much.
    fileprivate func tick(_ elapsed: Duration) -> TransportError.Kind? {
        defer {
            bytesSinceTick = 0
            wasPaused = isPaused
        }
        guard !wasPaused, let easy else { return nil }
        if sh_getinfo_off(easy.pointer, CURLINFO_PRETRANSFER_TIME_T) > 0 { detector.connected() }
        return detector.advance(by: elapsed, bytes: bytesSinceTick)
    }
}

/// The codes of the multi interface say that a handle was misused, or that memory ran out.
func curl_multi_check(_ code: CURLMcode) {
    precondition(code == CURLM_OK, "the curl multi interface failed with code \(code.rawValue)")
}
