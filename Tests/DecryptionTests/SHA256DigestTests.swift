import Decryption
import Testing

/// FIPS 180-4 examples.
@Suite struct SHA256DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func vectors(text: String, expected: String) throws {
        let digest = try SHA256Digest()
        for byte in text.utf8 { withUnsafeBytes(of: byte) { digest.update($0) } }
        #expect(digest.value == bytes(hex: expected))
    }

    @Test func goesOnAfterItsValueWasRead() throws {
        let digest = try SHA256Digest()
        withUnsafeBytes(of: UInt8(ascii: "a")) { digest.update($0) }
        _ = digest.value
        Array("bc".utf8).withUnsafeBytes { digest.update($0) }
        #expect(digest.value == bytes(hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
    }
}
