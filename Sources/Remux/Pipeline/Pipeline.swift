import Decryption
import HLS
import Threading
import Transport

/// Builds the stages of a session, runs them, and ends them: the one place where the order of shutdown is written.
///
/// Tasks control and never block; the thread `transport` belongs to the loader, the thread `remux` to this run.
struct Pipeline: Sendable {
    let configuration: RemuxConfiguration
    let environment: SessionEnvironment
    let status: SessionStatus

    /// Runs to the end.
    ///
    /// - Throws: ``RemuxError``; `CancellationError` when the task was cancelled.
    func run() async throws -> RemuxSummary {
        guard LibraryVersions.match else {
            throw RemuxError(
                .internalError,
                "this program was compiled for another \(LibraryVersions.libavformat); build it again"
            )
        }
        _ = LogBridge.install
        let input = try SessionInput(configuration)
        try OutputChoice.check(configuration, input: input)
        let memory = ChunkPool(limitBytes: max(configuration.maximumMemoryBytes, 4 << 20))
        let loader = try input.makeLoader(configuration, environment: environment, memory: memory)
        defer {
            status.update { _, summary in
                summary.peakBufferedBytes = memory.peakBytes
                summary.bufferLimitBytes = memory.limitBytes
            }
        }
        do {
            let summary = try await run(input: input, loader: loader, memory: memory)
            await loader.shutdown()
            return summary
        } catch {
            await loader.shutdown()
            let failure = error as? RemuxError
            let isStop = failure?.underlying as? SinkError == .stopped
            if Task.isCancelled, failure?.code != .output || isStop {
                throw CancellationError()
            }
            throw error
        }
    }

    private func run(input: SessionInput, loader: ResourceLoader, memory: ChunkPool) async throws -> RemuxSummary {
        let retries = RetryPolicies(retryCount: configuration.retryCount)
        let playlists = PlaylistLoader(
            loader: loader,
            parser: PlaylistParser(options: PlaylistParser.Options(isStrict: configuration.isStrict)),
            input: input,
            status: status,
            retry: retries.playlist
        )
        let selector = StreamSelector(preferences: ContainerChoice.preferences(configuration))
        try ContainerChoice.check(configuration, status: status)
        let sources = try await SourceSelection(playlists: playlists, selector: selector, status: status).sources()
        try ContainerChoice.check(sources, configuration)
        let whole = try sources.map(schedule)
        let clip = try configuration.timeRange.map { range throws(RemuxError) in
            try ClipPlan(range.request, sources: sources, schedules: whole)
        }
        let schedules = clip?.schedules ?? whole
        let given = try input.keys(configuration)
        for schedule in schedules { try PlaylistCheck.checkEncryption(of: schedule, given: given) }
        let longest = schedules.map(\.plannedDurationMicroseconds).max() ?? 0
        let segments = schedules.reduce(0) { $0 + $1.plannedSegmentCount }
        let seconds = Double(longest) / 1_000_000
        status.update { _, summary in
            summary.sources = zip(sources, schedules).map { RemuxSummary.Source($0, $1) }
            summary.part = clip.map { RemuxSummary.Part($0.range) }
        }
        status.plan(segmentCount: segments, seconds: seconds)

        let renewal = renewal(of: sources, playlists: playlists, selector: selector)
        let keys = KeyStore(loader: loader, given: given, localInput: input.local, retry: retries.key, renewal: renewal)
        let options = SegmentFetcher.Options(
            jobs: min(max(configuration.jobs, 1), 64),
            missingSegments: configuration.missingSegments,
            retries: retries,
            renewal: renewal,
            initializationVector: try input.vector(configuration),
            localInput: input.local,
            maximumMemoryBytes: memory.limitBytes
        )
        let sections = InitializationStore(loader: loader, keys: keys, status: status, options: options)
        let failovers = sources.map { failover(for: $0, playlists: playlists) }
        let fetch = FetchSupervisor(clip: clip, schedules: schedules) { [status] in
            zip(sources, failovers).map { source, failover in
                SegmentFetcher(
                    loader: loader,
                    keys: keys,
                    sections: sections,
                    ring: ByteRing(),
                    status: status,
                    options: options,
                    label: source.label,
                    rendition: source.isOfRendition ? source.rendition?.name : nil,
                    failover: failover,
                    content: source.takesSubtitles ? .subtitles : .media
                )
            }
        }
        var plans = sources
        for (index, (fetcher, schedule)) in fetch.fetchers.enumerated() where fetcher.content == .subtitles {
            let track = try await fetcher.textTrack(schedule, isForFile: configuration.sidecar != nil)
            plans[index].textTrack = try ContainerChoice.textTrack(track, of: plans[index], configuration)
        }
        let stop = SinkStop()
        let writesFilesOnly = configuration.sidecar != nil && sources.allSatisfy(\.takesSubtitles)
        let chapters = ChapterChoice.plan(configuration, sources: sources, schedules: whole, clip: clip, status: status)
        let plan = RemuxLoop.Plan(
            sources: plans,
            fetch: fetch,
            range: clip?.range,
            makeSidecars: OutputChoice.sidecarFactory(configuration),
            makeSink: OutputChoice.sinkFactory(configuration, stop: stop, writesFilesOnly: writesFilesOnly),
            makeNextSink: OutputChoice.nextSinkFactory(configuration),
            path: OutputChoice.path(of: configuration),
            formatChange: configuration.formatChange,
            makeNamedSink: OutputChoice.namedSinkFactory(configuration),
            output: OutputPlan(
                configuration,
                plannedSeconds: seconds,
                plannedSegments: schedules.map(\.plannedSegmentCount).max() ?? 0,
                sessionTitle: sources.lazy.compactMap(\.sessionTitle).first,
                chapters: chapters?.chapters() ?? []
            ),
            chapters: chapters,
            missingSegments: configuration.missingSegments
        )
        let result = try await withTaskCancellationHandler {
            try await withStages(plan: plan, memory: memory)
        } onCancel: {
            stop.request()
        }
        return try conclude(result)
    }

    /// The schedule of a source, after all that can be refused without fetching a segment.
    private func schedule(_ source: SourcePlan) throws(RemuxError) -> SegmentSchedule {
        try PlaylistCheck.check(source.playlist)
        var schedule = SegmentSchedule()
        do {
            _ = try schedule.ingest(source.playlist)
        } catch {
            throw RemuxError(.playlistRefused, "\(error) (\(source.playlist.uri))", underlying: error)
        }
        return schedule
    }

    /// What a server has given may expire; a playlist that is no server's stays as it is.
    private func renewal(
        of sources: [SourcePlan],
        playlists: PlaylistLoader,
        selector: StreamSelector
    ) -> PlaylistRenewal? {
        guard case .network = playlists.input.source else { return nil }
        return PlaylistRenewal(
            playlists: sources.map(\.playlist),
            clock: environment.clock,
            status: status
        ) {
            // What there is to say about the playlists has been said.
            let silent = playlists.silent
            return try await SourceSelection(playlists: silent, selector: selector, status: silent.status).sources()
                .map(\.playlist)
        }
    }

    private func failover(for source: SourcePlan, playlists: PlaylistLoader) -> SourceFailover? {
        SourceFailover(
            primary: source.playlist,
            alternatives: source.alternatives,
            status: status,
            label: source.label
        ) { uri in
            var other = source
            other.playlist = try await playlists.media(at: uri, imports: source.variables)
            _ = try schedule(other)
            return other.playlist
        }
    }

    /// Fetching runs as a task, remuxing on its thread; whichever fails first ends the other.
    private func withStages(
        plan: RemuxLoop.Plan,
        memory: ChunkPool
    ) async throws -> Result<RemuxLoop.Outcome, RemuxError> {
        let status = self.status
        let thread: DedicatedThread<Result<RemuxLoop.Outcome, RemuxError>>
        do {
            thread = try DedicatedThread(name: "remux", stackSize: 2 << 20) {
                plan.output.container == .copy
                    ? CopyLoop.run(plan, status: status) : RemuxLoop.run(plan, status: status)
            }
        } catch {
            throw RemuxError(.internalError, "\(error)", underlying: error)
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await plan.fetch.run() }
            group.addTask { await reportProgress(memory) }
            let result = await thread.value
            // The loop has ended: on its own, by the ring's end, or by an error of the output.
            plan.fetch.stop()
            group.cancelAll()
            return result
        }
    }

    private func reportProgress(_ memory: ChunkPool) async {
        while !Task.isCancelled {
            status.reportProgress(bufferedBytes: memory.usedBytes, limitBytes: memory.limitBytes)
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func conclude(_ result: Result<RemuxLoop.Outcome, RemuxError>) throws -> RemuxSummary {
        let outcome = try result.get()
        status.update { _, summary in
            summary.tracks = outcome.tracks
            summary.files = outcome.files
            summary.outputBytes = outcome.outputBytes
            summary.isOutputFinished = !outcome.wasStopped
        }
        if outcome.wasStopped { throw CancellationError() }
        let summary = status.summary
        guard summary.lostSegmentCount == 0 else {
            let lost = summary.gaps.filter { !$0.isAnnounced }.map { String($0.mediaSequenceNumber) }
            throw RemuxError(
                .incomplete,
                "the output lacks \(lost.count) of \(summary.plannedSegmentCount) Media Segments: "
                    + lost.prefix(20).joined(separator: ", ") + (lost.count > 20 ? ", …" : "")
            )
        }
        guard summary.subtitleGaps.isEmpty else {
            throw RemuxError(
                .incomplete,
                "the subtitles are incomplete, at least \(summary.subtitleGaps.count) of their segments are missing; "
                    + "video and audio are complete"
            )
        }
        return summary
    }

    static var libraryVersions: [String] {
        [
            "FFmpeg \(LibraryVersions.release) (\(LibraryVersions.libavformat), \(LibraryVersions.libavcodec))",
            curlVersion(),
            decryptionLibraryVersion(),
        ]
    }
}
