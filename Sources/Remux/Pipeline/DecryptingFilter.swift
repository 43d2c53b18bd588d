import Decryption
import Transport

/// Makes the filter of an encrypted Media Segment.
enum DecryptingFilter {
    /// How the bytes of a segment are encrypted.
    enum Cipher: Sendable {
        case aes128(Decryption.InitializationVector)
        /// The segment is held whole, up to this many bytes.
        case aes256GCM(limitBytes: Int)
    }

    /// A filter that decrypts, or one that refuses everything where OpenSSL gives no cipher context.
    static func make(
        key: DecryptionKey,
        cipher: Cipher,
        disguiseRemoved: @escaping @Sendable () -> Void,
        _ make: (consuming AES128CBCDecryptor?) -> any BodyFilter
    ) -> any BodyFilter {
        do {
            switch cipher {
            case .aes128(let vector):
                return make(try AES128CBCDecryptor(key: key, iv: vector))
            case .aes256GCM(let limitBytes):
                let decryptor = try AES256GCMDecryptor(key: key)
                return AuthenticatedFilter(
                    decryptor: decryptor,
                    inner: make(nil),
                    limitBytes: limitBytes,
                    disguiseRemoved: disguiseRemoved
                )
            }
        } catch {
            return RefusingFilter(error)
        }
    }

    private final class RefusingFilter: BodyFilter {
        private let error: DecryptionError
        let holdsOutput = true

        init(_ error: DecryptionError) { self.error = error }

        func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws {
            throw BodyRejection(isRetriable: false, underlying: error)
        }

        func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
            throw BodyRejection(isRetriable: false, underlying: error)
        }
    }
}

/// OpenSSL's SHA-256 as the running digest of a body that may have to be compared with a second one.
final class SegmentDigest: BodyDigest {
    private let digest: SHA256Digest?

    /// - Parameter digest: `nil` makes every comparison fail, so that nothing unproven is joined.
    init(_ digest: SHA256Digest?) { self.digest = digest }

    static func make() -> SegmentDigest { SegmentDigest(try? SHA256Digest()) }

    func update(_ bytes: UnsafeRawBufferPointer) { digest?.update(bytes) }

    var value: [UInt8] { digest?.value ?? (0..<32).map { _ in UInt8.random(in: 0...255) } }
}
