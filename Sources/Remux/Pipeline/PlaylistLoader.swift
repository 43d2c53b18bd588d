import HLS
import Transport

/// Loads and parses the playlists of a session: a Media Playlist, or a Multivariant Playlist and the Media Playlist of the
/// Variant Stream chosen from it.
struct PlaylistLoader: Sendable {
    let loader: ResourceLoader
    let parser: PlaylistParser
    let localInput: LocalInput?
    let status: SessionStatus

    /// The Media Playlist to take.
    ///
    /// - Throws: ``RemuxError`` with code `playlistUnreachable` or `playlistRefused`.
    func mediaPlaylist(at uri: ResourceURI) async throws -> MediaPlaylist {
        switch try await load(uri, imports: [:]) {
        case .media(let playlist):
            return playlist
        case .multivariant(let playlist):
            let variant = try select(playlist)
            guard case .media(let media) = try await load(variant, imports: playlist.variables) else {
                throw refused("a Variant Stream leads to another Multivariant Playlist", uri: variant)
            }
            return media
        }
    }

    private func load(_ uri: ResourceURI, imports: [String: String]) async throws -> Playlist {
        let resource: LoadedResource
        do {
            resource = try await loader.load(
                try TransferRequest(resource: uri, role: .playlist, localInput: localInput),
                retry: .playlist
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

    private func select(_ playlist: MultivariantPlaylist) throws(RemuxError) -> ResourceURI {
        let selection: Selection
        do {
            selection = try StreamSelector().select(from: playlist)
        } catch {
            throw refused("\(error)", uri: playlist.uri, underlying: error)
        }
        for skipped in selection.skipped {
            status.note("Variant Stream \(skipped.variantIndex) left out: \(skipped.reason)")
        }
        guard selection.choice.renditions.allSatisfy({ $0.uri == nil }) else {
            throw refused(
                "the best Variant Stream has its audio in a Media Playlist of its own, which is not supported yet",
                uri: playlist.uri
            )
        }
        return selection.choice.variant.resolvedURI
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
