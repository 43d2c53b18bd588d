import Testing

@testable import Remux

@Suite struct TextTrackTests {
    private static let folder = FixturePayloads.root + "/subtitles-mp4/"
    private static func bytes(_ name: String) -> [UInt8] { FixturePayloads.bytes(of: folder + name) }

    @Test("the track of a section: its format, its entry and its clock")
    func section() throws {
        let webVTT = try TextTrack(Self.bytes("wvtt/init.mp4"))
        #expect(webVTT.format == .webVTT)
        #expect(webVTT.scale == .mpeg)
        #expect(webVTT.sampleEntry.count == 30)
        let ttml = try TextTrack(Self.bytes("stpp/init.mp4"))
        #expect(ttml.format == .ttml)
        #expect(ttml.scale == TimeScale(1000))
    }

    @Test("a section without text says what it holds")
    func otherSection() {
        let error = #expect(throws: DamagedBoxes.self) {
            try TextTrack(FixturePayloads.bytes(of: FixturePayloads.root + "/fmp4/init.mp4"))
        }
        #expect(error?.description.contains("avc1") == true)
    }

    @Test("cues that go on through several samples are whole again")
    func cues() throws {
        let track = try TextTrack(Self.bytes("wvtt/init.mp4"))
        let (samples, damagedCount) = track.samples(of: Self.bytes("wvtt/0.m4s"), playlistStart: 0)
        #expect(damagedCount == 0)
        #expect(samples.map(\.duration) == [45_000, 90_000, 45_000])
        let first = try #require(samples.first?.start)
        let segment = WebVTTSegment(
            samples: samples.map { ($0.start, $0.start + $0.duration, $0.payload) }
        )
        #expect(segment.cues.map(\.text) == ["Hello", "Over the segment"])
        #expect(segment.cues.map(\.startMilliseconds) == [500, 1500])
        #expect(segment.cues.map(\.endMilliseconds) == [2000, 2000])
        #expect(segment.cues.first?.map?.mpeg90k == first & ((1 << 33) - 1))
    }

    @Test("any damage of a segment is survived and counted", arguments: 0..<300 as Range<UInt64>)
    func damage(_ seed: UInt64) throws {
        let track = try TextTrack(Self.bytes("stpp/init.mp4"))
        let whole = Self.bytes("stpp/1.m4s")
        var generator = SeededGenerator(seed: seed)
        var bytes = whole
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
        let found = track.samples(of: bytes, playlistStart: 0)
        #expect(found.samples.allSatisfy { $0.payload.count <= whole.count })
        var section = Self.bytes("stpp/init.mp4")
        section[Int.random(in: 0..<section.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        _ = try? TextTrack(section)
    }
}
