import Decryption
import Testing

@Suite struct AES256GCMDecryptorTests {
    /// Made by PyCryptodome: a vector of 16 bytes, 77 bytes of ciphertext, the tag.
    private static let segment = bytes(
        hex: """
            f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff b967173f849af1e381cb60fd306cfde623b21bdb9dca9ee6d0eaf4f0d74dcc446dfb2f2ec565f29f
            8d78b15c6613f197ad7cca1208bfe8125f7808213ab1c04611a0ed27702e72af18a66966fe46a6cfdaa93116a7a44d16f09cba0f20
            """
    )
    private static let plaintext = (0..<77).map { UInt8(truncatingIfNeeded: $0 * 5 + 1) }
    private static let keyBytes = (0..<32).map { UInt8($0) }

    private func decrypt(_ input: [UInt8], pieces: Int) throws -> [UInt8] {
        var decryptor = try AES256GCMDecryptor(key: DecryptionKey(keyFile: Self.keyBytes))
        var plaintext: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: pieces) {
            let piece = Array(input[start..<min(start + pieces, input.count)])
            var output = [UInt8](repeating: 0xEE, count: piece.count)
            let count = try piece.withUnsafeBytes { input in
                try output.withUnsafeMutableBytes { try decryptor.update(input, into: $0) }
            }
            plaintext += output.prefix(count)
        }
        try decryptor.finish()
        return plaintext
    }

    @Test(arguments: 1...110)
    func inPiecesOfAnySize(_ size: Int) throws {
        #expect(try decrypt(Self.segment, pieces: size) == Self.plaintext)
    }

    @Test func asAWhole() throws {
        let key = try DecryptionKey(keyFile: Self.keyBytes)
        #expect(try AES256GCMDecryptor.decrypt(Self.segment, key: key) == Self.plaintext)
    }

    /// One bit of the vector, the ciphertext, the tag.
    @Test(arguments: [0, 16, 50, 92, 93, 108])
    func aChangedBitIsFound(_ position: Int) throws {
        var changed = Self.segment
        changed[position] ^= 0x10
        #expect(throws: DecryptionError.authenticationFailed) { try decrypt(changed, pieces: 16) }
    }

    @Test func nothingButVectorAndTag() throws {
        // Its tag is that of 77 bytes.
        let short = Array(Self.segment.prefix(16) + Self.segment.suffix(16))
        #expect(throws: DecryptionError.authenticationFailed) { try decrypt(short, pieces: 5) }
    }

    @Test(arguments: [0, 1, 16, 31])
    func tooShort(_ count: Int) throws {
        #expect(throws: DecryptionError.truncatedSegment(length: UInt64(count))) {
            try decrypt(Array(Self.segment.prefix(count)), pieces: 7)
        }
    }

    @Test func aKeyOf128BitsIsRefused() throws {
        let key = try DecryptionKey(keyFile: [UInt8](repeating: 1, count: 16))
        #expect(throws: DecryptionError.unsuitableKey(expected: 32, actual: 16)) {
            try AES256GCMDecryptor.decrypt(Self.segment, key: key)
        }
    }
}
