import Testing

@testable import Remux

@Suite struct MovieFragmentReaderTests {
    private static let movie: MovieInitialization? = {
        var builder = SectionBuilder()
        builder.tracks = [
            .init(id: 1, defaults: (1, 100, 10, 0x0101_0000)),
            .init(id: 2, handler: "soun", scale: 48_000, defaults: (3, 1024, 20, 0x0200_0000)),
        ]
        return try? MovieInitialization(builder.bytes[...])
    }()

    private func read(_ moof: [UInt8]) throws -> [TrackFragment] {
        try MovieFragmentReader.read(moof[8...], boxBytes: moof.count, movie: try #require(Self.movie))
    }

    private func moof(_ tracks: [UInt8]...) -> [UInt8] {
        box("moof", fullBox("mfhd", 0, 0, be32(1)), Array(tracks.joined()))
    }

    private func traf(_ id: Int, _ flags: Int = 0x02_0000, _ fields: [UInt8] = [], _ parts: [UInt8]...) -> [UInt8] {
        box("traf", fullBox("tfhd", 0, flags, be32(id), fields), Array(parts.joined()))
    }

    private func trun(_ version: UInt8, _ flags: Int, _ count: Int, _ fields: [Int]...) -> [UInt8] {
        fullBox("trun", version, flags, be32(count), Array(fields.joined().map(be32).joined()))
    }

    // MARK: - Against what was written

    /// A movie fragment with random flags, and the samples that were put into it.
    private struct Random {
        var bytes: [UInt8] = []
        var expected: [(track: Int, samples: [FragmentSample], decodeTime: Int64?, isUnplaced: Bool)] = []

        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            func chance() -> Bool { Bool.random(using: &generator) }
            func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
            var tracks: [[UInt8]] = []
            var end: (offset: Int, isUnplaced: Bool)?
            for index in 0..<number(1...4) {
                let id = number(1...2)
                let defaultsOfMovie = id == 1 ? (1, 100, 10, 0x0101_0000) : (3, 1024, 20, 0x0200_0000)
                var (entry, duration, size, sampleFlags) = defaultsOfMovie
                // No absolute positions here: what they count from has tests of its own.
                let isMoof = chance()
                var flags = isMoof ? 0x02_0000 : 0
                var fields: [UInt8] = []
                if chance() { (flags, entry) = (flags | 2, number(1...5)); fields += be32(entry) }
                if chance() { (flags, duration) = (flags | 8, number(0...5000)); fields += be32(duration) }
                if chance() { (flags, size) = (flags | 0x10, number(0...900)); fields += be32(size) }
                if chance() {
                    (flags, sampleFlags) = (flags | 0x20, chance() ? 0x0101_0000 : 0)
                    fields += be32(sampleFlags)
                }
                let time = chance() ? Int64(number(0...Int(Int32.max))) << (chance() ? 24 : 0) : nil
                let isLong = (time ?? 0) > Int64(UInt32.max) || chance()
                let base = isMoof || end == nil ? (offset: 0, isUnplaced: false) : end ?? (0, false)
                var here = end
                if index == 0 || !isMoof { here = end }
                var dts = time ?? 0
                var samples: [FragmentSample] = []
                var runs: [[UInt8]] = []
                var hasRun = false
                for _ in 0..<number(0...3) {
                    let count = number(0...5)
                    let version = UInt8(number(0...1))
                    var runFlags = 0
                    var head: [UInt8] = []
                    if chance() {
                        let offset = number(500...100_000)
                        runFlags |= 1
                        head += be32(offset)
                        here = (base.offset + offset, base.isUnplaced)
                    } else if !hasRun {
                        here = end ?? (0, true)
                    }
                    hasRun = true
                    var firstFlags: Int?
                    if chance() {
                        firstFlags = chance() ? 0x0200_0000 : 0x0101_0000
                        runFlags |= 4
                        head += be32(firstFlags ?? 0)
                    }
                    let present = [0x100, 0x200, 0x400, 0x800].filter { _ in chance() }
                    runFlags |= present.reduce(0, |)
                    for sample in 0..<count {
                        var values = [0x100: duration, 0x200: size, 0x400: sampleFlags, 0x800: 0]
                        if sample == 0, let firstFlags { values[0x400] = firstFlags }
                        for flag in present {
                            let value =
                                flag == 0x400
                                ? (chance() ? 0x0200_0000 : 0x0101_0000)
                                : flag == 0x800 ? number(-3000...3000) : number(0...2000)
                            values[flag] = value
                            head += be32(value)
                        }
                        let kind = values[0x400] ?? 0
                        samples.append(
                            FragmentSample(
                                trackID: UInt32(id),
                                descriptionIndex: UInt32(entry),
                                offset: Int64(here?.offset ?? 0),
                                size: values[0x200] ?? 0,
                                dts: dts,
                                compositionOffset: Int64(values[0x800] ?? 0),
                                duration: UInt32(values[0x100] ?? 0),
                                isSync: kind & 0x1_0000 == 0 && kind >> 24 & 3 != 1,
                                index: samples.count
                            )
                        )
                        dts += Int64(values[0x100] ?? 0)
                        here?.offset += values[0x200] ?? 0
                    }
                    runs.append(fullBox("trun", version, runFlags, be32(count), head))
                }
                if hasRun { end = here }
                let decodeTime = time.map { fullBox("tfdt", isLong ? 1 : 0, 0, isLong ? be64(Int($0)) : be32(Int($0))) }
                tracks.append(
                    box(
                        "traf",
                        fullBox("tfhd", 0, flags, be32(id), fields),
                        decodeTime ?? [],
                        chance() ? box("zzzz", [1, 2, 3]) : [],
                        Array(runs.joined())
                    )
                )
                expected.append((id, samples, time, hasRun ? here?.isUnplaced ?? false : false))
            }
            bytes = box("moof", fullBox("mfhd", 0, 0, be32(1)), Array(tracks.joined()))
        }
    }

    @Test("every flag, several runs, both versions: what was written is read", arguments: 0..<300 as Range<UInt64>)
    func random(_ seed: UInt64) throws {
        let random = Random(seed: seed)
        let fragments = try read(random.bytes)
        #expect(fragments.map(\.trackID) == random.expected.map { UInt32($0.track) })
        #expect(fragments.map(\.baseDecodeTime) == random.expected.map(\.decodeTime))
        for (fragment, expected) in zip(fragments, random.expected) {
            #expect(fragment.samples == expected.samples)
            #expect(fragment.isUnplaced == expected.isUnplaced)
        }
    }

    // MARK: - Positions

    @Test("no offset at all: from the media data on, one track fragment behind the other", arguments: [0, 0x02_0000])
    func noOffsets(_ flags: Int) throws {
        let fragments = try read(
            moof(
                traf(1, flags, [], trun(0, 0x200, 2, [5], [6]), trun(0, 0x200, 1, [7])),
                traf(9, flags, [], trun(0, 0x200, 1, [100])),
                traf(2, flags, [], trun(0, 0x200, 1, [8]))
            )
        )
        #expect(fragments.map(\.isUnplaced) == [true, true, true])
        #expect(fragments.map { $0.samples.map(\.offset) } == [[0, 5, 11], [18], [118]])
    }

    @Test(
        "absolute positions count from the moof; where media would lie in it, from the media data",
        arguments: [
            (700_000, 700_000, [200, 300], [200, 300], false), (700_000, 700_400, [200, 0], [200, 400], false),
            (700_000, 700_400, [0, 0], [0, 400], true), (700_000, 699_900, [200, 0], [300, 0], true),
            (-1, -1, [200, 300], [200, 300], false),
        ]
    )
    func absolute(_ first: Int, _ second: Int, _ offsets: [Int], _ expected: [Int64], _ isUnplaced: Bool) throws {
        let fragments = try read(
            moof(
                traf(1, 1, be64(first), trun(0, 1, 1, [offsets[0]])),
                traf(2, 1, be64(second), trun(0, 1, 1, [offsets[1]]))
            )
        )
        #expect(fragments.map { $0.samples[0].offset } == expected)
        #expect(fragments.map(\.isUnplaced) == [isUnplaced, isUnplaced])
    }

    @Test("an absolute position without a run's offset begins right there")
    func absoluteWithoutOffset() throws {
        let fragments = try read(
            moof(traf(1, 1, be64(5000), trun(0, 0, 1)), traf(2, 1, be64(5010), trun(0, 0, 2)))
        )
        #expect(fragments.map { $0.samples.map(\.offset) } == [[0], [10, 30]])
        #expect(fragments.map(\.isUnplaced) == [true, true])
    }

    // MARK: - Bad input

    @Test("what contradicts itself is named")
    func damaged() {
        let cases: [([UInt8], String)] = [
            (moof(traf(1, 0x02_0000, [], fullBox("trun", 0, 0x100, be32(2), be32(1)))), "a trun box is cut"),
            (moof(traf(1, 0x02_0000, [], fullBox("trun", 0, 1, be32(2)))), "a trun box is cut"),
            (moof(traf(1, 0x02_0000, [], fullBox("trun", 0, 4, be32(2)))), "a trun box is cut"),
            (moof(traf(1, 0x02_0000, [], box("trun", [0, 0, 0]))), "a trun box is cut"),
            (moof(traf(1, 0x02_0000, [], trun(0, 0, -1))), "more than \(MovieFragmentReader.maximumSamples) samples"),
            (
                moof(traf(1, 0x02_0000, [], trun(0, 0, 300_000)), traf(2, 0x02_0000, [], trun(0, 0, 300_000))),
                "more than \(MovieFragmentReader.maximumSamples) samples"
            ),
            (moof(traf(1, 0x01, be32(1))), "a tfhd box is cut"), (moof(traf(1, 0x38, be32(1))), "a tfhd box is cut"),
            (moof(box("traf", fullBox("tfhd", 0, 0))), "a tfhd box is cut"),
            (moof(box("traf", trun(0, 0, 1))), "a traf box has no tfhd box"),
            (moof(box("traf", [1, 2, 3])), "a traf box is not made of boxes"),
            (box("moof", [0, 0, 0, 99] + Array("traf".utf8)), "a moof box is not made of boxes"),
        ]
        for (bytes, words) in cases {
            do {
                _ = try read(bytes)
                Issue.record("\(words): nothing was thrown")
            } catch {
                #expect("\(error)".contains(words), "\(error)")
            }
        }
    }

    @Test("extreme values neither trap nor take memory")
    func extremes() throws {
        let fragments = try read(
            moof(
                traf(
                    1,
                    0x01,
                    be64(.max),
                    fullBox("tfdt", 1, 0, be64(-1)),
                    trun(1, 0xF01, 2, [Int(Int32.max)], [-1, -1, -1, -1], [-1, -1, -1, Int(Int32.min)])
                ),
                traf(2, 0x01, be64(0), trun(1, 0x201, 1, [Int(Int32.min)], [-1])),
                traf(2, 0, [], trun(1, 0x200, 1, [1]))
            )
        )
        // Times before 0 are written as two's complement.
        #expect(fragments[0].baseDecodeTime == -1)
        #expect(fragments[0].samples.map(\.compositionOffset) == [-1, Int64(Int32.min)])
        #expect(fragments[0].samples[0].size == Int(UInt32.max))
    }

    @Test("any changed byte is an error or a value, never a trap", arguments: 0..<40 as Range<UInt64>)
    func noise(_ seed: UInt64) throws {
        let movie = try #require(Self.movie)
        var generator = SeededGenerator(seed: seed)
        let bytes = Random(seed: seed).bytes
        for _ in 0..<200 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                damaged[Int.random(in: 8..<damaged.count, using: &generator)] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator) ?? 0
            }
            _ = try? MovieFragmentReader.read(damaged[8...], boxBytes: damaged.count, movie: movie)
        }
    }
}
