import Testing

@testable import Remux

/// Sample tables against what their samples were, expanded one by one (``NaiveMovie``).
@Suite struct SampleTableTests {
    private func sample(
        _ decodeTime: UInt64,
        _ duration: UInt32,
        size: UInt32 = 10,
        offset: Int32 = 0,
        isSync: Bool = true,
        starts: Bool = true,
        entry: UInt32 = 1
    ) -> MovieFragment.Sample {
        MovieFragment.Sample(
            trackID: 1,
            descriptionIndex: entry,
            startsRun: starts,
            offset: 0,
            size: size,
            decodeTime: decodeTime,
            compositionOffset: offset,
            duration: duration,
            isSync: isSync
        )
    }

    private func boxes(_ samples: [(MovieFragment.Sample, UInt64)]) throws -> [FourCC: [UInt8]] {
        var table = SampleTable()
        for (sample, offset) in samples { try table.append(sample, at: offset) }
        try table.finish()
        return Dictionary(uniqueKeysWithValues: table.boxes.map { ($0.type, $0.payload) })
    }

    /// A table of 32-bit fields behind version, flags and the number of rows.
    private func rows(_ rows: [[Int]], version: UInt8 = 0) -> [UInt8] {
        [version, 0, 0, 0] + be32(rows.count) + rows.joined().flatMap { be32($0) }
    }

    private func fields(_ fields: [Int]) -> [UInt8] { fields.flatMap { be32($0) } }

    @Test("equal neighbours are one entry; what is the same for all takes no table")
    func runs() throws {
        let samples = (0..<1000).map { (number: Int) -> (MovieFragment.Sample, UInt64) in
            (sample(UInt64(number) * 1024, 1024, starts: number % 100 == 0), UInt64(number) * 10 + 48)
        }
        let boxes = try boxes(samples)
        #expect(boxes["stts"] == rows([[1000, 1024]]))
        #expect(boxes["stsz"] == fields([0, 10, 1000]))
        #expect(boxes["stsc"] == rows([[1, 100, 1]]))
        #expect(boxes["stco"] == rows((0..<10).map { [$0 * 1000 + 48] }))
        #expect(boxes["stss"] == nil && boxes["ctts"] == nil && boxes["co64"] == nil)
    }

    @Test("a gap lengthens the sample before it, an overlap shortens it: each decoding time stays")
    func gaps() throws {
        let samples = [sample(500, 100), sample(600, 100), sample(900, 100), sample(980, 100)].map { ($0, UInt64(0)) }
        let boxes = try boxes(samples)
        #expect(boxes["stts"] == rows([[1, 100], [1, 300], [1, 80], [1, 100]]))
    }

    @Test("a gap that 32 bits cannot say is refused")
    func longGap() throws {
        #expect(throws: SampleTable.Failure.gapTooLong) {
            try boxes([(sample(0, 100), 0), (sample(1 << 33, 100), 0)])
        }
    }

    @Test("negative offsets make ctts version 1; no sync sample at all is an empty stss")
    func offsets() throws {
        let boxes = try boxes([
            (sample(0, 1, offset: -2, isSync: false), 0), (sample(1, 1, offset: 2, isSync: false), 0),
        ])
        #expect(boxes["ctts"] == rows([[1, -2], [1, 2]], version: 1))
        #expect(boxes["stss"] == rows([]))
    }

    @Test("positions above 4 GiB make co64 of all; another sample entry begins another chunk")
    func large() throws {
        let boxes = try boxes([
            (sample(0, 1, size: 5), 100), (sample(1, 1, size: 6, starts: false), 105),
            (sample(2, 1, starts: false, entry: 2), 111), (sample(3, 1), 5 << 32),
        ])
        #expect(boxes["co64"] == fields([0, 3, 0, 100, 0, 111, 5, 0]))
        #expect(boxes["stsc"] == rows([[1, 2, 1], [2, 1, 2], [3, 1, 1]]))
        #expect(boxes["stsz"] == fields([0, 0, 4, 5, 6, 10, 10]))
        #expect(boxes["stco"] == nil)
    }
}
