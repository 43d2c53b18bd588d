/// Bytes to ``Playlist`` (RFC 8216bis §4), in one pass over the bytes and linear time.
package struct PlaylistParser: Sendable {
    /// How to read.
    package struct Options: Sendable {
        /// Refuses every leniency.
        package var isStrict = false
        /// Upper bounds.
        package var limits = PlaylistLimits()

        /// Lenient, with the documented limits.
        package init() {}

        /// With everything said.
        package init(isStrict: Bool, limits: PlaylistLimits = PlaylistLimits()) {
            self.isStrict = isStrict
            self.limits = limits
        }
    }

    /// Protocol versions this parser knows (§8).
    package static let supportedVersions: ClosedRange<UInt64> = 1...13

    /// How to read.
    package let options: Options

    /// A parser is a value without state: one serves for any number of playlists.
    package init(options: Options = .init()) { self.options = options }

    /// Parses one playlist.
    ///
    /// - Parameters:
    ///   - bytes: the decoded body.
    ///   - uri: the playlist's URI after redirects; relative URIs and EXT-X-DEFINE:QUERYPARAM refer to it.
    ///   - imports: variables of the Multivariant Playlist that led here, for EXT-X-DEFINE:IMPORT.
    package func parse(
        _ bytes: [UInt8],
        uri: ResourceURI,
        imports: [String: String] = [:]
    ) throws(PlaylistError) -> Playlist {
        guard bytes.count <= options.limits.bytes else {
            throw PlaylistError(.limit, line: 0, "the playlist is larger than \(options.limits.bytes) bytes")
        }
        var context = ParsingContext(uri: uri, options: options, imports: imports)
        var reader = try PlaylistLineReader(bytes, &context)
        if reader.scanForMultivariantTags() {
            var builder = MultivariantPlaylistBuilder(uri: uri)
            while let line = try reader.next(&context) { try builder.read(line, &context) }
            return .multivariant(try builder.finish(&context))
        }
        var builder = MediaPlaylistBuilder(uri: uri)
        while let line = try reader.next(&context) { try builder.read(line, &context) }
        return .media(try builder.finish(&context))
    }
}
