import CCrypto

/// OpenSSL's envelope interface as the decryptors use it.
enum EVP {
    /// Decrypts with a context that gives out as many bytes as it is given: block ciphers without padding and whole blocks,
    /// stream modes.
    ///
    /// - Parameters:
    ///   - input: may be the very same memory as `output`, but not overlap it otherwise.
    ///   - output: room for `input.count` bytes.
    /// - Returns: the count of bytes written.
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    static func decrypt(
        _ context: OpaquePointer,
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecryptionError) -> Int {
        var done = 0
        // OpenSSL counts in Int32.
        while done < input.count {
            let length = min(input.count - done, 1 << 30)
            var count: Int32 = 0
            let code = EVP_DecryptUpdate(
                context,
                output.baseAddress?.advanced(by: done).assumingMemoryBound(to: UInt8.self),
                &count,
                input.baseAddress?.advanced(by: done).assumingMemoryBound(to: UInt8.self),
                Int32(length)
            )
            guard code == 1, Int(count) == length else { throw .cipherFailed(function: "EVP_DecryptUpdate") }
            done += length
        }
        return done
    }
}
