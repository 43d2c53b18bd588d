import Testing

@testable import Remux

@Suite struct FrontSpaceTests {
    @Test(
        "a moov fits with a free box behind it, or exactly; a rest of less than a header does not",
        arguments: [(84, true), (83, false), (77, false), (76, true), (8, true), (85, false), (1000, false)]
            as [(UInt64, Bool)]
    )
    func fits(_ movieBytes: UInt64, _ fits: Bool) {
        #expect(FrontSpace(offset: 28, byteCount: 100).holds(movieBytes: movieBytes) == fits)
    }

    @Test("the smallest space holds no moov, and the header of an mdat")
    func smallest() {
        let space = FrontSpace(offset: 28, byteCount: FrontSpace.minimumBytes)
        #expect(!space.holds(movieBytes: 8) && space.mediaHeaderOffset == 28)
    }

    @Test(
        "the estimate grows with the planned duration, and is bounded whatever a playlist claims",
        arguments: [(0.0, 4_000, 8_000), (-5, 4_000, 8_000), (60, 30_000, 90_000), (7200, 2_000_000, 9_000_000)]
    )
    func estimate(_ seconds: Double, _ least: Int, _ most: Int) throws {
        let bytes = try estimated(seconds)
        #expect(bytes >= least && bytes <= most, "\(bytes)")
        #expect(bytes.isMultiple(of: 16))
    }

    @Test("claims beyond reason reserve the most there is", arguments: [1e9, 1e300, Double.greatestFiniteMagnitude])
    func bounded(_ seconds: Double) throws {
        #expect(try estimated(seconds) == Int(FrontSpace.maximumFlatBytes))
    }

    /// For two tracks, 25 pictures a second with changing offsets and 47 sounds.
    private func estimated(_ seconds: Double) throws -> Int {
        let fixture = try RecordingFixture(plan: .init(fragmentCount: 2))
        let recording = try Recording(MemoryFile(fixture.bytes))
        var samples: [MovieFragment.Sample] = []
        for (track, ticks, count) in [(UInt32(1), 3600, 25), (2, 1024, 47)] {
            for number in 0..<count {
                samples.append(
                    MovieFragment.Sample(
                        trackID: track,
                        startsRun: number == 0,
                        offset: 0,
                        size: UInt32(number),
                        decodeTime: UInt64(number * ticks),
                        compositionOffset: track == 1 ? Int32(number % 3) : 0,
                        duration: UInt32(ticks),
                        isSync: true
                    )
                )
            }
        }
        let bytes = FrontSpace.flatBytes(
            movie: recording.header,
            first: samples,
            plannedSeconds: seconds,
            fragmentCount: Int(max(1, min(seconds, 10_000_000)))
        )
        return Int(bytes)
    }
}
