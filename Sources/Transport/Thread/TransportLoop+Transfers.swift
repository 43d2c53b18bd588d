import CCurl

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The life of a transfer, from command to answer.
extension TransportLoop {
    func begin(_ operation: Operation, _ kind: AttemptKind, _ reply: CheckedContinuation<AttemptOutcome, Never>) {
        let body: any BodyReceiver =
            switch kind {
            case .load: CollectingBody(request: operation.request)
            case .stream(let parts): stream(for: operation, parts)
            }
        let timeouts = settings.configuration.timeouts
        let transfer = Transfer(loop: self, operation: operation, body: body, timeouts: timeouts, reply: reply)
        if operation.isCancelled {
            finish(transfer, .failure(TransportError(.cancelled)))
        } else if transfer.stream == nil || operation.request.isLocal {
            start(transfer)
        } else {
            let place = pending.firstIndex { $0.id > transfer.id } ?? pending.endIndex
            pending.insert(transfer, at: place)
            startPending()
        }
    }

    /// Starts the attempts there are places for; those at the head of their line need none.
    func startPending() {
        var running = transfers.values.count { $0.stream != nil }
        var waiting: [Transfer] = []
        let candidates = pending
        pending = []
        for transfer in candidates {
            if running < parallelism.limit || transfer.stream?.queue.demand.isHeadOfLine == true {
                running += 1
                start(transfer)
            } else {
                waiting.append(transfer)
            }
        }
        pending = waiting
    }

    func cancel(_ id: UInt64) {
        let transfer = transfers[id] ?? awaitingFilter[id] ?? pending.first { $0.id == id }
        if let transfer { finish(transfer, .failure(TransportError(.cancelled))) }
    }

    func setFilter(_ id: UInt64, _ make: @escaping @Sendable () -> any BodyFilter) {
        guard let stream = streams[id] else {
            earlyFilters[id] = make
            return
        }
        do throws(TransportError) {
            if try stream.setFilter(make), let transfer = awaitingFilter[id] { finish(transfer, .success(nil)) }
        } catch {
            if let transfer = transfers[id] ?? awaitingFilter[id] { finish(transfer, .failure(error)) }
        }
    }

    func retire(_ id: UInt64, _ end: Result<Void, TransportError>) {
        cancel(id)
        earlyFilters[id] = nil
        memory.leave(id)
        streams.removeValue(forKey: id)?.retire(end)
        memory.needsLook = true
    }

    /// Ends an attempt: takes it off the multi handle and answers its task.
    func finish(_ transfer: Transfer, _ result: Result<LoadedResource?, TransportError>) {
        let id = transfer.id
        dropHedge(id)
        if case .network(let easy) = transfer.source { giveBack(easy) }
        transfer.source = .none
        transfers[id] = nil
        awaitingFilter[id] = nil
        pending.removeAll { $0 === transfer }
        memory.leave(id)
        memory.needsLook = true
        throttle?.leave(id)
        transfer.finish(result)
    }

    /// Lets a transfer that was refused memory go on.
    func resume(_ transfer: Transfer) {
        guard transfer.isPaused else { return }
        transfer.isPaused = false
        transfer.stream?.queue.setPaused(false)
        // Calls the write callback with what libcurl holds.
        if let easy = transfer.easy { curl_easy_pause(easy.pointer, CURLPAUSE_CONT) }
    }

    /// Collects the transfers that libcurl is done with.
    func finishTransfers() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let context = sh_getinfo_private(easy)
            else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            networkEnded(transfer, sh_message_result(message))
        }
    }

    /// Reads a bounded piece of every local file that is not paused. True if there is more to read at once.
    func readFiles() -> Bool {
        var hasMore = false
        for transfer in transfers.values {
            guard case .file(let file) = transfer.source, !transfer.isPaused else { continue }
            do throws(TransportError) {
                let bytes = try file.next()
                if bytes.isEmpty {
                    bodyEnded(transfer)
                    continue
                }
                switch try transfer.body.receive(bytes) {
                case .taken:
                    file.advance()
                    hasMore = true
                case .paused: pause(transfer)
                case .enough: bodyEnded(transfer)
                }
            } catch {
                finish(transfer, .failure(error))
            }
        }
        return hasMore
    }

    func pause(_ transfer: Transfer) {
        transfer.isPaused = true
        transfer.wasPaused = true
        transfer.stream?.queue.setPaused(true)
    }

    /// The whole body was received.
    func bodyEnded(_ transfer: Transfer) {
        dropHedge(transfer.id)
        learn(from: transfer)
        do throws(TransportError) {
            if try transfer.body.end() {
                let resource = transfer.body.loaded(effectiveURL: transfer.url, contentType: transfer.contentType)
                finish(transfer, .success(resource))
            } else {
                if case .network(let easy) = transfer.source { giveBack(easy) }
                transfer.source = .none
                transfers[transfer.id] = nil
                awaitingFilter[transfer.id] = transfer
                memory.needsLook = true
            }
        } catch {
            finish(transfer, .failure(error))
        }
    }

    /// Takes in how long a segment took.
    private func learn(from transfer: Transfer) {
        guard transfer.stream != nil, let easy = transfer.easy else { return }
        let first = sh_getinfo_off(easy.pointer, CURLINFO_STARTTRANSFER_TIME_T)
        let total = sh_getinfo_off(easy.pointer, CURLINFO_TOTAL_TIME_T)
        let bytes = sh_getinfo_off(easy.pointer, CURLINFO_SIZE_DOWNLOAD_T)
        guard first > 0 else { return }
        hedging.learn(
            firstByte: .microseconds(Int64(first)),
            bytesPerSecond: total - first > 20_000 ? Double(bytes) / (Double(total - first) / 1_000_000) : nil
        )
    }

    private func stream(for operation: Operation, _ parts: StreamingBody.Parts) -> StreamingBody {
        if let stream = streams[operation.id] { return stream }
        let stream = StreamingBody(operation: operation, parts: parts, pool: pool) { [memory] in memory.grant($0) }
        streams[operation.id] = stream
        if let make = earlyFilters.removeValue(forKey: operation.id) { _ = try? stream.setFilter(make) }
        return stream
    }

    private func start(_ transfer: Transfer) {
        transfers[transfer.id] = transfer
        transfer.asked = transfer.body.ask
        do throws(TransportError) {
            if transfer.operation.request.isLocal {
                try startFile(transfer)
            } else {
                try startHop(transfer, to: CurlURL(transfer.url), previous: nil)
            }
        } catch {
            finish(transfer, .failure(error))
        }
    }

    private func startFile(_ transfer: Transfer) throws(TransportError) {
        try policy.checkLocal()
        var path = transfer.url
        if path.lowercased().hasPrefix("file:") {
            guard let decoded = try CurlURL(path).decodedPath else { throw TransportError(.invalidURL("no path")) }
            path = decoded
        }
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw TransportError(.invalidURL("a local file needs an absolute path"))
        }
        let range = transfer.operation.request.byteRange
        let file = try FileSource(path: path, position: range?.offset ?? 0)
        transfer.source = .file(file)
        var head = ResponseHead(status: 200, contentLength: file.length)
        if let range {
            guard range.last < file.length else {
                throw TransportError(.file("bytes up to \(range.last) wanted, the file has \(file.length)"))
            }
            head = ResponseHead(status: 206, contentRange: "bytes \(range.offset)-\(range.last)/\(file.length)")
        }
        _ = try transfer.body.begin(head, asked: transfer.asked, url: transfer.url)
        memory.needsLook = true
    }

    /// Checks where the transfer goes next, and goes.
    func startHop(_ transfer: Transfer, to url: consuming CurlURL, previous: Origin?) throws(TransportError) {
        guard let string = url.string else { throw TransportError(.invalidURL("it cannot be written")) }
        transfer.url = string
        let origin = url.origin
        let role = transfer.operation.request.role
        let passage = try policy.check(scheme: url.scheme ?? "", origin: origin, previous: previous, role: role)
        if passage.isDowngrade { transfer.report(.downgradedToHTTP(RedactedURL(string))) }
        transfer.origin = origin
        transfer.isInputOrigin = passage.isInputOrigin
        transfer.isDowngrade = passage.isDowngrade
        let easy: EasyHandle
        if let own = transfer.easy {
            curl_multi_remove_handle(multi, own.pointer)
            easy = own
        } else {
            easy = try takeHandle()
            transfer.source = .network(easy)
        }
        try easy.prepare(for: transfer, settings)
        curl_multi_check(curl_multi_add_handle(multi, easy.pointer))
    }
}
