import Testing

@testable import Remux

@Suite struct ByteReaderTests {
    @Test("numbers come one after the other, and past the end nothing moves")
    func numbers() {
        var reader = ByteReader(hex("01 0203 040506 0708090a 0b0c0d0e0f101112 6d6f6f76 ff"))
        #expect(reader.read8() == 1)
        #expect(reader.read16() == 0x0203)
        #expect(reader.read24() == 0x04_0506)
        #expect(reader.read32() == 0x0708_090A)
        #expect(reader.read64() == 0x0B0C_0D0E_0F10_1112)
        #expect(reader.readCode() == "moov")
        #expect(reader.remaining == 1)
        #expect(reader.read16() == nil)
        #expect(reader.read64() == nil)
        let skipped = reader.skip(2)
        #expect(!skipped)
        #expect(reader.read(bytes: -1) == nil)
        #expect(reader.read(bytes: Int.max) == nil)
        #expect(reader.remaining == 1)
        #expect(reader.rest == [0xFF])
        #expect(reader.read8() == 0xFF)
        #expect(reader.read8() == nil)
        #expect(reader.rest.isEmpty)
    }

    @Test("a slice that does not begin at 0 is read from its own start")
    func slice() {
        let bytes = hex("ffff 00000005 0000000000000007")
        var reader = ByteReader(bytes[2...])
        #expect(reader.read32() == 5)
        #expect(bytes[6...].read64(at: 0) == 7)
        #expect(bytes[6...].read32(at: 4) == 7)
        #expect(bytes[6...].read32(at: 5) == nil)
        #expect(bytes[6...].read32(at: -1) == nil)
        #expect([UInt8]().read32(at: 0) == nil)
    }
}

@Suite struct BoxListTests {
    struct Header: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [UInt8]
        var size: UInt64??
        var byteCount = 8
    }

    static let headers: [Header] = [
        Header(testDescription: "ordinary", bytes: be32(24) + Array("moof".utf8), size: 24),
        Header(testDescription: "just a header", bytes: be32(8) + Array("free".utf8), size: 8),
        Header(testDescription: "to the end", bytes: be32(0) + Array("mdat".utf8), size: .some(nil)),
        Header(
            testDescription: "64 bits",
            bytes: be32(1) + Array("mdat".utf8) + be64(1 << 40),
            size: 1 << 40,
            byteCount: 16
        ),
        Header(
            testDescription: "64 bits, all of them",
            bytes: be32(1) + Array("mdat".utf8) + be64(-1),
            size: .max,
            byteCount: 16
        ),
        Header(testDescription: "64 bits, too small", bytes: be32(1) + Array("mdat".utf8) + be64(15), size: nil),
        Header(
            testDescription: "64 bits, cut",
            bytes: be32(1) + Array("mdat".utf8) + [0, 0, 0, 0, 0, 0, 1],
            size: nil
        ),
        Header(testDescription: "too small", bytes: be32(7) + Array("mdat".utf8), size: nil),
        Header(testDescription: "cut", bytes: be32(24) + Array("moo".utf8), size: nil),
        Header(testDescription: "nothing", bytes: [], size: nil),
    ]

    @Test("headers", arguments: headers)
    func header(_ row: Header) {
        let header = BoxHeader(row.bytes[...])
        #expect(header.map(\.size) == row.size)
        #expect(header.map(\.byteCount) == (row.size == nil ? nil : row.byteCount))
    }

    private func types(_ bytes: [UInt8]) -> (types: [String], isDamaged: Bool) {
        var list = BoxList(bytes[...])
        var types: [String] = []
        while let entry = list.next() { types.append("\(entry.type)") }
        return (types, list.isDamaged)
    }

    @Test("boxes one after the other, and where their sizes contradict what is there")
    func list() {
        let good = box("abcd", [1, 2]) + largeBox("efgh", [3]) + box("ijkl")
        #expect(types(good).types == ["abcd", "efgh", "ijkl"])
        #expect(!types(good).isDamaged)
        #expect(!types(good + [0, 0, 0, 0]).isDamaged)
        #expect(types(good + [0, 0, 0, 1]).isDamaged)
        #expect(types(good + [0, 0, 0, 0, 0]).isDamaged)
        #expect(types(good.dropLast()).types == ["abcd", "efgh"])
        #expect(types(good.dropLast()).isDamaged)
        #expect(types(good + be32(0) + Array("last".utf8) + [9, 9]).types == ["abcd", "efgh", "ijkl", "last"])
        #expect(BoxList.first("efgh", in: good[...]).map(Array.init) == [3])
        #expect(BoxList.first("none", in: good[...]) == nil)
        let nested = box("outr", box("skip"), box("innr", box("core", [7])))
        #expect(BoxList.first(path: "outr", "innr", "core", in: nested[...]).map(Array.init) == [7])
        #expect(BoxList.first(path: "outr", "core", in: nested[...]) == nil)
    }
}

@Suite struct BoxTrackerTests {
    private let segment =
        box("styp", [1, 2, 3, 4]) + box("moof", [UInt8](repeating: 5, count: 40))
        + largeBox("mdat", [UInt8](repeating: 0, count: 100)) + box("free")

    private func tracker(_ bytes: [UInt8], cuts: [Int]) -> BoxTracker {
        var tracker = BoxTracker()
        var start = 0
        for end in cuts + [bytes.count] {
            bytes[start..<end].withUnsafeBytes { tracker.watch($0) }
            start = end
        }
        return tracker
    }

    @Test("a boundary is where a box ends, however the bytes are cut")
    func everySplit() {
        let count = UInt64(segment.count)
        for first in 0...segment.count {
            #expect(tracker(segment, cuts: [first]).isBoundary(count))
            for second in stride(from: first, to: segment.count, by: 7) {
                #expect(tracker(segment, cuts: [first, second]).isBoundary(count))
            }
        }
        let bytes = (0...segment.count).map { $0 }
        #expect(tracker(segment, cuts: bytes).isBoundary(count))
    }

    @Test("a segment is whole at the ends of its boxes and nowhere else")
    func boundaries() {
        let ends = [0, 12, 60, 176, 184]
        for count in 0...segment.count {
            let part = Array(segment.prefix(count))
            let expected = ends.contains(count)
            #expect(tracker(part, cuts: [count / 2]).isBoundary(UInt64(count)) == expected, "\(count)")
        }
    }

    @Test("a box to the end, and bytes that are no boxes, may end anywhere")
    func open() {
        let open = box("moof", [1]) + be32(0) + Array("mdat".utf8) + [1, 2, 3]
        #expect(tracker(open, cuts: []).isBoundary(UInt64(open.count)))
        let noise = box("moof", [1]) + be32(3) + Array("oops".utf8) + [1, 2, 3]
        #expect(tracker(noise, cuts: []).isBoundary(UInt64(noise.count)))
        let endless = be32(1) + Array("mdat".utf8) + be64(1 << 62) + [1, 2, 3]
        #expect(!tracker(box("free") + endless, cuts: [5]).isBoundary(27))
    }
}
