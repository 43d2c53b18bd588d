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
    /// NAME of the Rendition; `nil` for the Variant Stream's own playlist.
    var rendition: String?
    /// Where else the segments are.
    var failover: SourceFailover?
    var content = Content.media

    struct Options: Sendable {
        /// Parallel transfers.
        var jobs: Int
        var missingSegments: RemuxConfiguration.MissingSegmentPolicy
        var retries = RetryPolicies()
        /// Where expired addresses are renewed.
        var renewal: PlaylistRenewal?
        /// Replaces the initialization vectors of the playlist.
        var initializationVector: Decryption.InitializationVector?
        var localInput: LocalInput?
        /// A segment that must be held whole is not larger.
        var maximumMemoryBytes: Int
    }

    /// What the segments hold: media, or text, whose loss never ends the session.
    enum Content: Sendable { case media, subtitles }

    /// How far fetching may run ahead of demuxing, as a multiple of the parallel transfers: a slow head of line does not
    /// idle the others; the memory budget bounds the bytes.
    private static let aheadFactor = 4

    /// So many segments of subtitles lost in a row, and the rest is not waited for: sound and picture would wait with it.
    private static let lossesToGiveUp = 5

    private struct Item: Sendable {
        enum Content: Sendable {
            case gap
            case transfer(SegmentTransfer)
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
                let transfer = SegmentTransfer(order: order)
                items.yield(Item(order: order, content: .transfer(transfer)))
                group.addTask {
                    await fetch(transfer)
                    slots.leave()
                }
            }
            items.finish()
            if Task.isCancelled { group.cancelAll() }
        }
    }

    // MARK: - In order into the ring

    private struct Position {
        var discontinuitySequence: UInt64?
        var isBehindGap = false
    }

    private func feed(_ items: AsyncStream<Item>, ahead: AsyncGate) async -> RingEnd {
        var position = Position()
        var lossesInARow = 0
        var tags = VerifiedTags()
        for await item in items {
            defer { ahead.leave() }
            let handed: Handed
            switch item.content {
            case .gap:
                status.lost(gap(item.order, cause: "EXT-X-GAP", isAnnounced: true))
                position.isBehindGap = true
                guard await ring.write(.missing(isCut: false)) else { return .stopped }
                continue
            case .transfer(let transfer):
                transfer.becomeHeadOfLine()
                handed = await hand(transfer, position: &position)
            }
            switch handed {
            case .done:
                lossesInARow = 0
                tags.verified(item.order)
            case .stopped: return .stopped
            case .failed(var error, let isCut):
                if options.missingSegments == .gap { error = tags.judge(error, item.order) }
                guard await ring.write(.missing(isCut: isCut)) else { return .stopped }
                if content == .subtitles {
                    status.lostSubtitles(gap(item.order, cause: error.message, isAnnounced: false))
                    position.isBehindGap = true
                    lossesInARow += 1
                    if lossesInARow < Self.lossesToGiveUp { continue }
                    status.warn("\(label)\(lossesInARow) segments in a row are lost; the rest is not tried")
                    return .complete
                }
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

    /// Reads a segment: its download, and where that fails the next one, which has to begin with the same bytes.
    private func hand(_ transfer: SegmentTransfer, position: inout Position) async -> Handed {
        var handed = HandedBytes(isCompared: failover != nil)
        var refusal: RemuxError?
        for await step in transfer.steps {
            guard case .download(let download, let order) = step else {
                guard case .failed(let error) = step else { return .stopped }
                return .failed(error, isCut: handed.count > 0)
            }
            do throws(RemuxError) {
                guard try await read(download, order: order, handed: &handed, position: &position) else { continue }
                status.committed(bytes: download.receivedBytes)
                return .done
            } catch {
                refusal = refusal ?? error
                transfer.refuse(download, error)
            }
        }
        guard let refusal, !Task.isCancelled else { return .stopped }
        return .failed(refusal, isCut: handed.count > 0)
    }

    /// Hands one download on; false where it ends before its segment does.
    ///
    /// - Throws: ``RemuxError`` where nothing can be done with it.
    private func read(
        _ download: SegmentDownload,
        order: SegmentOrder,
        handed: inout HandedBytes,
        position: inout Position
    ) async throws(RemuxError) -> Bool {
        var repetition = handed.repetition
        while true {
            let next: Chunk?
            do { next = try await download.nextChunk() } catch { return false }
            guard let chunk = next else { break }
            guard repetition.strip(chunk) else { throw FetchFailure.differs(order, label: label) }
            guard chunk.count > 0 else { continue }
            if handed.count == 0 {
                // What the filter let through begins with a head that was judged well.
                let head = Array(chunk.bytes.prefix(SegmentInspector.headBytes))
                guard try await writeMark(order, &position, head: head) else { return false }
            }
            handed.add(chunk)
            guard await ring.write(.chunk(chunk)) else { return false }
        }
        guard repetition.left == 0 else { throw FetchFailure.differs(order, label: label) }
        // An empty segment of subtitles is one without cues.
        if handed.count == 0, content == .subtitles { return try await writeMark(order, &position, head: []) }
        return true
    }

    /// Writes a segment's mark in front of its bytes; `false`: nobody will read it.
    ///
    /// - Throws: ``RemuxError`` where its Media Initialization Section cannot be had.
    private func writeMark(
        _ order: SegmentOrder,
        _ position: inout Position,
        head: [UInt8]
    ) async throws(RemuxError) -> Bool {
        let initialization: InitializationSection?
        let sampleKeys: SampleKeys?
        do {
            initialization = try await section(for: order)
            sampleKeys = try await self.sampleKeys(for: order)
        } catch let error as RemuxError {
            throw FetchFailure.refused(error, order: order, label: label)
        } catch {
            return false
        }
        var mark = SegmentMark(
            identity: order.identity,
            discontinuitySequence: order.discontinuitySequence,
            continuity: position.discontinuitySequence != order.discontinuitySequence
                ? .newRun : position.isBehindGap ? .afterGap : .continues,
            startMicroseconds: order.startMicroseconds,
            durationMicroseconds: order.durationMicroseconds,
            dateMicroseconds: order.dateMicroseconds,
            uri: order.uri,
            container: content == .subtitles
                ? .webVTT : SegmentInspector.container(head: head) ?? .transportStream(.plain),
            initialization: initialization,
            sampleKeys: sampleKeys
        )
        mark.streams = mark.container.packetLayout.flatMap { ProgramStreams(head: head, layout: $0) }
        guard await ring.write(.segment(mark)) else { return false }
        position = Position(discontinuitySequence: order.discontinuitySequence)
        return true
    }

    private func gap(_ order: SegmentOrder, cause: String, isAnnounced: Bool) -> RemuxSummary.Gap {
        RemuxSummary.Gap(
            mediaSequenceNumber: order.identity.mediaSequenceNumber,
            startSeconds: Double(order.startMicroseconds) / 1_000_000,
            durationSeconds: Double(order.durationMicroseconds) / 1_000_000,
            cause: cause,
            isAnnounced: isAnnounced,
            url: order.uri.description,
            rendition: rendition,
            isOfSubtitles: content == .subtitles
        )
    }
}
