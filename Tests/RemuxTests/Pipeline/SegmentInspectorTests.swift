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
}
