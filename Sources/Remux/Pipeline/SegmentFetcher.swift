import Decryption
import HLS
import Transport

/// Fetches the Media Segments of one source in parallel and hands them to its ring in order.
struct SegmentFetcher: Sendable {
    let loader: ResourceLoader
    let keys: KeyStore
    let sections: InitializationStore
    let ring: ByteRing
    let status: SessionStatus
    let options: Options
    /// Names the Rendition in messages; empty for the Variant Stream's own playlist.
    let label: String

    struct Options: Sendable {
        /// Parallel transfers.
        var jobs: Int
        var missingSegments: RemuxConfiguration.MissingSegmentPolicy
        /// Replaces the initialization vectors of the playlist.
        var initializationVector: Decryption.InitializationVector?
        var localInput: LocalInput?
        /// A segment that must be held whole is not larger.
        var maximumMemoryBytes: Int
    }

    /// How far fetching may run ahead of demuxing, as a multiple of the parallel transfers: a slow head of line does not
    /// idle the others; the memory budget bounds the bytes.
    private static let aheadFactor = 4

    private struct Item: Sendable {
        enum Content: Sendable {
            case gap
            case download(SegmentDownload)
            case refused(RemuxError)
        }

        var order: SegmentOrder
        var content: Content
    }

    /// Fetches everything the schedule plans. Ends the ring in every case.
    func run(_ schedule: SegmentSchedule) async {
        let slots = AsyncGate(slots: options.jobs)
        let ahead = AsyncGate(slots: options.jobs * Self.aheadFactor)
        let (items, continuation) = AsyncStream.makeStream(of: Item.self)
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await start(schedule, slots: slots, ahead: ahead, items: continuation) }
                let end = await feed(items, ahead: ahead)
                slots.close()
                ahead.close()
                group.cancelAll()
                ring.finish(end)
            }
        } onCancel: {
            slots.close()
            ahead.close()
            ring.finish(.stopped)
        }
    }

    /// Starts one transfer after the other, as slots become free.
    private func start(
        _ schedule: SegmentSchedule,
        slots: AsyncGate,
        ahead: AsyncGate,
        items: AsyncStream<Item>.Continuation
    ) async {
        var schedule = schedule
        // Discarding: a plain group would keep every finished transfer until the last one has ended.
        await withDiscardingTaskGroup { group in
            while let order = schedule.next() {
                guard await ahead.enter() else { break }
                if order.isGap {
                    items.yield(Item(order: order, content: .gap))
                    continue
                }
                guard await slots.enter() else { break }
                do throws(RemuxError) {
                    let download = try makeDownload(order)
                    items.yield(Item(order: order, content: .download(download)))
                    if order.initializationSection != nil {
                        // Under way before its first segment is the next in line.
                        group.addTask { _ = try? await section(for: order) }
                    }
                    if let lock = Lock(order.encryption), lock.isOfSamples {
                        group.addTask { _ = try? await sampleKeys(for: order) }
                    }
                    group.addTask {
                        await download.run()
                        slots.leave()
                    }
                } catch {
                    slots.leave()
                    let refusal = FetchFailure.refused(error, order: order, label: label)
                    items.yield(Item(order: order, content: .refused(refusal)))
                }
            }
            items.finish()
            if Task.isCancelled { group.cancelAll() }
        }
    }

    private func makeDownload(_ order: SegmentOrder) throws(RemuxError) -> SegmentDownload {
        let number = order.identity.mediaSequenceNumber
        var request = try TransferRequest(
            resource: order.uri,
            role: .mediaSegment,
            byteRange: order.byteRange,
            localInput: options.localInput
        )
        if Lock(order.encryption)?.method == .aes256GCM { request.maximumBytes = UInt64(options.maximumMemoryBytes) }
        return loader.download(
            request,
            retry: .segment,
            filter: filter(for: order),
            makeDigest: { (try? SHA256Digest()).map(SegmentDigest.init) ?? SegmentDigest(nil) },
            onEvent: { [status, label] event in status.report(event, subject: "\(label)Media Segment \(number)") }
        )
    }

    private func section(for order: SegmentOrder) async throws -> InitializationSection? {
        guard let section = order.initializationSection else { return nil }
        return try await sections.section(section) { [status, label] event in
            status.report(event, subject: "\(label)Media Initialization Section \(section.uri)")
        }
    }

    // MARK: - Decryption

    private func filter(for order: SegmentOrder) -> FilterSource {
        let number = order.identity.mediaSequenceNumber
        let place = "\(label)Media Segment \(number)"
        let notes = SegmentFilter.Notes(
            paddingMissing: { [status] in
                status.warnOnce(.paddingMissing, "\(place): the last block has no padding; all its bytes are kept")
            },
            disguiseRemoved: { [status] in
                status.warnOnce(.disguise, "\(place): an image or a page stands before the media; it is left out")
            }
        )
        guard let lock = Lock(order.encryption), !lock.isOfSamples else {
            return .ready { SegmentFilter(decryptor: nil, notes: notes) }
        }
        let cipher: DecryptingFilter.Cipher =
            lock.method == .aes256GCM
            ? .aes256GCM(limitBytes: options.maximumMemoryBytes)
            : .aes128(vector(of: lock) ?? Decryption.InitializationVector(mediaSequenceNumber: number))
        return .whenKnown { [self] in
            let key = try await key(for: lock)
            // A cipher context that cannot be made (no memory) must not pass ciphertext on as if it were clear.
            return { DecryptingFilter.make(key: key, cipher: cipher, notes: notes) }
        }
    }

    private func key(for lock: Lock) async throws -> DecryptionKey {
        try await keys.key(for: lock) { [status] event in
            status.report(event, subject: lock.keyURI.map { "key \($0)" } ?? "key")
        }
    }

    private func vector(of lock: Lock) -> Decryption.InitializationVector? {
        options.initializationVector ?? lock.vector.flatMap { try? Decryption.InitializationVector($0.bytes) }
    }

    /// What opens the samples of a segment; `nil` where nothing is known that could.
    ///
    /// - Throws: ``RemuxError`` with code `key`.
    private func sampleKeys(for order: SegmentOrder) async throws -> SampleKeys? {
        guard let lock = Lock(order.encryption), lock.isOfSamples else {
            // Movie fragments say themselves that their samples are encrypted.
            return keys.given.isEmpty ? nil : SampleKeys(given: keys.given)
        }
        var found = SampleKeys(
            method: lock.method == .sampleAES ? .chaining : .counter,
            given: keys.given,
            vector: vector(of: lock)
        )
        guard keys.given.replacement == nil, lock.keyURI != nil else { return found }
        do {
            found.playlistKey = try await key(for: lock)
        } catch let error as RemuxError where !keys.given.byKeyID.isEmpty {
            // The keys given by ID may be all that is needed.
            found.playlistKeyFailure = error.message
        }
        return found
    }

    // MARK: - In order into the ring

    private struct Position {
        var discontinuitySequence: UInt64?
        var isBehindGap = false
    }

    private func feed(_ items: AsyncStream<Item>, ahead: AsyncGate) async -> RingEnd {
        var position = Position()
        for await item in items {
            defer { ahead.leave() }
            let handed: Handed
            switch item.content {
            case .gap:
                status.lost(gap(item.order, cause: "EXT-X-GAP", isAnnounced: true))
                position.isBehindGap = true
                guard await ring.write(.missing(isCut: false)) else { return .stopped }
                continue
            case .refused(let error):
                handed = .failed(error, isCut: false)
            case .download(let download):
                download.becomeHeadOfLine()
                handed = await hand(download, order: item.order, position: &position)
            }
            switch handed {
            case .done: break
            case .stopped: return .stopped
            case .failed(let error, let isCut):
                guard await ring.write(.missing(isCut: isCut)) else { return .stopped }
                guard error.code == .incomplete, options.missingSegments == .gap else { return .failed(error) }
                status.lost(gap(item.order, cause: error.message, isAnnounced: false))
                status.warn(error.message)
                position.isBehindGap = true
            }
        }
        return Task.isCancelled ? .stopped : .complete
    }

    private enum Handed {
        case done
        case stopped
        case failed(RemuxError, isCut: Bool)
    }

    private func hand(_ download: SegmentDownload, order: SegmentOrder, position: inout Position) async -> Handed {
        var hasMark = false
        do {
            while let chunk = try await download.nextChunk() {
                if !hasMark {
                    switch await self.mark(order, position, firstChunk: chunk) {
                    case .success(let mark):
                        guard await ring.write(.segment(mark)) else { return .stopped }
                    case .failure(let error as RemuxError):
                        return .failed(FetchFailure.refused(error, order: order, label: label), isCut: false)
                    case .failure:
                        return .stopped
                    }
                    position = Position(discontinuitySequence: order.discontinuitySequence)
                    hasMark = true
                }
                guard await ring.write(.chunk(chunk)) else { return .stopped }
            }
        } catch {
            if error.isCancellation, Task.isCancelled { return .stopped }
            return .failed(FetchFailure.remuxError(error, order: order, label: label), isCut: hasMark)
        }
        status.committed(bytes: download.receivedBytes)
        return .done
    }

    private func mark(
        _ order: SegmentOrder,
        _ position: Position,
        firstChunk: Chunk
    ) async -> Result<SegmentMark, any Error> {
        let initialization: InitializationSection?
        let sampleKeys: SampleKeys?
        do {
            initialization = try await section(for: order)
            sampleKeys = try await self.sampleKeys(for: order)
        } catch {
            return .failure(error)
        }
        // What the filter let through begins with a head that was judged well.
        let head = Array(firstChunk.bytes.prefix(SegmentInspector.headBytes))
        let mark = SegmentMark(
            identity: order.identity,
            discontinuitySequence: order.discontinuitySequence,
            continuity: position.discontinuitySequence != order.discontinuitySequence
                ? .newRun : position.isBehindGap ? .afterGap : .continues,
            startMicroseconds: order.startMicroseconds,
            durationMicroseconds: order.durationMicroseconds,
            container: SegmentInspector.container(head: head) ?? .transportStream(.plain),
            initialization: initialization,
            sampleKeys: sampleKeys
        )
        return .success(mark)
    }

    private func gap(_ order: SegmentOrder, cause: String, isAnnounced: Bool) -> RemuxSummary.Gap {
        RemuxSummary.Gap(
            mediaSequenceNumber: order.identity.mediaSequenceNumber,
            startSeconds: Double(order.startMicroseconds) / 1_000_000,
            durationSeconds: Double(order.durationMicroseconds) / 1_000_000,
            cause: cause,
            isAnnounced: isAnnounced
        )
    }
}
