import HLS
import Transport

extension StreamListing {
    /// Loads the playlist of a configuration and reads it. Its output is not looked at, its selection decides what
    /// ``Multivariant`` marks. Live playlists are listed as they are now.
    ///
    /// - Throws: ``RemuxError`` with code `playlistUnreachable` or `playlistRefused`; `CancellationError` when the task was
    ///   cancelled.
    public static func load(_ configuration: RemuxConfiguration) async throws -> StreamListing {
        try await load(configuration, environment: SessionEnvironment())
    }

    /// The same with waits and limits that are given, for tests.
    package static func load(
        _ configuration: RemuxConfiguration,
        environment: SessionEnvironment
    ) async throws -> StreamListing {
        let (playlist, warnings) = try await PlaylistLoader.loadInput(configuration, environment: environment)
        let content: Content =
            switch playlist {
            case .media(let playlist): .media(Media(playlist: playlist))
            case .multivariant(let playlist): .multivariant(Multivariant(playlist, configuration.selection.preferences))
            }
        return StreamListing(
            url: playlist.uri.description,
            version: playlist.version,
            warnings: warnings,
            content: content
        )
    }
}

extension PlaylistLoader {
    /// Loads the input alone, with a loader of its own.
    fileprivate static func loadInput(
        _ configuration: RemuxConfiguration,
        environment: SessionEnvironment
    ) async throws -> (Playlist, warnings: [String]) {
        let input = try SessionInput(configuration).forListing
        let memory = SessionInput.playlistMemory
        let loader = try input.makeLoader(configuration, environment: environment, memory: memory)
        let (_, events) = AsyncStream.makeStream(of: RemuxEvent.self, bufferingPolicy: .bufferingNewest(0))
        let status = SessionStatus(events: events)
        let playlists = PlaylistLoader(
            loader: loader,
            parser: PlaylistParser(options: PlaylistParser.Options(isStrict: configuration.isStrict)),
            input: input,
            status: status
        )
        let result: Result<Playlist, any Error>
        do { result = .success(try await playlists.inputPlaylist()) } catch { result = .failure(error) }
        await loader.shutdown()
        if Task.isCancelled { throw CancellationError() }
        return (try result.get(), status.summary.warnings)
    }
}
