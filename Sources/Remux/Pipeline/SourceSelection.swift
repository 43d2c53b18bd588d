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
            if takesSubtitlesOnly {
                return [SourcePlan(playlist: playlist, takesVideo: false, takesAudio: false, takesSubtitles: true)]
            }
            if case .matching = selector.preferences.subtitles {
                throw PlaylistLoader.refused(
                    "--subtitles matches nothing: a Media Playlist has no Renditions",
                    uri: playlist.uri
                )
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

    /// Neither video nor audio is wanted: a Media Playlist can only be meant as one of subtitles.
    private var takesSubtitlesOnly: Bool {
        selector.preferences.video == .none && selector.preferences.audio == .none
            && selector.preferences.subtitles != .none
    }

    private func sources(of playlist: MultivariantPlaylist) async throws -> [SourcePlan] {
        let selection = try select(playlist)
        var choices = [selection.choice] + selection.failovers
        var first: RemuxError?
        while let choice = choices.first {
            choices.removeFirst()
            do {
                return try await sources(of: choice, redundant: choices, playlist)
            } catch let error as RemuxError {
                let isElsewhere = error.code == .playlistUnreachable || error.code == .playlistRefused
                guard isElsewhere, !Task.isCancelled else { throw error }
                first = first ?? error
                if let next = choices.first {
                    status.warn("\(error.message); going on with the redundant \(next.variant.resolvedURI)")
                }
            }
        }
        throw first ?? PlaylistLoader.refused("the playlist offers no streams", uri: playlist.uri)
    }

    /// - Parameter redundant: the choices that have the same content, with the same Renditions in the same order.
    private func sources(
        of choice: StreamChoice,
        redundant: [StreamChoice],
        _ playlist: MultivariantPlaylist
    ) async throws -> [SourcePlan] {
        func plan(_ uri: ResourceURI, _ alternatives: [ResourceURI?]) async throws -> SourcePlan {
            SourcePlan(
                playlist: try await playlists.media(at: uri, imports: playlist.variables),
                alternatives: alternatives.compactMap(\.self).filter { $0 != uri },
                variables: playlist.variables,
                sessionTitle: playlist.title
            )
        }
        var sources: [SourcePlan] = []
        if choice.loadsVariantPlaylist {
            var source = try await plan(choice.variant.resolvedURI, redundant.map(\.variant.resolvedURI))
            source.variant = choice.variant
            source.takesVideo = choice.takesVideo
            source.takesAudio = choice.takesAudio
            let promised = CodecFamily.kinds(of: choice.variant.codecList)
            source.promisesVideo = choice.takesVideo && promised.video
            // CODECS speaks of the Renditions too: the sound may be in those alone.
            let isElsewhere = choice.variant.audioGroupID != nil
            source.promisesAudio = choice.takesAudio && promised.audio && !isElsewhere
            source.rendition = choice.renditions.first { $0.uri == nil && $0.rendition.type == .audio }?.rendition
            sources.append(source)
        }
        // Renditions without a playlist of their own are in the Variant Stream's (RFC 8216bis §4.4.6.2.1).
        for (index, selected) in choice.renditions.enumerated() {
            let isSubtitles = selected.rendition.type == .subtitles
            guard let uri = selected.uri else {
                guard !isSubtitles else {
                    let name = DisplayText.escaped(selected.rendition.name)
                    throw PlaylistLoader.refused(
                        "the subtitles \(name) have no playlist of their own",
                        uri: playlist.uri
                    )
                }
                continue
            }
            var source = try await plan(
                uri,
                redundant.map { $0.renditions.indices.contains(index) ? $0.renditions[index].uri : nil }
            )
            // CODECS decides nothing about subtitles: playlists say `wvtt` of plain WebVTT, too.
            source.takesVideo = false
            source.takesAudio = !isSubtitles
            source.takesSubtitles = isSubtitles
            source.rendition = selected.rendition
            sources.append(source)
        }
        guard !sources.isEmpty else {
            throw PlaylistLoader.refused(
                StreamChoice.emptyText,
                uri: playlist.uri
            )
        }
        // Those of subtitles last: they follow the others.
        return sources.filter { !$0.takesSubtitles } + sources.filter(\.takesSubtitles)
    }

    private func select(_ playlist: MultivariantPlaylist) throws(RemuxError) -> Selection {
        do {
            let selection = try selector.select(from: playlist)
            report(selection.skipped)
            return selection
        } catch {
            throw PlaylistLoader.refused("\(error)", uri: playlist.uri, underlying: error)
        }
    }

    /// What would have been taken otherwise is worth a warning, the rest a note.
    private func report(_ skipped: [SkippedVariant]) {
        let preferred = skipped.filter(\.isPreferred)
        if let first = preferred.first {
            let others = preferred.count > 1 ? " (and \(preferred.count - 1) more; hls2mp4 list shows them)" : ""
            status.warn(
                "the Variant Stream \(first.variant.summary) would have been taken, but \(first.reason)\(others)"
            )
        }
        for stream in skipped where stream.variantIndex != preferred.first?.variantIndex {
            status.note("the Variant Stream \(stream.variant.summary) is left out: \(stream.reason)")
        }
    }
}

extension VariantStream {
    /// Which one it is, for people: `3840x2160, 12000000 bit/s`.
    fileprivate var summary: String {
        let parts = [resolution?.description, bandwidth.map { "\($0) bit/s" }].compactMap(\.self)
        return parts.isEmpty ? "of line \(line)" : parts.joined(separator: ", ")
    }
}
