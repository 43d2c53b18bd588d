import HLS

/// Decides which Media Playlists a session takes: the one it was given, or what is chosen from a Multivariant Playlist.
struct SourceSelection: Sendable {
    let playlists: PlaylistLoader
    let selector: StreamSelector
    let status: SessionStatus

    /// The Media Playlists to take, loaded, the Variant Stream's own first.
    ///
    /// - Throws: ``RemuxError`` with code `playlistUnreachable` or `playlistRefused`.
    func sources() async throws -> [SourcePlan] {
        switch try await playlists.inputPlaylist() {
        case .media(let playlist):
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
        let choice = try select(playlist).choice
        // Renditions without a playlist of their own are in the Variant Stream's (RFC 8216bis §4.4.6.2.1).
        let separate = choice.renditions.filter { $0.uri != nil && $0.rendition.type != .subtitles }
        guard choice.renditions.allSatisfy({ $0.rendition.type != .subtitles }) else {
            throw PlaylistLoader.refused("subtitle Renditions are not supported yet", uri: playlist.uri)
        }
        var sources: [SourcePlan] = []
        if choice.loadsVariantPlaylist {
            sources.append(
                SourcePlan(
                    playlist: try await playlists.media(at: choice.variant.resolvedURI, imports: playlist.variables),
                    takesVideo: choice.takesVideo,
                    takesAudio: choice.takesAudio,
                    rendition: choice.renditions.first { $0.uri == nil && $0.rendition.type == .audio }?.rendition
                )
            )
        }
        for selected in separate {
            guard let uri = selected.uri else { continue }
            let media = try await playlists.media(at: uri, imports: playlist.variables)
            sources.append(
                SourcePlan(playlist: media, takesVideo: false, takesAudio: true, rendition: selected.rendition)
            )
        }
        return sources
    }

    private func select(_ playlist: MultivariantPlaylist) throws(RemuxError) -> Selection {
        do {
            let selection = try selector.select(from: playlist)
            for skipped in selection.skipped {
                status.note("Variant Stream \(skipped.variantIndex) left out: \(skipped.reason)")
            }
            return selection
        } catch {
            throw PlaylistLoader.refused("\(error)", uri: playlist.uri, underlying: error)
        }
    }
}
