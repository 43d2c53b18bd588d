import HLS
import Testing

@Suite("data: URIs")
struct DataURITests {
    @Test(
        "RFC 2397: escapes and Base64",
        arguments: [
            ("data:,abc", "abc"), ("data:text/plain,a%20b", "a b"), ("data:,", ""), ("data:;base64,", ""),
            ("data:application/octet-stream;base64,YWJj", "abc"), ("data:text/plain;BASE64,YWI=", "ab"),
            ("data:;base64,YQ==", "a"), ("data:;base64,YQ", "a"), ("data:;base64,YWJj%0AYQ%3D%3D", "abca"),
            ("data:;charset=utf-8,{}", "{}"), ("DATA:,x", "x"), ("data:,a,b?c=d", "a,b?c=d"),
        ]
    )
    func decodes(text: String, expected: String) throws {
        let uri = try #require(ResourceURI(text))
        #expect(try String(decoding: DataURI.decode(uri, maximumBytes: 100), as: UTF8.self) == expected)
    }

    @Test("RFC 4648 §5: the URL alphabet")
    func urlAlphabet() throws {
        let uri = try #require(ResourceURI("data:;base64,-_-_"))
        #expect(try DataURI.decode(uri, maximumBytes: 3) == [0xFB, 0xFF, 0xBF])
    }

    @Test("Every byte survives")
    func allBytes() throws {
        let uri = try #require(ResourceURI("data:;base64,AAECAwQFBgcICQoLDA0ODw=="))
        #expect(try DataURI.decode(uri, maximumBytes: 16) == Array(0...15))
        #expect(throws: DataURI.Failure.tooLarge(maximum: 15)) { try DataURI.decode(uri, maximumBytes: 15) }
    }

    @Test(
        "What is refused",
        arguments: [
            ("data:text", .missingComma), ("http://h/", .notData), ("data:;base64,Y", .invalidBase64),
            ("data:;base64,YR==", .invalidBase64), ("data:;base64,Y=Q", .invalidBase64),
            ("data:;base64,YWJj====", .invalidBase64),
            ("data:;base64,Y*Jj", .invalidBase64),
        ] as [(String, DataURI.Failure)]
    )
    func refuses(text: String, failure: DataURI.Failure) throws {
        let uri = try #require(ResourceURI(text))
        #expect(throws: failure) { try DataURI.decode(uri, maximumBytes: 100) }
    }
}
