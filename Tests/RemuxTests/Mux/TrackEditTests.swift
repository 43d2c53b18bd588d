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
}
