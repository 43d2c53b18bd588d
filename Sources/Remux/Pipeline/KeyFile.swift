import Decryption

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file with a key that was given by hand: the very bytes that a key server sends.
enum KeyFile {
    private static let maximumBytes = 4096

    /// - Throws: ``RemuxError`` with code `key`.
    static func read(_ path: String) throws(RemuxError) -> DecryptionKey {
        guard let file = fopen(path, "rb") else {
            throw RemuxError(.key, "the key file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw RemuxError(.key, "the key file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        do {
            return try DecryptionKey(keyFile: bytes.prefix(count))
        } catch {
            throw RemuxError(.key, "the key file \(path) is not usable: \(error)", underlying: error)
        }
    }
}
