import CCrypto

/// Decrypts AES-128 in CBC mode as the ciphertext arrives (METHOD=AES-128, RFC 8216bis §4.4.4.4 and §5.2).
///
/// The last 1 to 16 bytes of ciphertext are held back until more comes or ``finish(into:)``, so that the padding
/// (PKCS #7) can be looked at and removed. Calls `EVP_DecryptUpdate`. One owner, on one thread at a time.
package struct AES128CBCDecryptor: ~Copyable {
    /// The AES block, in bytes.
    package static let blockSize = 16

    /// How a ciphertext ended.
    package enum Ending: Equatable, Sendable {
        /// The padding was right and was removed.
        case padded(Int)
        /// The last block ends in no PKCS #7 padding and was kept whole: a common packager omits the padding.
        case paddingIsInvalid
    }

    private let context: OpaquePointer
    /// The first `heldCount` bytes are ciphertext that was not decrypted yet; 0 only before the first byte.
    private let held: UnsafeMutableRawBufferPointer
    private var heldCount = 0
    private var ciphertextLength: UInt64 = 0

    /// A decryptor at the start of a segment.
    ///
    /// - Throws: ``DecryptionError/unsuitableKey(expected:actual:)`` unless the key has 16 bytes;
    ///   ``DecryptionError/cipherFailed(function:)``.
    package init(key: borrowing DecryptionKey, iv: InitializationVector) throws(DecryptionError) {
        guard key.byteCount == 16 else { throw .unsuitableKey(expected: 16, actual: key.byteCount) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .cipherFailed(function: "EVP_CIPHER_CTX_new") }
        let isReady = key.withUnsafeBytes { key in
            EVP_DecryptInit_ex(
                context,
                EVP_aes_128_cbc(),
                nil,
                key.assumingMemoryBound(to: UInt8.self).baseAddress,
                iv.bytes
            ) == 1
        }
        guard isReady, EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw .cipherFailed(function: "EVP_DecryptInit_ex")
        }
        self.context = context
        held = .allocate(byteCount: Self.blockSize, alignment: Self.blockSize)
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
        held.deallocate()
    }

    /// Decrypts the next bytes of ciphertext, however they are cut.
    ///
    /// - Parameters:
    ///   - input: ciphertext; must not overlap `output`.
    ///   - output: room for at least `input.count + 15` bytes.
    /// - Returns: the count of bytes written: a multiple of 16, at most `input.count + 15`, and after the call 1 to 16
    ///   bytes of ciphertext are held back (none only if nothing has come so far).
    /// - Throws: ``DecryptionError/cipherFailed(function:)``.
    package mutating func update(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecryptionError) -> Int {
        let (needed, overflows) = input.count.addingReportingOverflow(Self.blockSize - 1)
        precondition(!overflows && output.count >= needed, "output needs input.count + 15 bytes")
        ciphertextLength += UInt64(input.count)

        guard heldCount + input.count > Self.blockSize else {
            hold(input)
            return 0
        }
        var rest = input
        var written = 0
        if heldCount > 0 {
            let missing = Self.blockSize - heldCount
            hold(UnsafeRawBufferPointer(rebasing: rest.prefix(missing)))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(missing))
            written = try decrypt(UnsafeRawBufferPointer(held), into: output)
            heldCount = 0
        }
        // At least one byte is left here: a whole block that ends the input is held back too.
        let whole = (rest.count - 1) / Self.blockSize * Self.blockSize
        written += try decrypt(
            UnsafeRawBufferPointer(rebasing: rest.prefix(whole)),
            into: UnsafeMutableRawBufferPointer(rebasing: output.dropFirst(written))
        )
        hold(UnsafeRawBufferPointer(rebasing: rest.dropFirst(whole)))
        return written
    }

    /// Decrypts the block held back and removes the padding. Nothing may be decrypted after.
    ///
    /// - Parameter output: room for at least 16 bytes.
    /// - Returns: the count of bytes written, 0 to 16, and whether there was padding.
    /// - Throws: ``DecryptionError/truncatedCiphertext(length:)`` if the whole ciphertext was empty or no multiple of 16
    ///   bytes long; ``DecryptionError/cipherFailed(function:)``.
    package mutating func finish(
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecryptionError) -> (count: Int, ending: Ending) {
        precondition(output.count >= Self.blockSize, "output needs 16 bytes")
        guard heldCount == Self.blockSize else { throw .truncatedCiphertext(length: ciphertextLength) }
        heldCount = 0
        let count = try decrypt(UnsafeRawBufferPointer(held), into: output)
        guard let padding = Self.padding(of: UnsafeRawBufferPointer(rebasing: output.prefix(count))) else {
            return (count, .paddingIsInvalid)
        }
        return (count - padding, .padded(padding))
    }

    /// Decrypts a whole small ciphertext; padding that is there is removed.
    ///
    /// - Throws: ``DecryptionError``.
    package static func decrypt(
        _ bytes: [UInt8],
        key: borrowing DecryptionKey,
        iv: InitializationVector
    ) throws(DecryptionError) -> [UInt8] {
        var decryptor = try AES128CBCDecryptor(key: key, iv: iv)
        var output = [UInt8](repeating: 0, count: bytes.count + 2 * blockSize)
        let count = bytes.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { target in
                Result { () throws(DecryptionError) in
                    let written = try decryptor.update(input, into: target)
                    let rest = UnsafeMutableRawBufferPointer(rebasing: target[written...])
                    return written + (try decryptor.finish(into: rest).count)
                }
            }
        }
        return Array(output.prefix(try count.get()))
    }

    /// The length of the PKCS #7 padding (RFC 5652 §6.3) that ends `block`; nil if there is none.
    private static func padding(of block: UnsafeRawBufferPointer) -> Int? {
        guard let last = block.last, (1...16).contains(last), Int(last) <= block.count else { return nil }
        return block.suffix(Int(last)).allSatisfy { $0 == last } ? Int(last) : nil
    }

    private mutating func hold(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: held.dropFirst(heldCount)).copyMemory(from: bytes)
        heldCount += bytes.count
    }

    /// Decrypts whole blocks.
    private func decrypt(
        _ blocks: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecryptionError) -> Int {
        try EVP.decrypt(context, blocks, into: output)
    }
}
