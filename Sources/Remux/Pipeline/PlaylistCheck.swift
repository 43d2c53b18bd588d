import HLS

/// Refuses playlists that cannot become a complete output, before any segment is fetched.
enum PlaylistCheck {
    /// - Throws: ``RemuxError`` with code `playlistRefused`.
    static func check(_ playlist: MediaPlaylist) throws(RemuxError) {
        let context = RemuxError.Context(stage: "Playlist", url: playlist.uri.description)
        func refuse(_ text: String) -> RemuxError {
            RemuxError(.playlistRefused, "\(text) (\(playlist.uri))", context: context)
        }
        guard !playlist.segments.isEmpty else { throw refuse("the playlist has no Media Segments") }
        guard playlist.hasEndList || playlist.playlistType == .vod else {
            throw refuse("the playlist has no EXT-X-ENDLIST: it is live, and live streams are not supported yet")
        }
        guard !playlist.isIFramesOnly else {
            throw refuse(
                "the playlist holds I-frames only (EXT-X-I-FRAMES-ONLY); name the one that holds the whole stream"
            )
        }
        try checkLocality(of: playlist)
    }

    /// Refuses a playlist from the network that names local files, also where the playlist that led to it is a local one.
    ///
    /// - Throws: ``RemuxError`` with code `playlistRefused`.
    private static func checkLocality(of playlist: MediaPlaylist) throws(RemuxError) {
        guard ["http", "https"].contains(playlist.uri.scheme) else { return }
        for segment in playlist.segments {
            // Against such a base only a text that says so becomes a file: URI.
            let names = [segment.uri, segment.initializationSection?.uri].compactMap(\.self)
            let isLocal =
                names.contains { $0.utf8.first.map(isF) ?? false && ResourceURI($0)?.scheme == "file" }
                || segment.keys.contains { $0.isIdentity && $0.resolvedURI?.scheme == "file" }
            guard isLocal else { continue }
            throw RemuxError(
                .playlistRefused,
                "line \(segment.line): only a local playlist may name a local file, a remote playlist may not "
                    + "(\(playlist.uri))",
                context: RemuxError.Context(stage: "Playlist", url: playlist.uri.description)
            )
        }
    }

    private static func isF(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "f") || byte == UInt8(ascii: "F") }

    /// Refuses what no key opens that can be had: DRM by name, and methods that are not known.
    ///
    /// - Parameter given: the keys given by hand: those may open what a DRM system locks.
    /// - Throws: ``RemuxError`` with code `key`.
    static func checkEncryption(of schedule: SegmentSchedule, given: GivenKeys) throws(RemuxError) {
        var schedule = schedule
        while let order = schedule.next() {
            let section = order.initializationSection?.encryption ?? .none
            guard !order.isGap,
                let refusal = refusal(of: order.encryption, given) ?? refusal(of: section, given)
            else { continue }
            let number = order.identity.mediaSequenceNumber
            throw RemuxError(
                .key,
                "Media Segment \(number): \(refusal) (\(order.uri))",
                context: RemuxError.Context(stage: "Decrypt", url: order.uri.description, mediaSequenceNumber: number)
            )
        }
    }

    /// Why nothing opens these bytes; `nil`: they are clear, or there may be a key.
    static func refusal(of encryption: SegmentEncryption, _ given: GivenKeys) -> String? {
        guard case .unsupported(let systems, _, _) = encryption else { return nil }
        let lock = Lock(encryption)
        if let lock, lock.isOpened(by: given) { return nil }
        let text = "the stream is protected by \(systems.joined(separator: ", "))"
        guard let lock else {
            return text + ", which hls2mp4 cannot open"
        }
        return text
            + ": hls2mp4 circumvents no DRM. Who has the content key gives it with --key \(lock.isOfSamples ? "[KID:]" : "")HEX"
    }
}
