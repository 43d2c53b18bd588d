import Decryption
import HLS
import Transport

/// The keys of a session: one request for each key URI, with its own retries, while segments keep arriving.
/// Thread-safe.
final class KeyStore: Sendable {
    /// Keys are small; a stream that rotates them has one for every few segments.
    private static let maximumKeys = 100_000

    /// Those given by hand.
    let given: GivenKeys
    private let requests: SharedRequests<ResourceURI, DecryptionKey>

    /// - Parameter given: where one replaces every key of the playlists, nothing is requested.
    init(
        loader: ResourceLoader,
        given: GivenKeys,
        localInput: LocalInput?,
        retry: RetryPolicy = .key,
        renewal: PlaylistRenewal? = nil
    ) {
        self.given = given
        requests = SharedRequests(maximumAnswers: Self.maximumKeys) { uri, onEvent in
            try await Self.load(uri, loader, localInput, retry, renewal, onEvent: onEvent)
        }
    }

    /// The key that opens a lock. What a request brought, the key or its failure, answers every later call.
    ///
    /// - Parameter onEvent: told what the request meets, if it is this call that starts it; must not wait.
    /// - Throws: ``RemuxError`` with code `key`; `CancellationError` when the calling task was cancelled.
    func key(
        for lock: Lock,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> DecryptionKey {
        let key: DecryptionKey
        if let replacement = given.replacement {
            key = replacement
        } else if let uri = lock.keyURI {
            key = try await requests.value(of: uri, onEvent: onEvent)
        } else {
            throw RemuxError(.key, "its key is not known; --key HEX gives it", context: .init(stage: "Decrypt"))
        }
        guard key.byteCount == lock.keyBytes else {
            let error = DecryptionError.unsuitableKey(expected: lock.keyBytes, actual: key.byteCount)
            let place = given.replacement == nil ? lock.keyURI.map { " (\($0))" } ?? "" : ""
            throw RemuxError(
                .key,
                "the key is not usable for \(lock.method.rawValue): \(error)\(place)",
                context: RemuxError.Context(stage: "Decrypt", url: lock.keyURI?.description),
                underlying: error
            )
        }
        return key
    }

    private static func load(
        _ uri: ResourceURI,
        _ loader: ResourceLoader,
        _ localInput: LocalInput?,
        _ retry: RetryPolicy,
        _ renewal: PlaylistRenewal?,
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
                bytes = try await loader.loadWhole(
                    request,
                    retry: retry,
                    renew: renewal?.renewal(of: uri),
                    onEvent: onEvent
                ).bytes
            } catch {
                throw RemuxError(.key, "the key could not be loaded: \(error)", context: context, underlying: error)
            }
        }
        do {
            return try DecryptionKey(keyFile: bytes)
        } catch {
            throw RemuxError(.key, "the key is not usable: \(error) (\(uri))", context: context, underlying: error)
        }
    }
}
