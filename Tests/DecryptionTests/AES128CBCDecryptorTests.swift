import Decryption
import Foundation
import Testing

/// NIST SP 800-38A, appendix F.2.1 and F.2.2: CBC-AES128.
private enum NIST {
    static let key = bytes(hex: "2b7e151628aed2a6abf7158809cf4f3c")
    static let iv = bytes(hex: "000102030405060708090a0b0c0d0e0f")
    static let plaintext = bytes(
        hex: """
            6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
            30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710
            """
    )
    static let ciphertext = bytes(
        hex: """
            7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2
            73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7
            """
    )
}

/// Decrypts `ciphertext` in pieces of the given lengths, with exactly the room in the output that is asked for.
private func decrypt(
    _ ciphertext: [UInt8],
    key: [UInt8],
    iv: [UInt8],
    pieces: [Int]
) throws -> (plaintext: [UInt8], ending: AES128CBCDecryptor.Ending) {
    var decryptor = try AES128CBCDecryptor(key: DecryptionKey(keyFile: key), iv: InitializationVector(iv))
    var plaintext: [UInt8] = []
    var offset = 0
    for piece in pieces {
        let input = Array(ciphertext[offset..<offset + piece])
        offset += piece
        var output = [UInt8](repeating: 0xEE, count: piece + 15)
        let count = try input.withUnsafeBytes { input in
            try output.withUnsafeMutableBytes { try decryptor.update(input, into: $0) }
        }
        // What is held back: 1 to 16 bytes.
        let held = offset - plaintext.count - count
        #expect(offset == 0 ? held == 0 : (1...16).contains(held))
        #expect(output[count...].allSatisfy { $0 == 0xEE })
        plaintext += output[..<count]
    }
    #expect(offset == ciphertext.count)
    var output = [UInt8](repeating: 0xEE, count: 16)
    let (count, ending) = try output.withUnsafeMutableBytes { try decryptor.finish(into: $0) }
    return (plaintext + output[..<count], ending)
}

/// Encrypts with the `openssl` program, which pads.
private func encryptWithOpenSSL(_ plaintext: [UInt8], key: String, iv: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl", "enc", "-aes-128-cbc", "-K", key, "-iv", iv]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let writer = Thread {
        input.fileHandleForWriting.write(Data(plaintext))
        try? input.fileHandleForWriting.close()
    }
    writer.start()
    let ciphertext = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return [UInt8](ciphertext)
}

@Suite struct AES128CBCDecryptorTests {
    @Test func vectorsOfNISTWithoutPadding() throws {
        let (plaintext, ending) = try decrypt(NIST.ciphertext, key: NIST.key, iv: NIST.iv, pieces: [64])
        #expect(plaintext == NIST.plaintext)
        #expect(ending == .paddingIsInvalid)
    }

    /// Every way to cut 2 blocks in three, and one byte at a time.
    @Test func everySplitGivesTheSamePlaintext() throws {
        let ciphertext = Array(NIST.ciphertext[..<32])
        for first in 0...32 {
            for second in 0...(32 - first) {
                let pieces = [first, second, 32 - first - second]
                let (plaintext, _) = try decrypt(ciphertext, key: NIST.key, iv: NIST.iv, pieces: pieces)
                #expect(plaintext == Array(NIST.plaintext[..<32]))
            }
        }
        let single = [Int](repeating: 1, count: 32)
        #expect(
            try decrypt(ciphertext, key: NIST.key, iv: NIST.iv, pieces: single).plaintext
                == Array(NIST.plaintext[..<32])
        )
    }

    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 188, 4_096, 70_001])
    func agreesWithTheOpenSSLProgramAtRandomSplits(length: Int) throws {
        var random = SplitMix64(state: UInt64(length) + 7)
        let plaintext = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        let ciphertext = try encryptWithOpenSSL(
            plaintext,
            key: "2b7e151628aed2a6abf7158809cf4f3c",
            iv: "000102030405060708090a0b0c0d0e0f"
        )
        for _ in 0..<20 {
            var pieces: [Int] = []
            var left = ciphertext.count
            while left > 0 {
                let piece = min(left, Int.random(in: 0...max(1, ciphertext.count / 5), using: &random))
                pieces.append(piece)
                left -= piece
            }
            let (decrypted, ending) = try decrypt(ciphertext, key: NIST.key, iv: NIST.iv, pieces: pieces)
            #expect(decrypted == plaintext)
            #expect(ending == .padded(16 - length % 16))
        }
    }

    @Test(arguments: [0, 1, 15, 17, 31, 33])
    func aCiphertextOfNoWholeBlocksIsTruncated(length: Int) throws {
        let ciphertext = Array(NIST.ciphertext[..<length])
        #expect(throws: DecryptionError.truncatedCiphertext(length: UInt64(length))) {
            try decrypt(ciphertext, key: NIST.key, iv: NIST.iv, pieces: [length])
        }
    }

    @Test func aKeyOf32BytesIsRefused() throws {
        let key = try DecryptionKey(keyFile: [UInt8](repeating: 1, count: 32))
        let iv = InitializationVector(mediaSequenceNumber: 0)
        do {
            _ = try AES128CBCDecryptor(key: key, iv: iv)
            Issue.record("accepted")
        } catch {
            #expect(error == .unsuitableKey(expected: 16, actual: 32))
        }
    }

    @Test(arguments: [
        (0, "00000000000000000000000000000000"),
        (258, "00000000000000000000000000000102"),
        (UInt64.max, "0000000000000000ffffffffffffffff"),
    ])
    func theImplicitVectorIsTheMediaSequenceNumber(number: UInt64, expected: String) {
        #expect(InitializationVector(mediaSequenceNumber: number).bytes == bytes(hex: expected))
    }
}

/// A small seeded generator (Steele, Lea, Flood: SplitMix64).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
