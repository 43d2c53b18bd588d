import HLS
import Transport

/// The fetching of one Media Segment: from its own playlist's place, and where that fails from the redundant ones.
extension SegmentFetcher {
    /// Fetches a segment until it is whole or cannot be had.
    func fetch(_ transfer: SegmentTransfer) async {
        await failover?.begin(transfer)
        if let failure = await failure(of: transfer) { transfer.fail(failure) }
        transfer.finish()
        await failover?.end(transfer)
    }

    /// - Returns: why the segment cannot be had, the first cause where several sources failed; `nil` where it is whole, or
    ///   where the session is being stopped.
    private func failure(of transfer: SegmentTransfer) async -> RemuxError? {
        var first: RemuxError?
        var tried: Set<Int> = []
        // Asked for a short time only, since others were there to ask: where they fail too, it is asked with patience.
        var brief: SourceFailover.Place?
        var place = await failover?.place(for: transfer.order) ?? SourceFailover.Place(order: transfer.order)
        while true {
            var latest: RemuxError?
            switch await attempt(transfer, at: place) {
            case .complete:
                await failover?.succeeded(at: place)
                return nil
            case .cancelled: return nil
            case .abandoned: break
            case .failed(let error):
                if place.isBrief, !place.isSecondChance, brief == nil, tried.isEmpty, error.isRetriable {
                    brief = place
                }
                latest = FetchFailure.remuxError(error, order: place.order, label: label)
            case .refused(let error): latest = error
            }
            if let latest {
                // What is wrong with the media or its key is so everywhere; a further source that fails is just another one.
                guard first != nil || FetchFailure.isWorthAnotherSource(latest) else { return latest }
                first = first ?? latest
                tried.insert(place.source)
                await failover?.failed(at: place.source, latest)
            }
            if let next = await failover?.place(for: transfer.order, except: tried) {
                place = next
            } else if var last = brief {
                (last.isBrief, brief) = (false, nil)
                place = last
            } else {
                return first
            }
        }
    }

    private func attempt(_ transfer: SegmentTransfer, at place: SourceFailover.Place) async -> SegmentTransfer.Ending {
        let download: SegmentDownload
        do throws(RemuxError) {
            download = try makeDownload(place.order, retry: place.retry(options.retries.segment))
        } catch {
            return .refused(FetchFailure.refused(error, order: place.order, label: label))
        }
        // Under way before its first segment is the next in line.
        async let otherFailure = otherFailure(of: place.order)
        let ending = await transfer.run(download, at: place)
        guard case .complete = ending, let failure = await otherFailure else { return ending }
        return .refused(failure)
    }

    /// Loads what a segment needs besides its bytes.
    private func otherFailure(of order: SegmentOrder) async -> RemuxError? {
        do {
            async let keys = sampleKeys(for: order)
            _ = try await section(for: order)
            _ = try await keys
            return nil
        } catch {
            return (error as? RemuxError).map { FetchFailure.refused($0, order: order, label: label) }
        }
    }

    private func makeDownload(_ order: SegmentOrder, retry: RetryPolicy) throws(RemuxError) -> SegmentDownload {
        let number = order.identity.mediaSequenceNumber
        // A redundant playlist may name other keys than the one that was checked.
        if let refusal = PlaylistCheck.refusal(of: order.encryption, keys.given) {
            throw RemuxError(.key, refusal, context: RemuxError.Context(stage: "Decrypt", url: order.uri.description))
        }
        var request = try TransferRequest(
            resource: order.uri,
            role: content == .media ? .mediaSegment : .subtitleSegment,
            byteRange: order.byteRange,
            localInput: options.localInput
        )
        if Lock(order.encryption)?.method == .aes256GCM { request.maximumBytes = UInt64(options.maximumMemoryBytes) }
        return loader.download(
            request,
            retry: retry,
            filter: filter(for: order),
            makeDigest: { SegmentDigest.make() },
            renew: options.renewal?.renewal(of: order.uri),
            onEvent: { [status, label] event in
                status.report(event, subject: "\(label)Media Segment \(number)", mediaSequenceNumber: number)
            }
        )
    }

    /// The text track of subtitles in fragmented MP4, looked at before a segment is fetched; `nil`: they are WebVTT segments.
    /// CODECS tells nothing: playlists say `wvtt` of plain WebVTT, too, whose header a Media Initialization Section may hold.
    ///
    /// - Throws: ``RemuxError`` with code `playlistRefused` for what cannot be taken. A section that cannot be had loses its
    ///   segments later.
    func textTrack(_ schedule: SegmentSchedule, isForFile: Bool) async throws(RemuxError) -> TextTrack? {
        var schedule = schedule
        guard let order = schedule.next(), let section = try? await section(for: order) else { return nil }
        guard case .fragmentedMP4 = SegmentFormat(head: section.bytes) else { return nil }
        func refuse(_ text: String) -> RemuxError {
            RemuxError(
                .playlistRefused,
                "\(label)\(text); choose other subtitles, or none, with --subtitles",
                context: RemuxError.Context(stage: "Playlist", url: order.initializationSection?.uri.description)
            )
        }
        let track: TextTrack
        do throws(DamagedBoxes) {
            track = try TextTrack(section.bytes)
        } catch {
            throw refuse("the Media Initialization Section of the subtitles cannot be used: \(error)")
        }
        if isForFile, track.format == .ttml {
            throw refuse("these subtitles are TTML (stpp), which only the MP4 itself can hold: leave --sidecar out")
        }
        return track
    }

    func section(for order: SegmentOrder) async throws -> InitializationSection? {
        guard let section = order.initializationSection else { return nil }
        return try await sections.section(section) { [status, label] event in
            status.report(event, subject: "\(label)Media Initialization Section \(section.uri)")
        }
    }
}
