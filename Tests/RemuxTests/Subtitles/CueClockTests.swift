import Testing

@testable import Remux

/// RFC 8216bis §3.1.4.
@Suite struct CueClockTests {
    private static let wrap: Int64 = 1 << 33

    private func segment(_ map: TimestampMap?, _ starts: [Double]) -> WebVTTSegment {
        WebVTTSegment(
            cues: starts.map { start in
                WebVTTCue(
                    startMilliseconds: Int64(start * 1000),
                    endMilliseconds: Int64(start * 1000) + 1000,
                    text: "x",
                    map: map
                )
            }
        )
    }

    /// Output times in seconds of a segment that lies at `place` s and is 6 s long, in a run that begins at source time 90 kHz
    /// `shift90k`.
    private func times(_ map: TimestampMap?, _ starts: [Double], place: Double, shift90k: Int64) -> [Double] {
        var clock = CueClock()
        let start90k = Int64(place * 90_000)
        let anchor = CueAnchor(shift90k: shift90k, expected90k: start90k...(start90k + 540_000))
        return clock.place(segment(map, starts), at: anchor, run: 0, number: 0).map { Double($0.start90k) / 90_000 }
    }

    @Test("by its map, whatever LOCAL is")
    func mapped() {
        let map = TimestampMap(mpeg90k: 900_000 + 540_000, localMilliseconds: 360_000_000)
        #expect(times(map, [360_001, 360_004], place: 6, shift90k: 900_000) == [7, 10])
    }

    @Test("across the wrap of 33 bits, in both directions")
    func wraps() {
        let shift90k = Self.wrap - 900_000
        // MPEGTS before the wrap and behind it, for the same moment.
        #expect(
            times(TimestampMap(mpeg90k: shift90k, localMilliseconds: 0), [1, 12], place: 0, shift90k: shift90k) == [
                1, 12,
            ]
        )
        #expect(times(TimestampMap(mpeg90k: 0, localMilliseconds: 0), [1], place: 10, shift90k: shift90k) == [11])
        // Audio and video that have gone round once: the segment's place in the playlist tells the turn.
        let turn = Double(Self.wrap) / 90_000
        let late = times(TimestampMap(mpeg90k: 450_000, localMilliseconds: 0), [0], place: turn + 5, shift90k: 0)
        #expect(abs(late[0] - turn - 5) < 0.001)
    }

    @Test("one segment for a film longer than the wrap")
    func longFile() {
        var clock = CueClock()
        let anchor = CueAnchor(shift90k: 900_000, expected90k: 0...(40 * 3600 * 90_000))
        let map = TimestampMap(mpeg90k: 900_000, localMilliseconds: 0)
        let cues = clock.place(segment(map, [1, 20 * 3600, 39 * 3600]), at: anchor, run: 0, number: 0)
        #expect(cues.map { $0.start90k / 90_000 } == [1, 72_000, 140_400])
    }

    @Test("without a map local 0 is timestamp 0, unless only presentation time fits")
    func unmapped() {
        #expect(times(nil, [11], place: 0, shift90k: 900_000) == [1])
        #expect(times(nil, [11], place: 0, shift90k: 900_000 - 126_000) == [2.4])
        // 10 s early, before everything: as presentation time it fits.
        #expect(times(nil, [1, 4], place: 0, shift90k: 900_000) == [1, 4])
        #expect(times(nil, [3601], place: 3600, shift90k: 90_000 * 95_000) == [3601])
        // Neither fits: the specification counts.
        #expect(times(nil, [5000], place: 0, shift90k: 0) == [5000])
    }

    @Test("alone: at the run's start, the segment's, or the presentation's")
    func alone() {
        let expected: ClosedRange<Int64> = 540_000...1_080_000
        func start(_ map: TimestampMap?, _ seconds: Double, run: Int64) -> Double {
            let segment = segment(map, [seconds])
            let shift90k = CueClock.shift90k(of: segment, runStart90k: run, expected90k: expected)
            var clock = CueClock()
            let anchor = CueAnchor(shift90k: shift90k, expected90k: expected)
            return Double(clock.place(segment, at: anchor, run: 0, number: 0)[0].start90k) / 90_000
        }
        let constant = TimestampMap(mpeg90k: 900_000, localMilliseconds: 0)
        #expect(start(constant, 7, run: 0) == 7)
        #expect(start(TimestampMap(mpeg90k: 1_440_000, localMilliseconds: 0), 1, run: 0) == 7)
        #expect(start(constant, 7, run: 540_000) == 7)
        #expect(start(constant, 1, run: 540_000) == 7)
    }
}
