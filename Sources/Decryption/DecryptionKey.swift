import CCrypto

/// A content key of 16 (AES-128) or 32 (AES-256) bytes. Never printed; its memory is zeroed on release.
// Sendable, unchecked: the bytes are written in `init`, before anybody else sees the object, and only read after.
package final class DecryptionKey: @unchecked Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private let storage: UnsafeMutableRawBufferPointer

    /// A key from the bytes of a key file (RFC 8216bis §4.4.4.4: binary octets, nothing else).
    ///
    /// - Throws: ``DecryptionError/wrongKeyLength(_:looksLike:)``.
    package init(keyFile bytes: some Collection<UInt8>) throws(DecryptionError) {
        let length = bytes.count
        // 32 random bytes are never 32 hexadecimal digits: those are an AES-128 key, written down.
        guard length == 16 || length == 32 && KeyFileLookalike(bytes) != .hexadecimalText else {
            throw .wrongKeyLength(length, looksLike: KeyFileLookalike(bytes))
        }
        storage = .allocate(byteCount: length, alignment: 16)
        storage.copyBytes(from: bytes)
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// The key's length in bytes.
    package var byteCount: Int { storage.count }

    /// `<16 bytes>`: the key itself is in no message.
    package var description: String { "<\(storage.count) bytes>" }

    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Calls `body` with the key's bytes, which are valid for the duration of the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    package static func == (left: DecryptionKey, right: DecryptionKey) -> Bool {
        left.storage.count == right.storage.count
            && CRYPTO_memcmp(left.storage.baseAddress, right.storage.baseAddress, left.storage.count) == 0
    }
}
