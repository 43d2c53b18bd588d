import Testing

@testable import Remux

@Suite struct SegmentIndexTests {
    private let tracks = [
        track(id: 1, timescale: 90_000), track(id: 2, timescale: 48_000),
    ]

    private static func track(id: UInt32, timescale: UInt32) -> MovieHeader.Track {
        MovieHeader.Track(
            id: id,
            timescale: timescale,
            edit: TrackEdit(firstPts: 0, firstDts: 0, scale: .mpeg),
            trackDurationOffset: 0,
            mediaDurationOffset: 0
        )
    }

    private func index(_ count: Int) -> SegmentIndex {
        var index = SegmentIndex()
        for number in 0..<count {
            var runs = [
                MovieFragment.Run(
                    trackID: 1,
                    decodeTime: UInt64(number) * 180_000,
                    duration: 180_000,
                    compositionEnd: 0,
                    startsWithSync: number != 1,
                    sampleCount: 50
                )
            ]
            if number != 2 {
                runs.append(
                    MovieFragment.Run(
                        trackID: 2,
                        decodeTime: UInt64(number) * 96_000,
                        duration: 96_000,
                        compositionEnd: 0,
                        startsWithSync: true,
                        sampleCount: 94
                    )
                )
            }
            index.append(SegmentIndex.Fragment(offset: 10_000 + UInt64(number) * 500, runs: runs))
        }
        return index
    }

    /// Reads the boxes as a player would (ISO/IEC 14496-12 §8.16.3).
    private func read(_ bytes: [UInt8], at start: UInt64) -> [(
        id: UInt32, entries: [(offset: UInt64, duration: UInt32, sap: UInt32)]
    )] {
        var result: [(id: UInt32, entries: [(offset: UInt64, duration: UInt32, sap: UInt32)])] = []
        var position = 0
        while let size = bytes.read32(at: position), bytes.read32(at: position + 4) == FourCC("sidx").value {
            let box = bytes[position..<(position + Int(size))]
            var offset = start + UInt64(position) + UInt64(size) + (box.read64(at: 28) ?? 0)
            let count = (box.read32(at: 36) ?? 0) & 0xFFFF
            var entries: [(offset: UInt64, duration: UInt32, sap: UInt32)] = []
            for entry in 0..<Int(count) {
                let base = 40 + 12 * entry
                entries.append((offset, box.read32(at: base + 4) ?? 0, (box.read32(at: base + 8) ?? 0) >> 28))
                offset += UInt64((box.read32(at: base) ?? 0) & 0x7FFF_FFFF)
            }
            result.append((box.read32(at: 12) ?? 0, entries))
            position += Int(size)
        }
        return result
    }

    @Test("one sidx a track: references hit the fragments, durations and SAPs are those of the track")
    func references() throws {
        let capacity = SegmentIndex.reserve(trackCount: 2, fragmentCount: 8)
        let bytes = try #require(index(4).boxes(tracks: tracks, start: 1000, end: 12_000, capacity: capacity))
        #expect(bytes.count == capacity)
        let boxes = read(bytes, at: 1000)
        #expect(boxes.map(\.id) == [1, 2])
        for box in boxes { #expect(box.entries.map(\.offset) == [10_000, 10_500, 11_000, 11_500]) }
        #expect(boxes[0].entries.map(\.duration) == [180_000, 180_000, 180_000, 180_000])
        // Fragment 2 holds no audio: the reference before it runs up to where audio goes on.
        #expect(boxes[1].entries.map(\.duration) == [96_000, 192_000, 0, 96_000])
        #expect(boxes[0].entries.map(\.sap) == [9, 0, 9, 9])
        #expect(boxes[1].entries.map(\.sap) == [9, 9, 0, 9])
    }

    @Test("a reserve that runs short: neighbours are merged in pairs, the whole is still covered")
    func merged() throws {
        let capacity = SegmentIndex.reserve(trackCount: 2, fragmentCount: 30)
        let bytes = try #require(index(100).boxes(tracks: tracks, start: 1000, end: 60_000, capacity: capacity))
        #expect(bytes.count == capacity)
        let boxes = read(bytes, at: 1000)
        #expect(boxes[0].entries.count == 25)
        #expect(boxes[0].entries.map(\.offset) == (0..<25).map { 10_000 + UInt64($0) * 2000 })
        #expect(boxes[0].entries.reduce(0) { $0 + Int($1.duration) } == 100 * 180_000)
    }

    @Test("every capacity from nothing up gives either exactly that many bytes or none", arguments: 0..<400)
    func capacities(_ capacity: Int) {
        let bytes = index(9).boxes(tracks: tracks, start: 0, end: 60_000, capacity: capacity)
        #expect(bytes == nil || bytes?.count == capacity)
        if capacity >= SegmentIndex.reserve(trackCount: 2, fragmentCount: 9) { #expect(bytes != nil) }
    }

    @Test("a part: fragments that only decoding needs belong to the first reference; times count from the start shown")
    func hiddenFragments() throws {
        var tracks = tracks
        // 5 s of 2 s fragments are hidden: the first two wholly.
        tracks[0].edit = TrackEdit(firstPts: -450_000, firstDts: -450_000, scale: .mpeg)
        tracks[1].edit = TrackEdit(firstPts: -240_000, firstDts: -240_000, scale: TimeScale(48_000))
        let capacity = SegmentIndex.reserve(trackCount: 2, fragmentCount: 8)
        let bytes = try #require(index(6).boxes(tracks: tracks, start: 1000, end: 13_000, capacity: capacity))
        let boxes = read(bytes, at: 1000)
        for box in boxes { #expect(box.entries.map(\.offset) == [10_000, 11_500, 12_000, 12_500]) }
        #expect(boxes[0].entries.map(\.duration) == [90_000, 180_000, 180_000, 180_000])
        #expect(boxes[1].entries.map(\.duration) == [48_000, 96_000, 96_000, 96_000])
        #expect(boxes[0].entries.map(\.sap) == [9, 9, 9, 9])
        #expect(bytes.read64(at: 20) == 0)
    }
}
