import Decryption
import HLS
import Transport

/// The input of a session, understood: a URL, or a local playlist.
struct SessionInput: Sendable {
    let uri: ResourceURI
    /// Set where the input is a file.
    let local: LocalInput?

    /// - Throws: ``RemuxError``: code `playlistUnreachable` for a path that is not there, `playlistRefused` for a scheme
    ///   that is not spoken.
    init(_ configuration: RemuxConfiguration) throws(RemuxError) {
        let text = configuration.input
        if let uri = ResourceURI(text), uri.scheme.count > 1 {
            guard uri.scheme != "file" else {
                guard let path = uri.localFilePath else {
                    throw RemuxError(.playlistRefused, "\(text) names a file on another machine")
                }
                self = try Self.local(path)
                return
            }
            guard uri.scheme == "http" || uri.scheme == "https" else {
                throw RemuxError(
                    .playlistRefused,
                    "the scheme \(uri.scheme): is not supported; give an http or https URL, or a path"
                )
            }
            self.init(uri: uri, local: nil)
            return
        }
        self = try Self.local(text)
    }

    private init(uri: ResourceURI, local: LocalInput?) {
        self.uri = uri
        self.local = local
    }

    private static func local(_ path: String) throws(RemuxError) -> SessionInput {
        guard let input = LocalInput(path: path), let uri = ResourceURI.filePath(input.path) else {
            throw RemuxError(.playlistUnreachable, "there is no file \(path)", context: .init(stage: "Playlist"))
        }
        return SessionInput(uri: uri, local: input)
    }

    /// What Transport is told.
    ///
    /// - Throws: `TransportError` for a header field that cannot be sent.
    func transport(_ configuration: RemuxConfiguration) throws(TransportError) -> TransportConfiguration {
        var transport = TransportConfiguration(inputURL: uri.text)
        for header in configuration.headers {
            transport.headers.append(try HTTPHeader(name: header.name, value: header.value))
        }
        transport.userAgent = configuration.userAgent
        transport.referer = configuration.referer
        transport.caFile = configuration.caFile
        transport.jobs = min(max(configuration.jobs, 1), 64)
        transport.allowsPrivateAddresses = configuration.allowsPrivateAddresses
        return transport
    }

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
                throw RemuxError(.key, "the key given for the key ID \(KeyID(id)) has \(key.byteCount) bytes; 16 are needed")
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
                throw RemuxError(.playlistRefused, "a remote playlist may not name a local file (\(resource))")
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
