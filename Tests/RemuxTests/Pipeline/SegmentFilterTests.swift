import Decryption
import Synchronization
import Testing

@testable import Remux
@testable import Transport

/// Segments through the filter that decrypts them and looks at their heads, in every portion.
@Suite struct SegmentFilterTests {
    private static let key: [UInt8] = hex("00112233445566778899aabbccddeeff")

    private final class Notes: Sendable {
        let paddingMissing = Atomic<Int>(0)
        let disguises = Atomic<Int>(0)

        var notes: SegmentFilter.Notes {
            SegmentFilter.Notes(
                paddingMissing: { [self] in paddingMissing.add(1, ordering: .relaxed) },
                disguiseRemoved: { [self] in disguises.add(1, ordering: .relaxed) }
            )
        }
    }

    private struct Outcome {
        var bytes: [UInt8] = []
        var rejection: BodyRejection?
        var paddingMissing = 0
        var disguises = 0
    }

    /// Runs a body through a filter.
    private func run(
        _ body: [UInt8],
        vector: UInt64?,
        cuts: [Int],
        lengthIsDeclared: Bool = true,
        key: [UInt8] = Self.key,
        vectorBytes: [UInt8]? = nil
    ) throws -> Outcome {
        let notes = Notes()
        let pool = ChunkPool(limitBytes: 64 << 20)
        var writer = ChunkWriter(pool: pool)
        let filter: SegmentFilter
        if let vector {
            let key = try DecryptionKey(keyFile: key)
            let decryptor = try AES128CBCDecryptor(
                key: key,
                iv: try vectorBytes.map { try InitializationVector($0) }
                    ?? InitializationVector(mediaSequenceNumber: vector)
            )
            filter = SegmentFilter(decryptor: decryptor, notes: notes.notes)
        } else {
            filter = SegmentFilter(decryptor: nil, notes: notes.notes)
        }
        var outcome = Outcome()
        do {
            var start = 0
            for end in cuts.filter({ $0 < body.count }) + [body.count] {
                try body[start..<end].withUnsafeBytes { try filter.consume($0, into: &writer) }
                start = end
            }
            try filter.finish(into: &writer, lengthIsDeclared: lengthIsDeclared)
        } catch let error as BodyRejection {
            outcome.rejection = error
        }
        for chunk in writer.takeFilled(partialFrom: 0) { outcome.bytes += Array(chunk.bytes) }
        outcome.paddingMissing = notes.paddingMissing.load(ordering: .relaxed)
        outcome.disguises = notes.disguises.load(ordering: .relaxed)
        return outcome
    }

    struct Body: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var path: String
        /// The same without encryption and prefix.
        var clear: String
        var vector: UInt64?
        var disguises = 0
    }

    static let bodies: [Body] = [
        Body(testDescription: "clear", path: "ts-192/1.ts", clear: "ts-192/1.ts"),
        Body(testDescription: "AES-128", path: "aes128-implicit-iv/008.ts", clear: "clear/001.ts", vector: 8),
        Body(testDescription: "fragmented MP4, AES-128", path: "fmp4-aes128/1.m4s", clear: "fmp4/1.m4s", vector: 42),
        Body(testDescription: "PNG", path: "disguised-png/1.jpg", clear: "disguised-html/1.html", disguises: 1),
        Body(
            testDescription: "PNG in front of ciphertext",
            path: "disguised-aes128-outside/1.jpg",
            clear: "disguised-png/1.jpg",
            vector: 1,
            disguises: 1
        ),
        Body(
            testDescription: "JPEG in the ciphertext",
            path: "disguised-aes128-inside/1.jpg",
            clear: "disguised-png/1.jpg",
            vector: 1,
            disguises: 1
        ),
        Body(testDescription: "packed audio", path: "packed-aac/1.aac", clear: "packed-aac/1.aac"),
    ]

    private static func bytes(_ path: String) -> [UInt8] {
        FixturePayloads.bytes(of: FixturePayloads.root + "/" + path)
    }

    /// Media behind its prefix.
    private static func clear(_ path: String) -> [UInt8] {
        let bytes = bytes(path)
        guard path.hasPrefix("disguised") else { return bytes }
        let start = bytes.indices.first { start in
            (0..<5).allSatisfy { bytes.indices.contains(start + 188 * $0) && bytes[start + 188 * $0] == 0x47 }
        }
        return Array(bytes[(start ?? 0)...])
    }

    @Test("what goes on is the media, to the byte, however the body is cut", arguments: bodies)
    func everySplit(_ body: Body) throws {
        let bytes = Self.bytes(body.path)
        let truth = Self.clear(body.clear)
        try #require(bytes.count > 2000 && truth.count > 2000)
        let single = Array(stride(from: 0, to: 300, by: 1)) + Array(8180..<8210) + Array(bytes.count - 40..<bytes.count)
        for cut in single {
            let outcome = try run(bytes, vector: body.vector, cuts: [cut])
            #expect(outcome.rejection == nil, "cut at \(cut): \(String(describing: outcome.rejection))")
            let isEqual = outcome.bytes.elementsEqual(truth)
            #expect(isEqual, "cut at \(cut)")
            #expect(outcome.disguises == body.disguises && outcome.paddingMissing == 0, "cut at \(cut)")
        }
        for step in [1, 7, 16, 188, 4096] {
            let cuts = Array(stride(from: step, to: bytes.count, by: step))
            let isEqual = try run(bytes, vector: body.vector, cuts: cuts).bytes.elementsEqual(truth)
            #expect(isEqual, "every \(step)")
        }
    }

    @Test("ciphertext that ends between packets without padding is kept, with a note")
    func paddingMissing() throws {
        let body = Array(Self.bytes("aes128-implicit-iv/008.ts").prefix(752 * 20))
        let outcome = try run(body, vector: 8, cuts: [1000])
        #expect(outcome.rejection == nil && outcome.paddingMissing == 1)
        let isEqual = outcome.bytes.elementsEqual(Self.bytes("clear/001.ts").prefix(752 * 20))
        #expect(isEqual)
    }

    /// Ciphertext of whole blocks, made from its end with the decryptor alone: of CBC every block is the next one,
    /// deciphered, xor its plaintext.
    private static func encrypt(_ plain: [UInt8]) throws -> (body: [UInt8], vector: [UInt8]) {
        let key = try DecryptionKey(keyFile: key)
        let zero = try InitializationVector([UInt8](repeating: 0, count: 16))
        var blocks: [[UInt8]] = [[UInt8](repeating: 0xE5, count: 16)]
        for start in stride(from: plain.count - 16, through: 0, by: -16) {
            let next = blocks[blocks.count - 1]
            let deciphered = try AES128CBCDecryptor.decrypt(next + next, key: key, iv: zero)[..<16]
            blocks.append(zip(deciphered, plain[start..<start + 16]).map { $0 ^ $1 })
        }
        let vector = blocks.removeLast()
        return (blocks.reversed().flatMap { $0 }, vector)
    }

    @Test(
        "padding that is not that of the RFC is left out with a note",
        arguments: ["clear/001.ts", "fmp4/1.m4s"],
        [[0, 0, 0, 0], [0xA0, 0xB1, 0xC2, 0xD3], [0, 0, 0, 4]] as [[UInt8]]
    )
    func wrongPadding(_ path: String, _ padding: [UInt8]) throws {
        var media = Self.bytes(path)
        if path.hasSuffix("m4s") {
            // Four bytes are missing to a whole block.
            let free = 8 + (12 + 32 - (media.count + 8) % 16) % 16
            media += [0, 0, 0, UInt8(free)] + Array("free".utf8) + [UInt8](repeating: 1, count: free - 8)
        } else {
            media = Array(media.prefix(188 * 65))
        }
        try #require(media.count % 16 == 12)
        let (body, vector) = try Self.encrypt(media + padding)
        let outcome = try run(body, vector: 1, cuts: [1000], vectorBytes: vector)
        #expect(outcome.rejection == nil && outcome.paddingMissing == 1)
        let isEqual = outcome.bytes.elementsEqual(media)
        #expect(isEqual, "\(outcome.bytes.count) of \(media.count)")
    }

    @Test("a whole block of such padding is left out, too")
    func wrongPaddingBlock() throws {
        let media = Array(Self.bytes("clear/001.ts").prefix(188 * 64))
        let (body, vector) = try Self.encrypt(media + [UInt8](repeating: 0, count: 15) + [16])
        let outcome = try run(body, vector: 1, cuts: [1000], vectorBytes: vector)
        #expect(outcome.rejection == nil && outcome.paddingMissing == 1)
        let isEqual = outcome.bytes.elementsEqual(media)
        #expect(isEqual, "\(outcome.bytes.count) of \(media.count)")
    }

    @Test("a small box may begin in the last block", arguments: [0, 1, 4, 7])
    func smallBoxAtEnd(_ missing: Int) throws {
        var media = Self.bytes("fmp4/1.m4s")
        let first = 8 + (32 - (media.count + 16 + missing) % 16) % 16
        for size in [first, 8] {
            media += [0, 0, 0, UInt8(size)] + Array("free".utf8) + [UInt8](repeating: 0, count: size - 8)
        }
        let count = 16 - media.count % 16
        try #require(count % 16 == missing)
        let (body, vector) = try Self.encrypt(media + [UInt8](repeating: UInt8(count), count: count))
        let outcome = try run(body, vector: 1, cuts: [1000], vectorBytes: vector)
        #expect(outcome.rejection == nil && outcome.paddingMissing == 0)
        let isEqual = outcome.bytes.elementsEqual(media)
        #expect(isEqual, "\(outcome.bytes.count) of \(media.count)")
    }

    @Test(
        "ciphertext that is cut anywhere else is refused, and may be asked for again",
        arguments: [1, 15, 16, 17, 188, 1600]
    )
    func cut(_ missing: Int) throws {
        let body = Array(Self.bytes("aes128-implicit-iv/008.ts").dropLast(missing))
        for lengthIsDeclared in [false, true] {
            let outcome = try run(body, vector: 8, cuts: [], lengthIsDeclared: lengthIsDeclared)
            #expect(outcome.rejection?.isRetriable == true)
        }
    }

    @Test("a cut behind bytes that look like padding loses none of them, and goes on with what comes then")
    func cutBehindLookalike() throws {
        let body = Self.bytes("aes128-implicit-iv/008.ts")
        let truth = Self.clear("clear/001.ts")
        let places = stride(from: 9000 / 16 * 16, to: truth.count, by: 16).filter { place in
            truth[place - 1] == 1 && !place.isMultiple(of: 188)
        }
        try #require(!places.isEmpty)
        for place in places.prefix(5) {
            let pool = ChunkPool(limitBytes: 64 << 20)
            var writer = ChunkWriter(pool: pool)
            let decryptor = try AES128CBCDecryptor(
                key: DecryptionKey(keyFile: Self.key),
                iv: InitializationVector(mediaSequenceNumber: 8)
            )
            let filter = SegmentFilter(decryptor: decryptor, notes: Notes().notes)
            try body[..<place].withUnsafeBytes { try filter.consume($0, into: &writer) }
            #expect(throws: BodyRejection.self) { try filter.finish(into: &writer, lengthIsDeclared: false) }
            var bytes = writer.takeFilled(partialFrom: 0).flatMap { Array($0.bytes) }
            #expect(bytes.count == place)
            try body[place...].withUnsafeBytes { try filter.consume($0, into: &writer) }
            try filter.finish(into: &writer, lengthIsDeclared: true)
            bytes += writer.takeFilled(partialFrom: 0).flatMap { Array($0.bytes) }
            let isEqual = bytes.elementsEqual(truth)
            #expect(isEqual, "\(place)")
        }
    }

    @Test("clear media that is cut is refused where nothing declared its length")
    func clearCut() throws {
        for path in ["clear/001.ts", "fmp4/1.m4s", "ts-204/1.ts"] {
            let body = Array(Self.bytes(path).dropLast(100))
            #expect(
                try run(body, vector: nil, cuts: [500], lengthIsDeclared: false).rejection?.isRetriable == true,
                "\(path)"
            )
            #expect(try run(body, vector: nil, cuts: [500]).rejection == nil, "\(path)")
        }
    }

    @Test("a wrong key, a wrong vector, clear bytes, a page: each is named")
    func wrong() throws {
        let body = Self.bytes("aes128-implicit-iv/008.ts")
        func finding(
            _ body: [UInt8],
            _ vector: UInt64,
            key: [UInt8] = Self.key,
            bytes: [UInt8]? = nil
        ) throws -> SegmentInspector.Finding? {
            let outcome = try run(body, vector: vector, cuts: [3], key: key, vectorBytes: bytes)
            return outcome.rejection?.underlying as? SegmentInspector.Finding
        }
        #expect(try finding(body, 8) == nil)
        #expect(try finding(body, 8, bytes: [UInt8](repeating: 0x55, count: 16)) == .wrongIV)
        #expect(try finding(body, 8, key: [UInt8](repeating: 0x55, count: 16)) == .wrongKey)
        #expect(try finding(Self.bytes("clear/001.ts"), 8) == .notEncrypted)
        #expect(try finding(Array("<!DOCTYPE html><html>no</html>".utf8) + [10, 10], 8) == .text("an HTML page"))
    }

    @Test("any noise is refused or passes, without a trap", arguments: 0..<30 as Range<UInt64>)
    func noise(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let front: [[UInt8]] = [
            [], Array(Self.bytes("disguised-png/0.jpg").prefix(40)), [0xFF, 0xD8, 0xFF], Array("GIF89a".utf8),
        ]
        for prefix in front {
            let count = Int.random(in: 0...12_000, using: &generator)
            let body = prefix + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let cuts = (0..<4).map { _ in Int.random(in: 0...max(1, body.count), using: &generator) }.sorted()
            _ = try run(body, vector: seed % 2 == 0 ? 1 : nil, cuts: cuts)
        }
    }
}
