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
        let received = try await receive(order, onEvent: onEvent)
        let bytes = try await decrypt(received, order, onEvent: onEvent)
        if SegmentFormat(head: Array(bytes.prefix(SegmentInspector.headBytes))) != nil { return bytes }
        if bytes.first == 0x47 { return bytes }
        if case .identity = order.encryption {
            throw failure(.key, "decryption gives no media: the key or its initialization vector is wrong", order)
        }
        let kind = SegmentInspector.textKind(Array(received.prefix(SegmentInspector.headBytes)))
        throw failure(.incomplete, kind.map { "it is \($0), not media" } ?? "it is no media that is known", order)
    }

    private func receive(
        _ order: InitializationSectionOrder,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> [UInt8] {
        if order.uri.scheme == "data" {
            do {
                let whole = try DataURI.decode(order.uri, maximumBytes: 1 << 20)
                guard let range = order.byteRange else { return whole }
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
                byteRange: order.byteRange,
                localInput: options.localInput
            )
            return try await loader.load(request, retry: .segment, onEvent: onEvent).bytes
        } catch let error as TransportError {
            if error.isCancellation, Task.isCancelled { throw CancellationError() }
            throw failure(.incomplete, "it could not be loaded: \(error)", order, underlying: error)
        }
    }

    private func decrypt(
        _ bytes: [UInt8],
        _ order: InitializationSectionOrder,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> [UInt8] {
        // Sample encryption leaves the section clear.
        guard case .identity(.aes128, let uri, let iv) = order.encryption else { return bytes }
        let key = try await keys.key(at: uri, onEvent: onEvent)
        if iv == nil, options.initializationVector == nil {
            status.warnOnce(
                .initializationVectorMissing,
                "an encrypted Media Initialization Section has no IV attribute (RFC 8216bis §4.4.4.5); zero is taken"
            )
        }
        do {
            let vector =
                try options.initializationVector
                ?? Decryption.InitializationVector(iv?.bytes ?? [UInt8](repeating: 0, count: 16))
            var decryptor = try AES128CBCDecryptor(key: key, iv: vector)
            var output = [UInt8](repeating: 0, count: bytes.count + 2 * AES128CBCDecryptor.blockSize)
            let count = try output.withUnsafeMutableBytes { target in
                let written = try bytes.withUnsafeBytes { try decryptor.update($0, into: target) }
                let rest = UnsafeMutableRawBufferPointer(rebasing: target[written...])
                return written + (try decryptor.finish(into: rest).count)
            }
            return Array(output.prefix(count))
        } catch let error as DecryptionError {
            throw failure(.key, "\(error)", order, underlying: error)
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
