import Decryption
import HLS
import Transport

/// The keys of a session: one request for each key URI, with its own retries, while segments keep arriving.
/// Thread-safe.
final class KeyStore: Sendable {
    /// Keys are small; a stream that rotates them has one for every few segments.
    private static let maximumKeys = 100_000

    private let fixedKey: DecryptionKey?
    private let requests: SharedRequests<ResourceURI, DecryptionKey>

    /// - Parameter fixedKey: replaces every key of the playlists (`--key`); nothing is requested then.
    init(loader: ResourceLoader, fixedKey: DecryptionKey?, localInput: LocalInput?) {
        self.fixedKey = fixedKey
        requests = SharedRequests(maximumAnswers: Self.maximumKeys) { uri, onEvent in
            try await Self.load(uri, loader, localInput, onEvent: onEvent)
        }
    }

    /// The key at a URI. What a request brought, the key or its failure, answers every later call.
    ///
    /// - Parameter onEvent: told what the request meets, if it is this call that starts it; must not wait.
    /// - Throws: ``RemuxError`` with code `key`; `CancellationError` when the calling task was cancelled.
    func key(
        at uri: ResourceURI,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> DecryptionKey {
        if let fixedKey { return fixedKey }
        return try await requests.value(of: uri, onEvent: onEvent)
    }

    private static func load(
        _ uri: ResourceURI,
        _ loader: ResourceLoader,
        _ localInput: LocalInput?,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> DecryptionKey {
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
                bytes = try await loader.load(request, retry: .key, onEvent: onEvent).bytes
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
