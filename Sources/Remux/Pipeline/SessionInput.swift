import Decryption
import HLS
import Transport

/// The input of a session, understood: where its playlist is, and what the playlist's URIs are relative to.
struct SessionInput: Sendable {
    /// How the playlist's bytes are had.
    enum Source: Sendable {
        /// Over the network.
        case network(ResourceURI)
        /// From a regular file that the user named; its path, resolved.
        case file(path: String)
        /// The client had them, or they stood in a `data:` URI.
        case bytes([UInt8])
    }

    let source: Source
    /// As it was given: not for messages.
    private let inputText: String
    /// The playlist's own URI: what its relative URIs are resolved against. Of a playlist without one, none resolves.
    private(set) var uri: ResourceURI
    /// ``uri`` was given (`--base-url`), so that a redirect does not change it.
    let isBaseGiven: Bool
    /// Set where the playlist may name local files.
    let local: LocalInput?
    /// Whose origin gets credentials and sets the rules of the network; `nil` for a local input.
    let networkURI: ResourceURI?

    /// - Throws: ``RemuxError``: code `playlistUnreachable` for a path that is not there, `playlistRefused` for a scheme
    ///   that is not spoken, `configuration` for a base that cannot be one.
    init(_ configuration: RemuxConfiguration) throws(RemuxError) {
        source = try Self.source(configuration)
        inputText = configuration.input
        guard let text = configuration.baseURL else {
            isBaseGiven = false
            switch source {
            case .network(let uri): (self.uri, local, networkURI) = (uri, nil, uri)
            case .file(let path):
                local = LocalInput(path: path)
                guard local != nil, let uri = ResourceURI.filePath(path) else { throw Self.noFile(path) }
                (self.uri, networkURI) = (uri, nil)
            case .bytes: (uri, local, networkURI) = (Self.nowhere(configuration.input), nil, nil)
            }
            return
        }
        isBaseGiven = true
        uri = try BaseURL.uri(text)
        if uri.scheme == "file" {
            guard case .network = source else {
                (local, networkURI) = (LocalInput(base: uri), nil)
                return
            }
            throw RemuxError(.configuration, "--base-url: a remote playlist may not name local files (\(uri))")
        }
        local = nil
        if case .network(let input) = source { networkURI = input } else { networkURI = uri }
    }

    private static func source(_ configuration: RemuxConfiguration) throws(RemuxError) -> Source {
        if let bytes = configuration.playlist { return .bytes(bytes) }
        let text = configuration.input
        guard let uri = ResourceURI(text), uri.scheme.count > 1 else {
            if Self.isMeantAsURL(text) { throw unusable(text, "it has no host") }
            return try file(text)
        }
        switch uri.scheme {
        case "http", "https": return .network(uri)
        case "data":
            do {
                return .bytes(try DataURI.decode(uri, maximumBytes: PlaylistLimits().bytes))
            } catch {
                throw RemuxError(.playlistRefused, "the playlist cannot be read: \(error)", underlying: error)
            }
        case "file":
            guard let path = uri.localFilePath else {
                throw RemuxError(
                    .playlistRefused,
                    "\(uri) names no file of this machine; a file: URL looks like file:///folder/index.m3u8"
                )
            }
            return try file(path)
        default:
            // A name with a colon in it.
            if let path = LocalInput.resolve(text) { return .file(path: path) }
            throw RemuxError(
                .playlistRefused,
                "the scheme \(uri.scheme): is not supported; give an http or https URL, or a path"
            )
        }
    }

    private static func file(_ path: String) throws(RemuxError) -> Source {
        guard let resolved = LocalInput.resolve(path) else { throw noFile(path) }
        switch FileKind(path: resolved) {
        case .file: return .file(path: resolved)
        case .pipe, .special:
            throw RemuxError(
                .playlistRefused,
                "\(path) is no regular file; a playlist is read from a pipe as -, standard input"
            )
        default: throw RemuxError(.playlistRefused, "\(path) is no regular file")
        }
    }

    private static func noFile(_ path: String) -> RemuxError {
        RemuxError(.playlistUnreachable, "there is no file \(path)", context: .init(stage: "Playlist"))
    }

    /// The URI of a playlist that has none. Nothing resolves against it.
    private static func nowhere(_ input: String) -> ResourceURI {
        if let uri = ResourceURI(input), uri.scheme == "data" { return uri }
        return .standardInput
    }

    /// The same, where nothing that the playlist names is fetched: it need not be known where that is.
    var forListing: SessionInput {
        guard case .bytes = source, !isBaseGiven else { return self }
        var input = self
        input.uri = .anywhere
        return input
    }

    /// A playlist's URI in messages: one that came without any is called by what it came from.
    func name(of uri: ResourceURI) -> String {
        guard uri == .anywhere || uri == .standardInput else { return uri.description }
        return inputText == "-" ? "standard input" : Self.redacted(inputText)
    }

    /// The file that the playlist was read from, if any: the output must be another one.
    var playlistPath: String? {
        if case .file(let path) = source { path } else { nil }
    }

    /// The budget of a loader that loads a playlist and nothing else: playlists are not counted in it.
    static var playlistMemory: ChunkPool { ChunkPool(limitBytes: 4 << 20) }

    /// The keys given by hand.
    func keys(_ configuration: RemuxConfiguration) throws(RemuxError) -> GivenKeys {
        var keys = GivenKeys()
        if let path = configuration.keyFile { keys.replacement = try KeyFile.read(path) }
        for given in configuration.keys {
            let key: DecryptionKey
            do {
                key = try DecryptionKey(keyFile: given.bytes)
            } catch {
                throw RemuxError(.key, "the key given is not usable: \(error)", underlying: error)
            }
            guard let id = given.keyID else {
                keys.replacement = key
                continue
            }
            guard id.count == 16 else {
                throw RemuxError(.key, "the key ID given has \(id.count) bytes; 16 are needed")
            }
            guard key.byteCount == 16 else {
                throw RemuxError(
                    .key,
                    "the key given for the key ID \(KeyID(id)) has \(key.byteCount) bytes; 16 are needed"
                )
            }
            keys.byKeyID[KeyID(id)] = key
        }
        return keys
    }

    /// The initialization vector that replaces those of the playlist.
    func vector(_ configuration: RemuxConfiguration) throws(RemuxError) -> Decryption.InitializationVector? {
        guard let bytes = configuration.initializationVector else { return nil }
        guard let vector = try? Decryption.InitializationVector(bytes) else {
            throw RemuxError(.key, "the initialization vector given has \(bytes.count) bytes; 16 are needed")
        }
        return vector
    }
}

extension TransferRequest {
    /// A request for a resource that a playlist names: over the network, or in the tree of a local playlist.
    ///
    /// - Throws: ``RemuxError`` with code `playlistRefused` for what policy forbids; for a file that is not there with the
    ///   code of what it is needed for.
    init(
        resource: ResourceURI,
        role: Role,
        byteRange: HLS.ByteRange? = nil,
        localInput: LocalInput?
    ) throws(RemuxError) {
        switch resource.scheme {
        case "http", "https":
            self.init(
                url: resource.text,
                role: role,
                byteRange: byteRange.flatMap { Transport.ByteRange(offset: $0.offset, length: $0.length) }
            )
        case "file":
            guard let localInput else {
                throw RemuxError(
                    .playlistRefused,
                    "only a local playlist may name a local file, a remote playlist may not (\(resource))"
                )
            }
            self.init(
                url: try localInput.checkedPath(resource, role: role),
                role: role,
                byteRange: byteRange.flatMap { Transport.ByteRange(offset: $0.offset, length: $0.length) },
                isLocal: true
            )
        default:
            throw RemuxError(.playlistRefused, "the scheme of \(resource) is not supported")
        }
    }
}
