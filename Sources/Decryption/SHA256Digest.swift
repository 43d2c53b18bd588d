import CCrypto

/// A running SHA-256 (FIPS 180-4). Used by one thread at a time.
package final class SHA256Digest {
    private let context: OpaquePointer

    /// The digest of nothing.
    ///
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    package init() throws(DecryptionError) {
        guard let context = EVP_MD_CTX_new() else { throw .cipherFailed(function: "EVP_MD_CTX_new") }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw .cipherFailed(function: "EVP_DigestInit_ex")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Takes the next bytes in.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        let code = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(code == 1, "EVP_DigestUpdate has no way to fail on a digest that was set up")
    }

    /// The digest, 32 bytes, of what was taken in so far. More may follow.
    package var value: [UInt8] {
        guard let copy = EVP_MD_CTX_new() else { return [] }
        defer { EVP_MD_CTX_free(copy) }
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            var length: UInt32 = 0
            let isDone =
                EVP_MD_CTX_copy_ex(copy, context) == 1
                && EVP_DigestFinal_ex(copy, buffer.baseAddress, &length) == 1
            count = isDone ? Int(length) : 0
        }
    }
}
