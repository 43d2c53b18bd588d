import Decryption
import Testing

@Suite struct SampleCipherTests {
    private func cipher(_ mode: SampleCipher.Mode, key: String) throws -> SampleCipher {
        try SampleCipher(key: DecryptionKey(keyFile: bytes(hex: key)), mode: mode)
    }

    private func decrypt(_ cipher: SampleCipher, _ input: [UInt8], pieces: Int) throws -> [UInt8] {
        var output = input
        try output.withUnsafeMutableBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                let end = min(start + pieces, bytes.count)
                try cipher.decrypt(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]))
            }
        }
        return output
    }

    /// NIST SP 800-38A, appendix F: key and plaintext of all its examples.
    private let key = "2b7e151628aed2a6abf7158809cf4f3c"
    private let plaintext = bytes(
        hex: """
            6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
            30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710
            """
    )

    @Test("NIST SP 800-38A F.5.2, CTR-AES128, however it is cut", arguments: [1, 3, 16, 23, 64])
    func counter(_ size: Int) throws {
        let ciphertext = bytes(
            hex: """
                874d6191b620e3261bef6864990db6ce 9806f66b7970fdff8617187bb9fffdff
                5ae4df3edbd5d35e5b4f09020db03eab 1e031dda2fbe03d1792170a0f3009cee
                """
        )
        let cipher = try cipher(.counter, key: key)
        let vector = try InitializationVector(bytes(hex: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"))
        // Twice: a vector starts anew.
        for _ in 0..<2 {
            try cipher.begin(vector)
            #expect(try decrypt(cipher, ciphertext, pieces: size) == plaintext)
        }
    }

    @Test("NIST SP 800-38A F.2.2, CBC-AES128, block by block", arguments: [16, 32, 64])
    func chaining(_ size: Int) throws {
        let ciphertext = bytes(
            hex: """
                7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2
                73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7
                """
        )
        let cipher = try cipher(.chaining, key: key)
        for _ in 0..<2 {
            try cipher.begin(InitializationVector(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F))
            #expect(try decrypt(cipher, ciphertext, pieces: size) == plaintext)
        }
    }

    /// Two blocks of key stream, made by PyCryptodome from its ECB mode: the upper half of the counter stays.
    @Test("a counter wraps at 64 bits (ISO/IEC 23001-7 §9.2)", arguments: [1, 15, 16, 17, 32])
    func wraps(_ size: Int) throws {
        let cipher = try cipher(.counter, key: "000102030405060708090a0b0c0d0e0f")
        try cipher.begin(InitializationVector(high: 0x0011_2233_4455_6677, low: .max))
        let stream = try decrypt(cipher, [UInt8](repeating: 0, count: 32), pieces: size)
        #expect(stream == bytes(hex: "2108558ac4b2c2d5cc66cea51d6210e0 b61b9091935d3ee92634dcd834779663"))
    }

    @Test("a pattern leaves blocks alone, and what is no whole block")
    func pattern() throws {
        let cipher = try cipher(.chaining, key: key)
        var input = [UInt8](repeating: 0x55, count: 16 * 7 + 9)
        try cipher.begin(InitializationVector(high: 0, low: 0))
        try input.withUnsafeMutableBytes { try cipher.decrypt($0, encryptedBlocks: 2, clearBlocks: 1) }
        let isClear = (0..<7).map { block in input[block * 16..<block * 16 + 16].allSatisfy { $0 == 0x55 } }
        #expect(isClear == [false, false, true, false, false, true, false])
        #expect(input.suffix(9).allSatisfy { $0 == 0x55 })
    }

    @Test func aKeyOf256BitsIsRefused() {
        #expect(throws: DecryptionError.unsuitableKey(expected: 16, actual: 32)) {
            try cipher(.chaining, key: String(repeating: "1f", count: 32))
        }
    }
}
