import Decryption
import HLS
import Transport

/// The keys of a session: one request for each key URI at a time, with its own retries, while segments keep arriving.
actor KeyStore {
    private let loader: ResourceLoader
    private let fixedKey: DecryptionKey?
    private let localInput: LocalInput?
    private var requests: [ResourceURI: Task<DecryptionKey, any Error>] = [:]

    /// - Parameter fixedKey: replaces every key of the playlists (`--key`); nothing is requested then.
    init(loader: ResourceLoader, fixedKey: DecryptionKey?, localInput: LocalInput?) {
        self.loader = loader
        self.fixedKey = fixedKey
        self.localInput = localInput
    }

    /// The 16-byte key at a URI.
    ///
    /// - Throws: ``RemuxError`` with code `key`.
    func key(at uri: ResourceURI) async throws -> DecryptionKey {
        if let fixedKey { return fixedKey }
        let request =
            requests[uri]
            ?? Task { [loader, localInput] in
                try await Self.load(uri, loader: loader, localInput: localInput)
            }
        requests[uri] = request
        // Segments are cancelled together, with their session: then the request is of no use to any.
        return try await withTaskCancellationHandler {
            try await request.value
        } onCancel: {
            request.cancel()
        }
    }

    private static func load(_ uri: ResourceURI, loader: ResourceLoader, localInput: LocalInput?) async throws
        -> DecryptionKey
    {
        let context = RemuxError.Context(stage: "Decrypt", url: uri.description)
        let bytes: [UInt8]
        if uri.scheme == "data" {
            do {
                bytes = try DataURI.decode(uri, maximumBytes: 4096)
            } catch {
                throw RemuxError(.key, "the key cannot be read: \(error)", context: context, underlying: error)
            }
        } else {
            do {
                let request = try TransferRequest(resource: uri, role: .key, localInput: localInput)
                bytes = try await loader.load(request, retry: .key).bytes
            } catch {
                throw RemuxError(.key, "the key could not be loaded: \(error)", context: context, underlying: error)
            }
        }
        do {
            let key = try DecryptionKey(keyFile: bytes)
            guard key.byteCount == 16 else {
                throw DecryptionError.unsuitableKey(expected: 16, actual: key.byteCount)
            }
            return key
        } catch {
            throw RemuxError(.key, "the key is not usable: \(error) (\(uri))", context: context, underlying: error)
        }
    }
}
