import CCrypto

/// Decrypts AES-256 in Galois/Counter Mode (METHOD=AES-256-GCM, RFC 8216bis §4.4.4.4): 16 bytes of initialization vector,
/// the ciphertext, a tag of 16 bytes.
///
/// OpenSSL gives plaintext out before the tag was seen: nothing of it may be used before ``finish()`` has returned. Calls
/// `EVP_DecryptUpdate`. One owner, on one thread at a time.
package struct AES256GCMDecryptor: ~Copyable {
    /// Bytes of the vector in front and of the tag behind, each.
    package static let frameBytes = 16

    private let context: OpaquePointer
    private let key: DecryptionKey
    private var vector: [UInt8] = []
    /// The last bytes that have come: the tag, if nothing follows.
    private var held: [UInt8] = []
    private var length: UInt64 = 0

    /// A decryptor at the start of a segment.
    ///
    /// - Throws: ``DecryptionError/unsuitableKey(expected:actual:)`` unless the key has 32 bytes;
    ///   ``DecryptionError/cipherFailed(function:)``.
    package init(key: DecryptionKey) throws(DecryptionError) {
        guard key.byteCount == 32 else { throw .unsuitableKey(expected: 32, actual: key.byteCount) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .cipherFailed(function: "EVP_CIPHER_CTX_new") }
        // 12 bytes are OpenSSL's default; HLS has 16.
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, nil, nil) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(Self.frameBytes), nil) == 1
        else {
            EVP_CIPHER_CTX_free(context)
            throw .cipherFailed(function: "EVP_DecryptInit_ex")
        }
        self.context = context
        self.key = key
        held.reserveCapacity(2 * Self.frameBytes)
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Decrypts the next bytes, however they are cut.
    ///
    /// - Parameters:
    ///   - input: vector, ciphertext, tag; must not overlap `output`.
    ///   - output: room for at least `input.count` bytes.
    /// - Returns: the count of bytes written, at most `input.count`.
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    package mutating func update(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecryptionError) -> Int {
        precondition(output.count >= input.count, "output needs input.count bytes")
        length += UInt64(input.count)
        var rest = input
        if vector.count < Self.frameBytes {
            let missing = Self.frameBytes - vector.count
            vector += rest.prefix(missing)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(missing))
            guard vector.count == Self.frameBytes else { return 0 }
            try start()
        }
        let released = held.count + rest.count - Self.frameBytes
        guard released > 0 else {
            held += rest
            return 0
        }
        let fromHeld = min(held.count, released)
        var written = try held.withUnsafeBytes { held in
            Result { () throws(DecryptionError) in
                try EVP.decrypt(context, UnsafeRawBufferPointer(rebasing: held.prefix(fromHeld)), into: output)
            }
        }.get()
        held.removeFirst(fromHeld)
        let fromRest = released - fromHeld
        written += try EVP.decrypt(
            context,
            UnsafeRawBufferPointer(rebasing: rest.prefix(fromRest)),
            into: UnsafeMutableRawBufferPointer(rebasing: output.dropFirst(written))
        )
        held += rest.dropFirst(fromRest)
        return written
    }

    /// Verifies the tag over everything decrypted. Nothing may be decrypted after.
    ///
    /// - Throws: ``DecryptionError/authenticationFailed``; ``DecryptionError/truncatedSegment(length:)`` where even vector
    ///   and tag are not there.
    package mutating func finish() throws(DecryptionError) {
        guard held.count == Self.frameBytes else { throw .truncatedSegment(length: length) }
        let isSet = held.withUnsafeMutableBytes { tag in
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.frameBytes), tag.baseAddress) == 1
        }
        guard isSet else { throw .cipherFailed(function: "EVP_CIPHER_CTX_ctrl") }
        var none: (UInt64, UInt64) = (0, 0)
        let isGenuine = withUnsafeMutableBytes(of: &none) { block in
            var count: Int32 = 0
            return EVP_DecryptFinal_ex(context, block.assumingMemoryBound(to: UInt8.self).baseAddress, &count) == 1
        }
        guard isGenuine else { throw .authenticationFailed }
    }

    /// Decrypts and verifies a whole small segment.
    ///
    /// - Throws: ``DecryptionError``.
    package static func decrypt(_ bytes: [UInt8], key: DecryptionKey) throws(DecryptionError) -> [UInt8] {
        var decryptor = try AES256GCMDecryptor(key: key)
        var output = [UInt8](repeating: 0, count: bytes.count)
        let count = bytes.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { target in
                Result { () throws(DecryptionError) in try decryptor.update(input, into: target) }
            }
        }
        try decryptor.finish()
        return Array(output.prefix(try count.get()))
    }

    private func start() throws(DecryptionError) {
        let isReady = key.withUnsafeBytes { key in
            EVP_DecryptInit_ex(context, nil, nil, key.assumingMemoryBound(to: UInt8.self).baseAddress, vector) == 1
        }
        guard isReady else { throw .cipherFailed(function: "EVP_DecryptInit_ex") }
    }
}
