import HLS
import Transport

/// Loads and parses the playlists of a session: a Media Playlist, or a Multivariant Playlist and the Media Playlists of what
/// is chosen from it.
struct PlaylistLoader: Sendable {
    let loader: ResourceLoader
    let parser: PlaylistParser
    let selector: StreamSelector
    let localInput: LocalInput?
    let status: SessionStatus

    /// The Media Playlists to take, the Variant Stream's own first.
    ///
    /// - Throws: ``RemuxError`` with code `playlistUnreachable` or `playlistRefused`.
    func sources(at uri: ResourceURI) async throws -> [SourcePlan] {
        if loader.addressCheckIsOffBehindProxy {
            status.warn(
                "connections go through the proxy of the environment (http_proxy, https_proxy or all_proxy): "
                    + "that the stream does not lead to private addresses cannot be checked"
            )
        }
        switch try await load(uri, imports: [:]) {
        case .media(let playlist):
            if takesSubtitlesOnly {
                return [SourcePlan(playlist: playlist, takesVideo: false, takesAudio: false, takesSubtitles: true)]
            }
            if case .matching = selector.preferences.subtitles {
                throw refused("--subtitles matches nothing: a Media Playlist has no Renditions", uri: playlist.uri)
            }
            return [
                SourcePlan(
                    playlist: playlist,
                    takesVideo: selector.preferences.video != .none,
                    takesAudio: selector.preferences.audio != .none
                )
            ]
        case .multivariant(let playlist):
            return try await sources(of: playlist)
        }
    }

    private func sources(of playlist: MultivariantPlaylist) async throws -> [SourcePlan] {
        let choice = try select(playlist)
        // Renditions without a playlist of their own are in the Variant Stream's (RFC 8216bis §4.4.6.2.1).
        let separate = choice.renditions.filter { $0.uri != nil && $0.rendition.type != .subtitles }
        var sources: [SourcePlan] = []
        if choice.loadsVariantPlaylist {
            sources.append(
                SourcePlan(
                    playlist: try await media(at: choice.variant.resolvedURI, playlist: playlist),
                    takesVideo: choice.takesVideo,
                    takesAudio: choice.takesAudio,
                    rendition: choice.renditions.first { $0.uri == nil && $0.rendition.type == .audio }?.rendition
                )
            )
        }
        for selected in separate {
            guard let uri = selected.uri else { continue }
            let media = try await media(at: uri, playlist: playlist)
            sources.append(
                SourcePlan(playlist: media, takesVideo: false, takesAudio: true, rendition: selected.rendition)
            )
        }
        for selected in choice.renditions where selected.rendition.type == .subtitles {
            sources.append(try await subtitles(selected, playlist: playlist))
        }
        guard !sources.isEmpty else {
            throw refused("nothing is taken: --video, --audio and --subtitles leave everything out", uri: playlist.uri)
        }
        return sources
    }

    /// Neither video nor audio is wanted: a Media Playlist can only be meant as one of subtitles.
    private var takesSubtitlesOnly: Bool {
        selector.preferences.video == .none && selector.preferences.audio == .none
            && selector.preferences.subtitles != .none
    }

    /// The source of a Rendition of subtitles. CODECS decides nothing: playlists say `wvtt` of plain WebVTT, too.
    private func subtitles(
        _ selected: SelectedRendition,
        playlist: MultivariantPlaylist
    ) async throws -> SourcePlan {
        let name = DisplayText.escaped(selected.rendition.name)
        guard let uri = selected.uri else {
            throw refused("the subtitles \(name) have no playlist of their own", uri: playlist.uri)
        }
        return SourcePlan(
            playlist: try await media(at: uri, playlist: playlist),
            takesVideo: false,
            takesAudio: false,
            takesSubtitles: true,
            rendition: selected.rendition
        )
    }

    private func media(at uri: ResourceURI, playlist: MultivariantPlaylist) async throws -> MediaPlaylist {
        guard case .media(let media) = try await load(uri, imports: playlist.variables) else {
            throw refused("a Multivariant Playlist leads to another one", uri: uri)
        }
        return media
    }

    private func load(_ uri: ResourceURI, imports: [String: String]) async throws -> Playlist {
        let resource: LoadedResource
        do {
            resource = try await loader.load(
                try TransferRequest(resource: uri, role: .playlist, localInput: localInput),
                retry: .playlist,
                onEvent: { [status] event in status.report(event, subject: "playlist \(uri)") }
            )
        } catch let error as TransportError {
            throw FetchFailure.playlist(error, uri: uri)
        }
        let effective = localInput == nil ? ResourceURI(resource.effectiveURL) ?? uri : uri
        do {
            let playlist = try parser.parse(resource.bytes, uri: effective, imports: imports)
            for warning in playlist.warnings { status.warn("\(effective): \(warning)") }
            return playlist
        } catch {
            throw refused("\(error)", uri: effective, underlying: error)
        }
    }

    private func select(_ playlist: MultivariantPlaylist) throws(RemuxError) -> StreamChoice {
        do {
            let selection = try selector.select(from: playlist)
            for skipped in selection.skipped {
                status.note("Variant Stream \(skipped.variantIndex) left out: \(skipped.reason)")
            }
            return selection.choice
        } catch {
            throw refused("\(error)", uri: playlist.uri, underlying: error)
        }
    }

    private func refused(_ text: String, uri: ResourceURI, underlying: (any Error)? = nil) -> RemuxError {
        RemuxError(
            .playlistRefused,
            "\(text) (\(uri))",
            context: RemuxError.Context(stage: "Playlist", url: uri.description),
            underlying: underlying
        )
    }
}
