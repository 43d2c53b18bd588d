import Testing

@testable import Remux

@Suite struct ID3TagTests {
    private static let owner = Array("com.apple.streaming.transportStreamTimestamp\0".utf8)

    private func synchsafe(_ value: Int) -> [UInt8] { [21, 14, 7, 0].map { UInt8(value >> $0 & 0x7F) } }

    private func frame(_ id: String, _ content: [UInt8], plainSize: Bool = false) -> [UInt8] {
        Array(id.utf8) + (plainSize ? be32(content.count) : synchsafe(content.count)) + [0, 0] + content
    }

    private func tag(_ body: [UInt8], version: UInt8 = 4, flags: UInt8 = 0) -> [UInt8] {
        let head = [version, 0, flags] + synchsafe(body.count)
        return Array("ID3".utf8) + head + body + (flags & 0x10 != 0 ? Array("3DI".utf8) + head : [])
    }

    private func timestamp(_ value: Int) -> [UInt8] { Self.owner + be64(value) }

    @Test("the timestamp of version 4 and of version 3, alone and behind other frames")
    func timestamps() throws {
        for version: UInt8 in [3, 4] {
            let priv = frame("PRIV", timestamp(0x1_2345_6789), plainSize: version == 3)
            let text = frame("TXXX", [UInt8](repeating: 65, count: 300), plainSize: version == 3)
            for body in [priv, text + priv, priv + text, text + text + priv + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
                let bytes = tag(body, version: version)
                let tag = try #require(ID3Tag(bytes + [0xFF, 0xF1]))
                #expect(tag.byteCount == bytes.count)
                #expect(tag.timestamp90k == 0x1_2345_6789)
            }
        }
    }

    @Test("33 bits count; the last of several timestamps does; other owners do not")
    func values() {
        #expect(ID3Tag(tag(frame("PRIV", timestamp(-1))))?.timestamp90k == 0x1_FFFF_FFFF)
        let two = frame("PRIV", timestamp(5)) + frame("PRIV", timestamp(6))
        #expect(ID3Tag(tag(two))?.timestamp90k == 6)
        let other = frame("PRIV", Array("com.apple.streaming.audioDescription\0".utf8) + be64(5))
        #expect(ID3Tag(tag(other))?.byteCount == 10 + other.count)
        #expect(ID3Tag(tag(other))?.timestamp90k == nil)
        #expect(ID3Tag(tag(frame("PRIV", Self.owner + [1, 2])))?.timestamp90k == nil)
        #expect(ID3Tag(tag(frame("PRIV", Self.owner.dropLast() + be64(5))))?.timestamp90k == nil)
        #expect(ID3Tag(tag([]))?.timestamp90k == nil)
    }

    @Test("writers of version 4 that do not know its sizes are understood where that is certain")
    func plainSizes() {
        let long = frame("TXXX", [UInt8](repeating: 65, count: 200), plainSize: true)
        #expect(ID3Tag(tag(long + frame("PRIV", timestamp(9))))?.timestamp90k == 9)
    }

    @Test("a footer and extended headers of both versions are passed over")
    func headers() throws {
        let priv = frame("PRIV", timestamp(7))
        let footed = tag(priv, flags: 0x10)
        #expect(try #require(ID3Tag(footed)).byteCount == 20 + priv.count)
        #expect(ID3Tag.byteCount(header: footed[..<10]) == footed.count)
        #expect(ID3Tag(tag(synchsafe(6) + [1, 0] + priv, flags: 0x40))?.timestamp90k == 7)
        let third = frame("PRIV", timestamp(7), plainSize: true)
        #expect(ID3Tag(tag(be32(6) + [0, 0, 0, 0, 0, 0] + third, version: 3, flags: 0x40))?.timestamp90k == 7)
        #expect(ID3Tag(tag(be32(-1) + third, version: 3, flags: 0x40))?.timestamp90k == nil)
        #expect(ID3Tag(tag([0xFF], flags: 0x40))?.timestamp90k == nil)
    }

    @Test("what is no tag is none, and sizes of frames that go beyond it end it")
    func notTags() {
        #expect(ID3Tag.byteCount(header: Array("ID3".utf8) + [4, 0, 0, 0x80, 0, 0, 0]) == nil)
        #expect(ID3Tag.byteCount(header: Array("ID3".utf8) + [0xFF, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(ID3Tag.byteCount(header: Array("ID3".utf8) + [4, 0, 0, 0, 0, 0]) == nil)
        #expect(ID3Tag.byteCount(header: Array("ID2".utf8) + [4, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(ID3Tag.byteCount(header: Array("ID3".utf8) + [4, 0, 0, 0x7F, 0x7F, 0x7F, 0x7F]) == 10 + 0xFFF_FFFF)
        let whole = tag(frame("PRIV", timestamp(7)))
        #expect(ID3Tag(Array(whole.dropLast())) == nil)
        let beyond = Array("PRIV".utf8) + [0x7F, 0x7F, 0x7F, 0x7F, 0, 0] + Self.owner
        #expect(ID3Tag(tag(beyond))?.timestamp90k == nil)
    }

    @Test("any bytes behind the signature are read without a trap", arguments: 0..<50 as Range<UInt64>)
    func noise(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var bytes = tag(frame("TXXX", [1, 2, 3]) + frame("PRIV", timestamp(1)), version: seed % 2 == 0 ? 3 : 4)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 3..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if let tag = ID3Tag(bytes) { #expect(tag.byteCount <= bytes.count) }
        }
    }
}

@Suite struct FrameWalkerTests {
    private static let frames: [UInt8] = FixturePayloads.bytes(of: FixturePayloads.root + "/packed-aac-no-time/0.aac")
    private static let tag: [UInt8] =
        Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 0x20] + [UInt8](repeating: 0xFF, count: 16)
        + [UInt8](repeating: 0xF1, count: 16)

    /// Where frames begin.
    private static let starts: [Int] = {
        var starts: [Int] = []
        var offset = 0
        while offset < frames.count, let header = frames[offset...].withUnsafeBytes({ ADTSHeader($0) }) {
            starts.append(offset)
            offset += header.frameLength
        }
        return starts
    }()

    private func walk(_ bytes: [UInt8], cuts: [Int]) -> [UInt8] {
        var walker = FrameWalker(.aac)
        var output: [UInt8] = []
        var start = 0
        for end in cuts + [bytes.count] {
            output += walker.take(bytes[start..<end])
            start = end
        }
        return output + walker.finish()
    }

    @Test("frames pass as they are, tags between them do not, however the bytes are cut")
    func everySplit() {
        #expect(Self.starts.count > 40)
        var bytes = Self.frames
        for start in [Self.starts[20], Self.starts[3], 0] { bytes.insert(contentsOf: Self.tag, at: start) }
        bytes += Self.tag
        let wrong = (0...600).filter { !walk(bytes, cuts: [$0]).elementsEqual(Self.frames) }
        #expect(wrong.isEmpty)
        let single = walk(bytes, cuts: Array(0..<bytes.count)).elementsEqual(Self.frames)
        let plain = walk(Self.frames, cuts: []).elementsEqual(Self.frames)
        #expect(single && plain)
    }

    @Test("what looks like a tag inside of a frame stays; junk passes")
    func inside() {
        var bytes = Self.frames
        bytes.replaceSubrange(Self.starts[2] + 7..<Self.starts[2] + 7 + 10, with: Self.tag[..<10])
        let isKept = walk(bytes, cuts: [5]).elementsEqual(bytes)
        #expect(isKept)
        let junk = [1, 2, 3] + Self.frames + [9]
        let passes = walk(junk, cuts: [2]).elementsEqual(junk)
        #expect(passes)
    }
}
