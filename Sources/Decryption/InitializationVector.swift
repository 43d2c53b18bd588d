/// The 16 bytes that start cipher block chaining.
package struct InitializationVector: Equatable, Sendable {
    /// The bytes, most significant first.
    package let bytes: [UInt8]

    /// An explicit vector: the IV attribute's value (RFC 8216bis §4.4.4.4).
    ///
    /// - Throws: ``DecryptionError/wrongInitializationVectorLength(_:)`` unless there are 16 bytes.
    package init(_ bytes: some Collection<UInt8>) throws(DecryptionError) {
        guard bytes.count == 16 else { throw .wrongInitializationVectorLength(bytes.count) }
        self.bytes = Array(bytes)
    }

    /// The implicit vector: the Media Sequence Number as a big-endian number of 128 bits (RFC 8216bis §5.2).
    package init(mediaSequenceNumber: UInt64) {
        let low = (0..<8).reversed().map { UInt8(truncatingIfNeeded: mediaSequenceNumber >> ($0 * 8)) }
        bytes = [UInt8](repeating: 0, count: 8) + low
    }
}
