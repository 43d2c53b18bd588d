import Decryption
import Testing

@Suite struct DecryptionKeyTests {
    @Test(arguments: [16, 32])
    func keepsItsBytesAndPrintsNone(length: Int) throws {
        let bytes = (0..<length).map { UInt8($0 + 65) }
        let key = try DecryptionKey(keyFile: bytes)
        #expect(key.withUnsafeBytes { Array($0) } == bytes)
        #expect("\(key)" == "<\(length) bytes>")
        #expect(String(reflecting: key).contains("A") == false)
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("65"))
        #expect(try key == DecryptionKey(keyFile: bytes))
        #expect(try key != DecryptionKey(keyFile: bytes.reversed()))
    }

    @Test(arguments: [
        ("", KeyFileLookalike.nothing),
        ("<!DOCTYPE html><html></html>", .html),
        ("\u{FEFF}\n  <html>login</html>", .html),
        (#"{"error":"forbidden"}"#, .json),
        ("#EXTM3U\n#EXT-X-VERSION:3\n", .playlist),
        ("00112233445566778899aabbccddeeff", .hexadecimalText),
        ("0x00112233445566778899AABBCCDDEEFF\n", .hexadecimalText),
        ("ABEiM0RVZneImaq7zN3u/w==", .base64Text),
        ("Forbidden", .text),
        ("0123456789abcde\u{0}z", .binary),
        ("\u{1}\u{2}\u{3}", .binary),
    ])
    func aWrongLengthSaysWhatCame(text: String, expected: KeyFileLookalike) {
        let bytes = Array(text.utf8)
        do {
            _ = try DecryptionKey(keyFile: bytes)
            Issue.record("accepted")
        } catch {
            #expect(error == .wrongKeyLength(bytes.count, looksLike: expected))
            #expect(error.description.hasPrefix("the key is "))
        }
    }

    @Test func latin1BytesAreBinary() {
        #expect(KeyFileLookalike([0xE9, 0x41, 0xE9]) == .binary)
    }
}
