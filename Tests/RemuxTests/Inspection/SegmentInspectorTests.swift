import Testing

@testable import Remux

@Suite struct SegmentInspectorTests {
    private let media = (0..<SegmentInspector.headBytes).map {
        $0 % 188 == 0 ? 0x47 : UInt8(truncatingIfNeeded: $0 &* 7)
    }
    private let noise = (0..<SegmentInspector.headBytes).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ 0x5A) }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("media passes, clear and decrypted")
    func passes() {
        #expect(SegmentInspector.judge(head: media, received: media, isEncrypted: false) == nil)
        #expect(SegmentInspector.judge(head: media, received: noise, isEncrypted: true) == nil)
        let short = Array(media.prefix(188))
        #expect(SegmentInspector.judge(head: short, received: short, isEncrypted: false) == nil)
    }

    @Test("wrong key, wrong IV and clear bytes behind a KEY tag are told apart")
    func keys() {
        #expect(SegmentInspector.judge(head: noise, received: noise, isEncrypted: true) == .wrongKey)
        var block = media
        block.replaceSubrange(0..<16, with: noise[0..<16])
        #expect(SegmentInspector.judge(head: block, received: noise, isEncrypted: true) == .wrongIV)
        #expect(SegmentInspector.judge(head: noise, received: media, isEncrypted: true) == .notEncrypted)
        let packed = Array(noise.prefix(20)) + text("com.apple.streaming.transportStreamTimestamp\0") + noise
        #expect(SegmentInspector.judge(head: packed, received: noise, isEncrypted: true) == .wrongIV)
        // No more than there is: nothing follows the first block.
        for count in 1...40 {
            let short = noise.prefix(count).map { $0 | 0x80 }
            #expect(SegmentInspector.judge(head: short, received: short, isEncrypted: true) == .wrongKey)
        }
    }

    @Test(
        "what servers send instead of media is named",
        arguments: [
            ("<!DOCTYPE html><html>", "an HTML page"), ("\n <HTML>", "an HTML page"), ("{\"error\": 403}", "JSON"),
            ("#EXTM3U\n", "a playlist"), ("<?xml version='1.0'?><Error/>", "an XML document"), ("Forbidden\n", "text"),
        ]
    )
    func pages(_ page: String, _ kind: String) {
        let bytes = text(page)
        #expect(SegmentInspector.judge(head: bytes, received: bytes, isEncrypted: false) == .text(kind))
        #expect(SegmentInspector.judge(head: noise, received: bytes, isEncrypted: true) == .text(kind))
    }

    @Test("nothing and unknown bytes")
    func others() {
        #expect(SegmentInspector.judge(head: [], received: [], isEncrypted: true) == .empty)
        #expect(
            SegmentInspector.judge(head: noise, received: noise, isEncrypted: false)
                == .unknown(firstBytes: Array(noise.prefix(8)))
        )
    }

    @Test("an encrypted segment without a byte of media is empty")
    func nothingDecrypted() {
        #expect(SegmentInspector.judge(head: [], received: noise, isEncrypted: true) == .empty)
    }

    /// A frame's header, zeros up to the next frame, and its header.
    private static func frames(_ header: [UInt8], length: Int) -> [UInt8] {
        let frame = header + [UInt8](repeating: 0, count: length - header.count)
        return Array((frame + frame + frame).prefix(SegmentInspector.headBytes))
    }

    static let formats: [(head: [UInt8], format: SegmentFormat)] = [
        (Array("ID3\u{4}\0\0\0\0\0\u{3F}PRIV".utf8), .id3),
        (Array("\0\0\0\u{18}ftypiso5".utf8), .fragmentedMP4), (Array("\0\0\0\u{18}stypmsdh".utf8), .fragmentedMP4),
        (Array("\0\0\u{1}\u{18}moof\0\0\0\u{10}mfhd".utf8), .fragmentedMP4),
        (Array("\0\0\0\u{2C}sidx".utf8), .fragmentedMP4),
        // Boxes that need not be known stand in front.
        (Array("\0\0\0\u{0A}skip..\0\0\0\u{08}abcd\0\0\0\u{2C}moof".utf8), .fragmentedMP4),
        (Array("WEBVTT\n".utf8), .webVTT), (Array("\u{FEFF}WEBVTT\nX-TIMESTAMP-MAP".utf8), .webVTT),
        // 48 kHz, stereo, 300 bytes; Layer III, 128 kbit/s, 44.1 kHz: 417 bytes; and 48 kHz without a second frame here.
        (frames([0xFF, 0xF1, 0x4C, 0x80, 0x25, 0x9F, 0xFC], length: 300), .adts),
        (frames([0xFF, 0xFB, 0x90, 0x00], length: 417), .mp3), (frames([0xFF, 0xFB, 0xE4, 0x00], length: 960), .mp3),
        (frames([0x0B, 0x77, 0x12, 0x34, 0x1E, 0x40], length: 400), .ac3),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D], .image("PNG")),
        ([0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, 0x4A, 0x46, 0x49, 0x46], .image("JPEG")),
        (Array("GIF89a".utf8), .image("GIF")), ([0x42, 0x4D, 0x36, 0, 0, 0, 0, 0, 0, 0, 0x36], .image("BMP")),
    ]

    @Test(
        "media of every format passes, images are named, and the key that shows them is right",
        arguments: formats.indices
    )
    func otherFormats(_ index: Int) {
        let row = Self.formats[index]
        let expected: SegmentInspector.Finding? = row.format.container == nil ? .unsupported(row.format) : nil
        #expect(SegmentFormat(head: row.head) == row.format)
        #expect(SegmentInspector.judge(head: row.head, received: row.head, isEncrypted: false) == expected)
        #expect(SegmentInspector.judge(head: row.head, received: noise, isEncrypted: true) == expected)
        #expect(SegmentInspector.container(head: row.head) == row.format.container)
        #expect(SegmentInspector.Finding.unsupported(row.format).code == .media)
        #expect(!SegmentInspector.Finding.unsupported(row.format).isRetriable)
    }

    @Test("noise has a format once in ten thousand times at most")
    func noiseHasNoFormat() {
        var generator = SeededGenerator(seed: 1)
        let noise = (0..<SegmentInspector.headBytes + 20_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // Every place in it is the start of another head.
        let found = (0..<20_000).count { start in
            SegmentFormat(head: Array(noise[start..<start + SegmentInspector.headBytes])) != nil
        }
        #expect(found <= 2)
    }
}
