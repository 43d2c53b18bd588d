import Testing

@testable import Remux

@Suite struct DisguisePrefixTests {
    private static let media = FixturePayloads.bytes(of: FixturePayloads.root + "/clear/000.ts")

    /// A PNG of one pixel, with a text chunk of `comment` bytes.
    private static func png(comment: Int = 0) -> [UInt8] {
        func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.append32(UInt32(data.count))
            return bytes + Array(type.utf8) + data + [1, 2, 3, 4]
        }
        let header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("tEXt", [UInt8](repeating: 0x47, count: comment)) + chunk("IDAT", [0x78, 0x9C, 0x63])
            + chunk("IEND", [])
    }

    private static let jpeg: [UInt8] =
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0x4A, 0xD9, 0xFF, 0xDA, 0, 3, 1, 0x11, 0xFF, 0x00, 0x22, 0xFF, 0xD0, 0x33,
            0xFF, 0xD9,
        ]
    private static let gif: [UInt8] =
        Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0] + [0, 0, 0, 255, 255, 255]
        + [0x21, 0xF9, 4, 0x3B, 0, 0, 0, 0] + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x3B, 0x01, 0] + [0x3B]
    private static let bmp: [UInt8] =
        [0x42, 0x4D, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0] + [UInt8](repeating: 7, count: 44)
    private static let page = Array("<!DOCTYPE html><HTML><body>wait</body></HTML>\r\n".utf8)

    static let disguises: [(name: String, bytes: [UInt8])] = [
        ("PNG", png()), ("PNG with a long comment of sync bytes", png(comment: 40_000)), ("JPEG", jpeg), ("GIF", gif),
        ("BMP", bmp), ("HTML", page), ("the signature of a PNG alone", Array(png().prefix(8))),
    ]

    @Test("media is found behind what stands before it, to the byte", arguments: disguises.indices)
    func found(_ index: Int) {
        let disguise = Self.disguises[index].bytes
        #expect(DisguisePrefix.search(disguise + Self.media, isWhole: true) == .media(at: disguise.count))
        let needed = disguise.count + SegmentInspector.headBytes
        let isImage = DisguisePrefix.end(of: disguise) != nil
        #expect(
            DisguisePrefix.search(Array((disguise + Self.media).prefix(needed)), isWhole: false)
                == (isImage ? .media(at: disguise.count) : .needsMore)
        )
        #expect(DisguisePrefix.search(disguise, isWhole: true) == .none)
    }

    @Test("more is asked for while the image goes on, up to a bound", arguments: disguises.indices)
    func bounded(_ index: Int) {
        let disguise = Self.disguises[index].bytes
        let part = Array(disguise.prefix(max(8, disguise.count - 1)))
        #expect(DisguisePrefix.search(part, isWhole: false) == .needsMore)
        let endless = Array(disguise.dropLast()) + [UInt8](repeating: 1, count: DisguisePrefix.maximumBytes)
        #expect(DisguisePrefix.search(endless, isWhole: false) == .none)
    }

    @Test("what ends in the middle of a header has no end", arguments: disguises.indices)
    func everyLength(_ index: Int) {
        let disguise = Self.disguises[index].bytes
        for count in 8..<min(disguise.count, 64) {
            let part = Array(disguise.prefix(count))
            if let end = DisguisePrefix.end(of: part) { #expect(end <= count) }
            #expect(DisguisePrefix.search(part, isWhole: true) == .none)
        }
    }

    @Test("media as it is has nothing before it")
    func plain() {
        #expect(DisguisePrefix.search(Self.media, isWhole: false) == .media(at: 0))
        #expect(!DisguisePrefix.isDisguise(Self.media))
    }

    @Test("any bytes behind a signature are looked at without a trap", arguments: 0..<200 as Range<UInt64>)
    func noise(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for (_, disguise) in Self.disguises {
            let noise = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = DisguisePrefix.search(
                Array(disguise.prefix(Int.random(in: 0...disguise.count, using: &generator))) + noise,
                isWhole: true
            )
        }
    }
}
