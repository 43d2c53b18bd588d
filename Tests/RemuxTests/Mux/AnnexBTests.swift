import CFFmpeg
import Testing

@testable import Remux

@Suite("Annex B")
struct AnnexBTests {
    /// Sequence set 67 01, picture set 68 02, lengths of four bytes.
    private static let avc = hex("01 64 00 0A FF E1 0002 6701 01 0002 6802")
    private static let avcOfTwo = hex("01 64 00 0A FD E1 0002 6701 01 0002 6802")

    private func rewrite(_ sample: String, _ extradata: [UInt8], hevc: Bool = false, isKey: Bool) throws -> [UInt8] {
        var format = TrackFormat(kind: .video, codec: hevc ? AV_CODEC_ID_HEVC : AV_CODEC_ID_H264)
        format.extradata = extradata
        let bytes = hex(sample)
        let packet = try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
        try #require(AnnexB(format)).rewrite(packet, isKey: isKey)
        return Array(packet.bytes)
    }

    static let cases: [(String, Bool, String)] = [
        // In place.
        ("00000002 41AA 00000001 0C", false, "00000001 41AA 00000001 0C"),
        // A key frame gets its sets, behind a delimiter, and not twice.
        ("00000002 65AA", true, "00000001 6701 00000001 6802 00000001 65AA"),
        ("00000002 0910 00000002 65AA", true, "00000001 0910 00000001 6701 00000001 6802 00000001 65AA"),
        ("00000002 6709 00000002 65AA", true, "00000001 6709 00000001 65AA"),
        // A length that does not fit ends it.
        ("00000002 41AA 00000009 41", false, "00000001 41AA"), ("FFFFFFFF 41AA", false, ""), ("000000", false, ""),
        ("", false, ""),
        // An empty unit is none.
        ("00000000 00000002 41AA", false, "00000001 41AA"),
    ]

    @Test("H.264 with four-byte lengths", arguments: cases)
    func lengths(_ row: (String, Bool, String)) throws {
        // Only the units found are rewritten, so that an empty one keeps its four zero bytes.
        let bytes = try rewrite(row.0, Self.avc, isKey: row.1)
        let kept = row.0.hasPrefix("00000000 ") ? hex("00000000") + hex(row.2) : hex(row.2)
        #expect(bytes == kept)
    }

    @Test("lengths of two bytes")
    func shortLengths() throws {
        #expect(try rewrite("0002 41AA 0001 0C", Self.avcOfTwo, isKey: false) == hex("00000001 41AA 00000001 0C"))
        #expect(
            try rewrite("0002 65AA", Self.avcOfTwo, isKey: true) == hex("00000001 6701 00000001 6802 00000001 65AA")
        )
    }

    @Test("H.265 that has start codes stays, and gets its sets where a key frame lacks them")
    func startCodes() throws {
        let sets = hex("00000001 40 01 00000001 42 01 00000001 44 01")
        #expect(try rewrite("000001 02 01 AA", sets, hevc: true, isKey: false) == hex("000001 02 01 AA"))
        #expect(
            try rewrite("000001 42 07 000001 26 01", sets, hevc: true, isKey: true) == hex("000001 42 07 000001 26 01")
        )
        #expect(
            try rewrite("000001 46 01 50 000001 26 01", sets, hevc: true, isKey: true)
                == hex("00000001 46 01 50") + sets + hex("00000001 26 01")
        )
    }

    @Test("other codecs are left alone")
    func others() { #expect(AnnexB(TrackFormat(kind: .video, codec: AV_CODEC_ID_MPEG2VIDEO)) == nil) }
}
