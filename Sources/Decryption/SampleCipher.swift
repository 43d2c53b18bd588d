import CCrypto

/// Decrypts parts of media samples in place with AES-128, starting over with a vector as often as the scheme demands.
///
/// Keeps one OpenSSL context, so that a sample costs no allocation. One owner, on one thread at a time.
package final class SampleCipher {
    /// The mode of the block cipher.
    package enum Mode: Hashable, Sendable {
        /// Cipher block chaining (`cbcs`, `cbc1`, SAMPLE-AES of transport streams and packed audio).
        case chaining
        /// Counter mode (`cenc`, `cens`). Only the last eight bytes count, without a carry into the first (ISO/IEC 23001-7
        /// §9.2).
        case counter
    }

    /// The AES block, in bytes.
    package static let blockSize = 16

    private let context: OpaquePointer
    private let mode: Mode
    /// The first half of the counter, which stays.
    private var high: UInt64 = 0
    /// Bytes until the last half of the counter wraps; `nil`: more than there are.
    private var bytesUntilWrap: UInt64?

    /// - Throws: ``DecryptionError/unsuitableKey(expected:actual:)`` unless the key has 16 bytes;
    ///   ``DecryptionError/cipherFailed(function:)``.
    package init(key: DecryptionKey, mode: Mode) throws(DecryptionError) {
        guard key.byteCount == 16 else { throw .unsuitableKey(expected: 16, actual: key.byteCount) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .cipherFailed(function: "EVP_CIPHER_CTX_new") }
        let isReady = key.withUnsafeBytes { key in
            EVP_DecryptInit_ex(
                context,
                mode == .chaining ? EVP_aes_128_cbc() : EVP_aes_128_ctr(),
                nil,
                key.assumingMemoryBound(to: UInt8.self).baseAddress,
                nil
            ) == 1
        }
        guard isReady, EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw .cipherFailed(function: "EVP_DecryptInit_ex")
        }
        self.context = context
        self.mode = mode
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Starts a chain, or a count, with a vector. Must be called before the first ``decrypt(_:)``.
    ///
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    package func begin(_ vector: InitializationVector) throws(DecryptionError) {
        let isReady = vector.withUnsafeBytes { bytes in
            EVP_DecryptInit_ex(context, nil, nil, nil, bytes.assumingMemoryBound(to: UInt8.self).baseAddress) == 1
        }
        guard isReady else { throw .cipherFailed(function: "EVP_DecryptInit_ex") }
        high = vector.high
        let (bytes, overflows) = (0 &- vector.low).multipliedReportingOverflow(by: UInt64(Self.blockSize))
        bytesUntilWrap = overflows || vector.low == 0 ? nil : bytes
    }

    /// Decrypts the next bytes of the chain or the count in place; of a chain, whole blocks only: what is left over at the
    /// end stays as it is.
    ///
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    package func decrypt(_ bytes: UnsafeMutableRawBufferPointer) throws(DecryptionError) {
        switch mode {
        case .chaining:
            let whole = bytes.count / Self.blockSize * Self.blockSize
            try run(UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(whole)))
        case .counter:
            guard let left = bytesUntilWrap, left <= UInt64(bytes.count) else {
                bytesUntilWrap = bytesUntilWrap.map { $0 - UInt64(bytes.count) }
                return try run(bytes)
            }
            try run(UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(Int(left))))
            try begin(InitializationVector(high: high, low: 0))
            try run(UnsafeMutableRawBufferPointer(rebasing: bytes.dropFirst(Int(left))))
        }
    }

    /// Decrypts whole blocks by a pattern in place: so many of them, then as many left alone, and again (ISO/IEC 23001-7
    /// §9.6). What is left over at the end stays as it is.
    ///
    /// - Parameters:
    ///   - encryptedBlocks: 0: every block.
    ///   - clearBlocks: 0: every block.
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    package func decrypt(
        _ bytes: UnsafeMutableRawBufferPointer,
        encryptedBlocks: Int,
        clearBlocks: Int
    ) throws(DecryptionError) {
        let whole = bytes.count / Self.blockSize * Self.blockSize
        guard encryptedBlocks > 0, clearBlocks > 0 else {
            return try decrypt(UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(whole)))
        }
        let encrypted = encryptedBlocks * Self.blockSize
        let period = encrypted + clearBlocks * Self.blockSize
        for start in stride(from: 0, to: whole, by: period) {
            let end = min(start + encrypted, whole)
            try decrypt(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }

    private func run(_ bytes: UnsafeMutableRawBufferPointer) throws(DecryptionError) {
        _ = try EVP.decrypt(context, UnsafeRawBufferPointer(bytes), into: bytes)
    }
}
