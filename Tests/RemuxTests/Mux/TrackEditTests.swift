import Testing

@testable import Remux

@Suite struct TrackEditTests {
    @Test(
        "ISO/IEC 14496-12 §8.6.6: output time = media time - start + empty edit is the pts",
        arguments: [
            (0, 0), (1920, -5280), (1104, 1104), (7200, -3600), (0, -7200),
        ] as [(Int64, Int64)]
    )
    func mapping(_ firstPts: Int64, _ firstDts: Int64) {
        let edit = TrackEdit(firstPts: firstPts, firstDts: firstDts, scale: .mpeg)
        // A sample's composition time in the media is its pts counted from the first dts.
        #expect((firstPts - firstDts) - edit.mediaTime + edit.emptyMovieTicks == firstPts)
        #expect((edit.box == nil) == (firstPts == 0 && firstDts == 0))
    }

    @Test("the box holds an empty edit and a media edit")
    func box() throws {
        let box = try #require(TrackEdit(firstPts: 1104, firstDts: 1104, scale: TimeScale(48_000)).box)
        #expect(
            box.first("elst")?.payload
                == hex(
                    "01000000 00000002 0000000000000816 ffffffffffffffff 00010000 0000000000000000 0000000000000000 00010000"
                )
        )
    }

    @Test("what lies before 0 is taken away by the media edit, to the tick")
    func hidden() throws {
        // 1.5 s of video are decoded before the start; the first decoding time is two pictures earlier.
        let edit = TrackEdit(firstPts: -135_000, firstDts: -142_200, scale: .mpeg, presentationMovieTicks: 90_000)
        #expect(edit.emptyMovieTicks == 0 && edit.mediaTime == 142_200 && edit.hiddenTicks == 135_000)
        #expect(edit.mediaMovieTicks == 90_000)
        let list = try #require(edit.box?.first("elst")?.payload)
        #expect(list == hex("01000000 00000001 0000000000015f90 0000000000022b78 00010000"))
        #expect(edit.durationOffset == 8)
        #expect(edit.shownMovieTicks(compositionEnd: 142_200 + 45_000, scale: .mpeg) == 45_000)
        #expect(edit.shownMovieTicks(compositionEnd: 142_200 + 93_600, scale: .mpeg) == 90_000)
    }

    @Test("a track that begins inside a part: an empty edit, and the rest of the part")
    func late() throws {
        let edit = TrackEdit(firstPts: 480, firstDts: 480, scale: TimeScale(48_000), presentationMovieTicks: 9000)
        let list = try #require(edit.box?.first("elst")?.payload)
        #expect(
            list
                == hex(
                    "01000000 00000002 0000000000000384 ffffffffffffffff 00010000 0000000000001fa4 0000000000000000 00010000"
                )
        )
        #expect(edit.durationOffset == 28)
        #expect(edit.shownMovieTicks(compositionEnd: 480, scale: TimeScale(48_000)) == 1800)
    }
}
