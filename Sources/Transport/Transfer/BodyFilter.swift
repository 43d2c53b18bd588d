/// What is done to a body's bytes on the transport thread, as they arrive: decryption, inspection.
///
/// One instance serves one body from its first byte to its last, over all attempts, on the transport thread only. It
/// never waits.
package protocol BodyFilter: AnyObject {
    /// Takes the next bytes of the body.
    ///
    /// - Throws: ``BodyRejection``, or any error, which is final.
    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws

    /// The body's last byte was received.
    ///
    /// - Parameter lengthIsDeclared: as many bytes have come as the server has declared: what seems to be missing is missing
    ///   there too.
    /// - Throws: ``BodyRejection``, or any error, which is final. After a retriable one the filter may be given what comes
    ///   behind the bytes it has taken so far, and be finished again.
    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws

    /// While true, the reader gets nothing: the head was not inspected yet. What is held back is not bounded by the
    /// memory budget when the transfer is head of line, so a filter states its own bound.
    var holdsOutput: Bool { get }
}

/// The filter of a body.
package enum FilterSource: Sendable {
    /// Makes the filter on the transport thread.
    case ready(@Sendable () -> any BodyFilter)
    /// The transfer starts at once; its raw bytes wait until the filter is known, because the key is still on its way.
    /// An error of the provider fails the download as ``TransportError/Kind/filter(_:)``, without a retry.
    case whenKnown(@Sendable () async throws -> @Sendable () -> any BodyFilter)

    /// The bytes as they are.
    package static let none = FilterSource.ready { IdentityFilter() }
}

/// A filter's refusal of a body.
package struct BodyRejection: Error, Sendable {
    /// Whether a new attempt may bring a better body. It starts over, with a new filter, while the reader has taken
    /// nothing. Once the reader has, only an end that was refused is worth one: it goes on behind what is here.
    package let isRetriable: Bool
    package let underlying: any Error & Sendable

    package init(isRetriable: Bool, underlying: any Error & Sendable) {
        self.isRetriable = isRetriable
        self.underlying = underlying
    }
}

/// A running digest, with which a body that had to be fetched again is compared.
package protocol BodyDigest: AnyObject {
    func update(_ bytes: UnsafeRawBufferPointer)
    /// The digest of what was taken in so far; more may follow.
    var value: [UInt8] { get }
}

/// Hands on what it gets.
private final class IdentityFilter: BodyFilter {
    let holdsOutput = false

    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) {
        output.append(input)
    }

    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) {}
}
