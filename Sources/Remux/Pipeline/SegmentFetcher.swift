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
    var content = Content.media

    struct Options: Sendable {
        /// Parallel transfers.
        var jobs: Int
        var missingSegments: RemuxConfiguration.MissingSegmentPolicy
        /// Replaces the initialization vectors of the playlist.
        var initializationVector: Decryption.InitializationVector?
        var localInput: LocalInput?
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
        let request = try TransferRequest(
            resource: order.uri,
            role: content == .media ? .mediaSegment : .subtitleSegment,
            byteRange: order.byteRange,
            localInput: options.localInput
        )
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

    /// Refuses subtitles in fragmented MP4, before a segment is fetched. CODECS tells nothing: playlists say `wvtt` of plain
    /// WebVTT, too, whose header a Media Initialization Section may hold.
    ///
    /// - Throws: ``RemuxError`` with code `playlistRefused`. A section that cannot be had loses its segments later.
    func checkSubtitles(_ schedule: SegmentSchedule) async throws {
        var schedule = schedule
        guard let order = schedule.next(), let section = try? await section(for: order) else { return }
        guard case .fragmentedMP4 = SegmentFormat(head: section.bytes) else { return }
        throw RemuxError(
            .playlistRefused,
            "\(label)these subtitles are in fragmented MP4 (wvtt or stpp), and only WebVTT segments can be taken so far; choose "
                + "others, or none, with --subtitles",
            context: RemuxError.Context(stage: "Playlist", url: order.initializationSection?.uri.description)
        )
    }

    // MARK: - Decryption

    private func filter(for order: SegmentOrder) -> FilterSource {
        let number = order.identity.mediaSequenceNumber
        let (content, needsSignature) = (content, order.initializationSection == nil)
        let place = "\(label)Media Segment \(number)"
        let notes = SegmentFilter.Notes(
            paddingMissing: { [status] in
                status.warnOnce(.paddingMissing, "\(place): the last block has no padding; all its bytes are kept")
            },
            disguiseRemoved: { [status] in
                status.warnOnce(.disguise, "\(place): an image or a page stands before the media; it is left out")
            }
        )
        guard case .identity(_, let keyURI, let iv) = order.encryption else {
            if content == .subtitles {
                return .ready { SubtitleFilter(decryptor: nil, needsSignature: needsSignature) }
            }
            return .ready { SegmentFilter(decryptor: nil, notes: notes) }
        }
        let vector = options.initializationVector ?? Self.vector(iv, number)
        return .whenKnown { [keys, status] in
            let key = try await keys.key(at: keyURI) { status.report($0, subject: "key \(keyURI)") }
            // A cipher context that cannot be made (no memory) must not pass ciphertext on as if it were clear.
            return {
                DecryptingFilter.make(key: key, vector: vector) { decryptor in
                    switch content {
                    case .media: SegmentFilter(decryptor: decryptor, notes: notes)
                    case .subtitles: SubtitleFilter(decryptor: decryptor, needsSignature: needsSignature)
                    }
                }
            }
        }
    }

    private static func vector(_ iv: HLS.InitializationVector?, _ number: UInt64) -> Decryption.InitializationVector {
        guard let iv, let vector = try? Decryption.InitializationVector(iv.bytes) else {
            return Decryption.InitializationVector(mediaSequenceNumber: number)
        }
        return vector
    }

    // MARK: - In order into the ring

    private struct Position {
        var discontinuitySequence: UInt64?
        var isBehindGap = false
    }

    private func feed(_ items: AsyncStream<Item>, ahead: AsyncGate) async -> RingEnd {
        var position = Position()
        var lossesInARow = 0
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
            case .done: lossesInARow = 0
            case .stopped: return .stopped
            case .failed(let error, let isCut):
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

    private func hand(_ download: SegmentDownload, order: SegmentOrder, position: inout Position) async -> Handed {
        var hasMark = false
        do {
            while let chunk = try await download.nextChunk() {
                if !hasMark {
                    // What the filter let through begins with a head that was judged well.
                    let head = Array(chunk.bytes.prefix(SegmentInspector.headBytes))
                    if let end = await writeMark(order, &position, head: head) { return end }
                    hasMark = true
                }
                guard await ring.write(.chunk(chunk)) else { return .stopped }
            }
        } catch {
            if error.isCancellation, Task.isCancelled { return .stopped }
            return .failed(FetchFailure.remuxError(error, order: order, label: label), isCut: hasMark)
        }
        // An empty segment of subtitles is one without cues.
        if !hasMark, content == .subtitles, let end = await writeMark(order, &position, head: []) { return end }
        status.committed(bytes: download.receivedBytes)
        return .done
    }

    /// Writes a segment's mark in front of its bytes; what it ended with where that failed.
    private func writeMark(_ order: SegmentOrder, _ position: inout Position, head: [UInt8]) async -> Handed? {
        let initialization: InitializationSection?
        do {
            initialization = try await section(for: order)
        } catch let error as RemuxError {
            return .failed(FetchFailure.refused(error, order: order, label: label), isCut: false)
        } catch {
            return .stopped
        }
        let mark = SegmentMark(
            identity: order.identity,
            discontinuitySequence: order.discontinuitySequence,
            continuity: position.discontinuitySequence != order.discontinuitySequence
                ? .newRun : position.isBehindGap ? .afterGap : .continues,
            startMicroseconds: order.startMicroseconds,
            durationMicroseconds: order.durationMicroseconds,
            container: content == .subtitles
                ? .webVTT : SegmentInspector.container(head: head) ?? .transportStream(.plain),
            initialization: initialization
        )
        guard await ring.write(.segment(mark)) else { return .stopped }
        position = Position(discontinuitySequence: order.discontinuitySequence)
        return nil
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
