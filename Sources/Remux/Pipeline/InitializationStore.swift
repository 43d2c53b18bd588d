import Decryption
import HLS
import Transport

/// The Media Initialization Sections of a session (EXT-X-MAP, RFC 8216bis §4.4.4.5): each is loaded once, decrypted, and
/// looked at. Thread-safe.
final class InitializationStore: Sendable {
    /// Sections kept for later segments; an older one is loaded again. More than segments are fetched ahead by default.
    private static let maximumSections = 64

    private let requests: SharedRequests<InitializationSectionOrder, InitializationSection>

    init(loader: ResourceLoader, keys: KeyStore, status: SessionStatus, options: SegmentFetcher.Options) {
        requests = SharedRequests(maximumAnswers: Self.maximumSections) { order, onEvent in
            let load = SectionLoad(loader: loader, keys: keys, status: status, options: options)
            return InitializationSection(try await load.bytes(of: order, onEvent: onEvent))
        }
    }

    /// The section that an order names.
    ///
    /// - Throws: ``RemuxError``: code `incomplete` where it cannot be had (its segments are lost), `key` where it cannot be
    ///   decrypted; `CancellationError` when the calling task was cancelled.
    func section(
        _ order: InitializationSectionOrder,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> InitializationSection {
        try await requests.value(of: order, onEvent: onEvent)
    }
}

/// How one section is loaded.
private struct SectionLoad {
    let loader: ResourceLoader
    let keys: KeyStore
    let status: SessionStatus
    let options: SegmentFetcher.Options

    func bytes(
        of order: InitializationSectionOrder,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> [UInt8] {
        guard let lock = Lock(order.encryption), !lock.isOfSamples else {
            let bytes = try await receive(order, order.byteRange, onEvent: onEvent)
            if Self.isMedia(bytes) { return bytes }
            let kind = SegmentInspector.textKind(Array(bytes.prefix(SegmentInspector.headBytes)))
            throw failure(.incomplete, kind.map { "it is \($0), not media" } ?? "it is no media that is known", order)
        }
        let key = try await keys.key(for: lock, onEvent: onEvent)
        let received = try await receive(order, order.byteRange.map(EncryptedRange.widened), onEvent: onEvent)
        let bytes = try decrypt(received, key, vector(of: lock), order).prefix(length(of: order))
        if Self.isMedia(bytes) { return Array(bytes) }
        if let bytes = try await chained(order, lock, key, onEvent: onEvent), Self.isMedia(bytes) { return bytes }
        if let kind = SegmentInspector.textKind(Array(received.prefix(SegmentInspector.headBytes))) {
            throw failure(.incomplete, "it is \(kind), not media", order)
        }
        if Self.isMedia(received) { throw failure(.key, "it is not encrypted, although the playlist says so", order) }
        throw failure(.key, "decryption gives no media: the key or its initialization vector is wrong", order)
    }

    private static func isMedia(_ bytes: some Collection<UInt8>) -> Bool {
        SegmentFormat(head: Array(bytes.prefix(SegmentInspector.headBytes))) != nil || bytes.first == 0x47
    }

    private func length(of order: InitializationSectionOrder) -> Int {
        order.byteRange.map { Int(clamping: $0.length) } ?? .max
    }

    /// Some packagers encrypt a resource as one chain, and name a part of it by its place in the clear one: then the block
    /// in front is the vector (RFC 8216bis §6.3.6 has the same for I-frames).
    private func chained(
        _ order: InitializationSectionOrder,
        _ lock: Lock,
        _ key: DecryptionKey,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> [UInt8]? {
        guard lock.method == .aes128, let range = order.byteRange, let chain = EncryptedRange.chained(range) else {
            return nil
        }
        guard let received = try? await receive(order, chain.range, onEvent: onEvent),
            received.count > AES128CBCDecryptor.blockSize,
            let vector = try? Decryption.InitializationVector(received.prefix(AES128CBCDecryptor.blockSize))
        else { return nil }
        let blocks = Array(received.dropFirst(AES128CBCDecryptor.blockSize))
        guard let bytes = try? decrypt(blocks, key, vector, order) else { return nil }
        return Array(bytes.dropFirst(chain.skippedBytes).prefix(length(of: order)))
    }

    private func receive(
        _ order: InitializationSectionOrder,
        _ range: HLS.ByteRange?,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> [UInt8] {
        if order.uri.scheme == "data" {
            do {
                let whole = try DataURI.decode(order.uri, maximumBytes: 1 << 20)
                guard let range else { return whole }
                guard let start = Int(exactly: range.offset), let length = Int(exactly: range.length),
                    start <= whole.count, length <= whole.count - start
                else { throw failure(.incomplete, "its byte range lies outside of the data", order) }
                return Array(whole[start..<start + length])
            } catch let error as DataURI.Failure {
                throw failure(.incomplete, "\(error)", order, underlying: error)
            }
        }
        do {
            let request = try TransferRequest(
                resource: order.uri,
                role: .mediaInitializationSection,
                byteRange: range,
                localInput: options.localInput
            )
            return try await loader.loadWhole(
                request,
                retry: options.retries.segment,
                renew: options.renewal?.renewal(of: order.uri),
                onEvent: onEvent
            ).bytes
        } catch let error as TransportError {
            if error.isCancellation, Task.isCancelled { throw CancellationError() }
            throw failure(.incomplete, "it could not be loaded: \(error)", order, underlying: error)
        }
    }

    private func vector(of lock: Lock) throws -> Decryption.InitializationVector {
        if let vector = options.initializationVector { return vector }
        if let vector = lock.vector { return try Decryption.InitializationVector(vector.bytes) }
        if lock.method == .aes128 {
            status.warnOnce(
                .initializationVectorMissing,
                "an encrypted Media Initialization Section has no IV attribute (RFC 8216bis §4.4.4.5); zero is taken"
            )
        }
        return Decryption.InitializationVector(high: 0, low: 0)
    }

    private func decrypt(
        _ bytes: [UInt8],
        _ key: DecryptionKey,
        _ vector: Decryption.InitializationVector,
        _ order: InitializationSectionOrder
    ) throws -> [UInt8] {
        do throws(DecryptionError) {
            if Lock(order.encryption)?.method == .aes256GCM { return try AES256GCMDecryptor.decrypt(bytes, key: key) }
            return try AES128CBCDecryptor.decrypt(bytes, key: key, iv: vector)
        } catch {
            throw failure(error.isOfTruncation ? .incomplete : .key, "\(error)", order, underlying: error)
        }
    }

    private func failure(
        _ code: RemuxError.Code,
        _ text: String,
        _ order: InitializationSectionOrder,
        underlying: (any Error)? = nil
    ) -> RemuxError {
        RemuxError(
            code,
            "its Media Initialization Section cannot be used: \(text) (\(order.uri))",
            context: RemuxError.Context(stage: "Fetch", url: order.uri.description),
            underlying: underlying
        )
    }
}
