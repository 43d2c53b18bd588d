import Testing

@testable import Remux

/// Where a source's byte stream breaks, and where it does not.
@Suite struct RingReaderTests {
    private static func bytes(_ path: String) -> [UInt8] {
        FixturePayloads.bytes(of: FixturePayloads.root + "/" + path)
    }

    /// Streams of a ring: their bytes, and where their segments begin.
    private func streams(_ items: [RingFeed.Item], chunkBytes: Int) async -> [(
        bytes: [UInt8], isCut: Bool, starts: [Int64]
    )] {
        let reader = RingReader(ring: await RingFeed.ring(items, chunkBytes: chunkBytes))
        var streams: [(bytes: [UInt8], isCut: Bool, starts: [Int64])] = []
        while case .stream = reader.beginNext() {
            var bytes: [UInt8] = []
            var starts: [Int64] = []
            var buffer = [UInt8](repeating: 0, count: 300)
            var last: SegmentMark?
            while case .bytes(let count) = buffer.withUnsafeMutableBytes({ reader.blockingRead(into: $0) }) {
                let mark = reader.segment(at: Int64(bytes.count))
                if mark != last { starts.append(Int64(bytes.count)) }
                last = mark
                bytes += buffer[..<count]
            }
            streams.append((bytes, reader.isCut, starts))
        }
        return streams
    }

    private let packets = SegmentContainer.transportStream(.plain)
    private let one = [UInt8](repeating: 1, count: 1000)
    private let two = [UInt8](repeating: 2, count: 500)

    @Test("segments that continue are one stream; others are not", arguments: [1, 299, 300, 100_000])
    func joins(_ chunkBytes: Int) async {
        let section = InitializationSection([9, 9])
        let cases: [(second: SegmentMark, isJoined: Bool)] = [
            (RingFeed.mark(1, packets), true), (RingFeed.mark(1, packets, continuity: .newRun), false),
            (RingFeed.mark(1, packets, continuity: .afterGap), false), (RingFeed.mark(1, .packedAudio), false),
            (RingFeed.mark(1, .transportStream(.timeStamped)), false),
            (RingFeed.mark(1, packets, initialization: section), false),
        ]
        for (mark, isJoined) in cases {
            let items: [RingFeed.Item] = [.segment(RingFeed.mark(0, packets), one), .segment(mark, two)]
            let streams = await streams(items, chunkBytes: chunkBytes)
            let prefix = mark.initialization?.bytes ?? []
            #expect(streams.map(\.bytes.count) == (isJoined ? [1500] : [1000, 500 + prefix.count]))
            let isEqual = streams.flatMap(\.bytes).elementsEqual(one + prefix + two)
            #expect(isEqual)
            if isJoined { #expect(streams.first?.starts == [0, 1000]) }
        }
    }

    @Test("movie fragments and subtitles are a stream each; packed audio goes on")
    func containers() async {
        for (container, count) in [(SegmentContainer.fragmentedMP4, 2), (.webVTT, 2), (.packedAudio, 1)] {
            let items: [RingFeed.Item] = [
                .segment(RingFeed.mark(0, container), one), .segment(RingFeed.mark(1, container), two),
            ]
            #expect(await streams(items, chunkBytes: 77).count == count)
        }
    }

    @Test("the section of a transport stream is read before its first segment, once for all that share it")
    func section() async {
        let section = InitializationSection([7, 7, 7])
        let items: [RingFeed.Item] = (0..<3).map { number in
            .segment(RingFeed.mark(number, packets, initialization: section), two)
        }
        let streams = await streams(items, chunkBytes: 100)
        #expect(streams.map(\.bytes.count) == [1503])
        #expect(Array(streams[0].bytes.prefix(4)) == [7, 7, 7, 2])
        // Told apart by identity: the same bytes from another place are another section.
        let other = RingFeed.mark(1, packets, initialization: InitializationSection([7, 7, 7]))
        let both: [RingFeed.Item] = [items[0], .segment(other, two)]
        #expect(await self.streams(both, chunkBytes: 100).count == 2)
    }

    @Test("a cut breaks the stream and is told; a segment that is missing as a whole is not one")
    func cut() async {
        let first = RingFeed.Item.segment(RingFeed.mark(0, packets), one)
        let second = RingFeed.Item.segment(RingFeed.mark(2, packets, continuity: .afterGap), two)
        let cut = await streams([first, .missing(isCut: true), second], chunkBytes: 90)
        #expect(cut.map(\.isCut) == [true, false])
        let gap = await streams([first, .missing(isCut: false), second], chunkBytes: 90)
        #expect(gap.map(\.isCut) == [false, false])
        let end = await streams([first, .missing(isCut: true)], chunkBytes: 90)
        #expect(end.map(\.isCut) == [true])
    }

    @Test("what passes is told once, with its damage, whatever the container")
    func passed() async throws {
        let section = InitializationSection(Self.bytes("fmp4/init.mp4"))
        let items: [RingFeed.Item] = [
            .segment(RingFeed.mark(0, .fragmentedMP4, initialization: section), Self.bytes("fmp4/0.m4s")),
            .segment(
                RingFeed.mark(1, .fragmentedMP4, initialization: section),
                Array(Self.bytes("fmp4/1.m4s").dropLast(9))
            ),
            .segment(RingFeed.mark(2, .fragmentedMP4, initialization: section), Self.bytes("fmp4/2.m4s")),
        ]
        for chunkBytes in [100, 5000, 200_000] {
            let story = try RingFeed.read(await RingFeed.ring(items, chunkBytes: chunkBytes))
            #expect(story.passed == [0, 1, 2])
            #expect(story.damage.keys.sorted() == [1])
            #expect(story.began == [0])
            #expect(story.samples.count { $0.track.kind == .video } >= 74)
        }
    }

    @Test("programs: the lowest number with video or audio, as long as it is there", arguments: [1000, 200_000])
    func programs(_ chunkBytes: Int) async throws {
        let items: [RingFeed.Item] = (0..<3).map { number in
            .segment(
                RingFeed.mark(UInt64(number), packets, continuity: number == 1 ? .newRun : nil),
                Self.bytes("ts-programs/\(number).ts")
            )
        }
        let story = try RingFeed.read(await RingFeed.ring(items, chunkBytes: chunkBytes))
        #expect(story.formats.filter { $0.kind == .video }.allSatisfy { $0.width == 160 })
        #expect(Set(story.leftOut).count == 1, "\(story.leftOut)")
        #expect(story.leftOut.first?.contains("program 1 is taken") == true)
        #expect(Set(story.samples.map(\.track)).count == 2)
    }
}
