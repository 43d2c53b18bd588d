import Decryption
import Transport

extension AES128CBCDecryptor {
    /// Decrypts from a transfer's buffer straight into its chunks.
    ///
    /// - Parameter visit: sees each piece of plaintext where it lies.
    /// - Throws: ``DecryptionError``.
    mutating func update(
        _ input: UnsafeRawBufferPointer,
        into output: inout ChunkWriter,
        _ visit: (UnsafeRawBufferPointer) -> Void
    ) throws(DecryptionError) {
        var rest = input
        while !rest.isEmpty {
            // It needs 16 bytes more room than it is given; whole blocks keep the chunks full.
            try output.withWindow(atLeast: 2 * Self.blockSize) { window throws(DecryptionError) in
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(window.count - Self.blockSize))
                let written = try update(part, into: window)
                visit(UnsafeRawBufferPointer(rebasing: window.prefix(written)))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
                return written
            }
        }
    }
}
