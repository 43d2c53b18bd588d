/// The 16 bytes that start cipher block chaining, or a counter.
package struct InitializationVector: Hashable, Sendable {
    /// Its first and its last eight bytes as big-endian numbers.
    package let high: UInt64
    package let low: UInt64

    /// A vector of two big-endian numbers.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An explicit vector: the IV attribute's value (RFC 8216bis §4.4.4.4).
    ///
    /// - Throws: ``DecryptionError/wrongInitializationVectorLength(_:)`` unless there are 16 bytes.
    package init(_ bytes: some Collection<UInt8>) throws(DecryptionError) {
        guard bytes.count == 16 else { throw .wrongInitializationVectorLength(bytes.count) }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The implicit vector: the Media Sequence Number as a big-endian number of 128 bits (RFC 8216bis §5.2).
    package init(mediaSequenceNumber: UInt64) {
        self.init(high: 0, low: mediaSequenceNumber)
    }

    /// The bytes, most significant first.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            count = 16
        }
    }

    /// Calls `body` with the 16 bytes, without an allocation.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }
}
