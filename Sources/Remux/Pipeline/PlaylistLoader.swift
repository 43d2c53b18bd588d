import HLS
import Transport

/// Loads and parses the playlists of a session.
struct PlaylistLoader: Sendable {
    let loader: ResourceLoader
    let parser: PlaylistParser
    let input: SessionInput
    let status: SessionStatus
    var retry = RetryPolicy.playlist

    /// The same, and nobody hears of it.
    var silent: PlaylistLoader {
        let (_, events) = AsyncStream.makeStream(of: RemuxEvent.self, bufferingPolicy: .bufferingNewest(0))
        return PlaylistLoader(
            loader: loader,
            parser: parser,
            input: input,
            status: SessionStatus(events: events),
            retry: retry
        )
    }

    /// The playlist that the session was given.
    ///
    /// - Throws: ``RemuxError`` with code `playlistUnreachable` or `playlistRefused`.
    func inputPlaylist() async throws -> Playlist {
        if loader.addressCheckIsOffBehindProxy {
            status.warn(
                "connections go through a proxy (--proxy, or http_proxy, https_proxy or all_proxy of the environment): "
                    + "that the stream does not lead to private addresses cannot be checked"
            )
        }
        if loader.isInsecure {
            status.warn("certificates are not checked (--insecure): anybody on the way can read and change everything")
        }
        switch input.source {
        case .network(let uri): return try await load(uri, imports: [:], base: input.isBaseGiven ? input.uri : nil)
        case .file(let path): return try parse(try await bytes(ofFile: path), uri: input.uri, imports: [:])
        case .bytes(let bytes): return try parse(bytes, uri: input.uri, imports: [:])
        }
    }

    /// A Media Playlist that a Multivariant Playlist names.
    ///
    /// - Parameter imports: the variables of the Multivariant Playlist.
    /// - Throws: ``RemuxError`` with code `playlistUnreachable` or `playlistRefused`.
    func media(at uri: ResourceURI, imports: [String: String]) async throws -> MediaPlaylist {
        guard case .media(let media) = try await load(uri, imports: imports) else {
            throw Self.refused("a Multivariant Playlist leads to another one", uri: uri)
        }
        return media
    }

    private func load(_ uri: ResourceURI, imports: [String: String], base: ResourceURI? = nil) async throws -> Playlist
    {
        guard uri.scheme != "data" else { return try dataPlaylist(uri, imports: imports) }
        let first = try await resource(at: uri)
        guard !first.endIsDeclared else { return try parse(first, uri, imports: imports, base: base) }
        // Where the end of the connection is the end of the body, it may be one that broke.
        if let playlist = try? silent.parse(first, uri, imports: imports, base: base), playlist.hasAnEnd(first) {
            return try parse(first, uri, imports: imports, base: base)
        }
        let second = try await resource(at: uri)
        let playlist = try parse(second, uri, imports: imports, base: base)
        if case .media(let media) = playlist, media.playlistType == .vod, !media.hasEndList, !second.endIsDeclared {
            throw Self.refused(
                "the playlist may be cut off: it has no EXT-X-ENDLIST, and the server does not say how long it is",
                uri: uri
            )
        }
        return playlist
    }

    private func resource(at uri: ResourceURI) async throws -> LoadedResource {
        do {
            return try await loader.load(
                try TransferRequest(resource: uri, role: .playlist, localInput: input.local),
                retry: retry,
                onEvent: { [status] event in status.report(event, subject: "playlist \(uri)") }
            )
        } catch let error as TransportError {
            throw FetchFailure.playlist(error, uri: uri)
        }
    }

    private func parse(
        _ resource: LoadedResource,
        _ uri: ResourceURI,
        imports: [String: String],
        base: ResourceURI?
    ) throws -> Playlist {
        let effective = uri.scheme == "file" ? uri : ResourceURI(resource.effectiveURL) ?? uri
        return try parse(resource.bytes, uri: base ?? effective, imports: imports)
    }

    /// Only a base that was given makes relative URIs in a `data:` playlist mean something.
    private func dataPlaylist(_ uri: ResourceURI, imports: [String: String]) throws -> Playlist {
        let bytes: [UInt8]
        do {
            bytes = try DataURI.decode(uri, maximumBytes: parser.options.limits.bytes)
        } catch {
            throw Self.refused("the playlist cannot be read: \(error)", uri: uri, underlying: error)
        }
        return try parse(bytes, uri: input.isBaseGiven ? input.uri : uri, imports: imports)
    }

    private func bytes(ofFile path: String) async throws -> [UInt8] {
        let request = TransferRequest(url: path, role: .playlist, isLocal: true)
        do {
            guard input.local == nil else { return try await loader.load(request, retry: .never).bytes }
            // What this playlist names counts as remote, so that the session's own loader reads no file.
            let reader = try ResourceLoader(
                configuration: TransportConfiguration(inputURL: path),
                memory: SessionInput.playlistMemory
            )
            let result: Result<LoadedResource, any Error>
            do { result = .success(try await reader.load(request, retry: .never)) } catch { result = .failure(error) }
            await reader.shutdown()
            return try result.get().bytes
        } catch let error as TransportError {
            throw FetchFailure.playlist(error, uri: input.uri)
        }
    }

    private func parse(_ bytes: [UInt8], uri: ResourceURI, imports: [String: String]) throws -> Playlist {
        do {
            let playlist = try parser.parse(bytes, uri: uri, imports: imports)
            for warning in playlist.warnings { status.warn("\(input.name(of: uri)): \(warning)") }
            return playlist
        } catch {
            throw Self.refused("\(error)", at: input.name(of: uri), underlying: error)
        }
    }

    /// The error of a playlist that says something this program does not take.
    static func refused(_ text: String, uri: ResourceURI, underlying: (any Error)? = nil) -> RemuxError {
        refused(text, at: uri.description, underlying: underlying)
    }

    /// - Parameter place: the playlist's URI, redacted, or what it came from.
    private static func refused(_ text: String, at place: String, underlying: (any Error)?) -> RemuxError {
        RemuxError(
            .playlistRefused,
            "\(text) (\(place))",
            context: RemuxError.Context(stage: "Playlist", url: place),
            underlying: underlying
        )
    }
}

extension Playlist {
    /// Whether what was loaded shows that it is whole: a Media Playlist by its last tag, another one as far as lines go.
    fileprivate func hasAnEnd(_ resource: LoadedResource) -> Bool {
        if case .media(let media) = self { return media.hasEndList }
        return resource.bytes.last.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? false
    }
}
