import Testing

@testable import Remux

/// Samples in milliseconds; every track has that scale.
@Suite struct PartCutterTests {
    private typealias Cutter = PartCutter<Int>

    private static let scale = TimeScale(1000)

    private func track(_ kind: TimelineTrack.Kind, replaces: Int? = nil) -> Cutter.Track {
        Cutter.Track(kind: kind, scale: Self.scale, replaces: replaces)
    }

    private func sample(_ track: Int, _ time: Int64, _ duration: Int64 = 40, key: Bool = true) -> PlacedSample<Int> {
        PlacedSample(track: track, pts: time, dts: time, duration: duration, isKey: key, byteCount: 10, payload: 0)
    }

    /// The times of each file's samples, by track, and where each begins.
    private struct Files: Equatable {
        var times: [[Int: [Int64]]] = [[:]]
        var starts: [Int64] = [0]
    }

    private func run(
        _ tracks: [Cutter.Track],
        _ samples: [PlacedSample<Int>],
        added: [(before: Int64, track: Cutter.Track)] = []
    ) throws -> Files {
        var cutter = Cutter(tracks: tracks)
        var files = Files()
        var steps: [Cutter.Step] = []
        func take() {
            for step in steps {
                switch step {
                case .write(let sample):
                    files.times[files.times.count - 1][sample.track, default: []].append(sample.dts)
                case .cut(let cut):
                    files.times.append([:])
                    files.starts.append(cut.start)
                }
            }
            steps = []
        }
        var added = added[...]
        for sample in samples.sorted(by: { ($0.dts, $0.track) < ($1.dts, $1.track) }) {
            while let next = added.first, next.before <= sample.dts {
                cutter.addTrack(next.track)
                added.removeFirst()
            }
            try cutter.push(sample, to: &steps)
            take()
        }
        try cutter.finish(to: &steps)
        take()
        return files
    }

    private func times(_ range: Range<Int64>, _ step: Int64 = 40) -> [Int64] {
        Array(stride(from: range.lowerBound, to: range.upperBound, by: Int(step)).map { $0 })
    }

    @Test("nothing changes: one file with every sample")
    func nothing() throws {
        let files = try run(
            [track(.video), track(.audio)],
            times(0..<8000).map { sample(0, $0, key: $0 % 1000 == 0) } + times(0..<8000, 20).map { sample(1, $0, 20) }
        )
        #expect(files.starts == [0])
        #expect(files.times[0][0] == times(0..<8000))
        #expect(files.times[0][1] == times(0..<8000, 20))
    }

    @Test("picture and sound change at one Discontinuity, some milliseconds apart: one cut, at the earliest of them")
    func together() throws {
        let files = try run(
            [track(.video), track(.audio), track(.video, replaces: 0), track(.audio, replaces: 1)],
            times(0..<4000).map { sample(0, $0) } + times(0..<4000, 20).map { sample(1, $0, 20) }
                + times(4000..<8000).map { sample(2, $0) } + times(3980..<8000, 20).map { sample(3, $0, 20) }
        )
        #expect(files.starts == [0, 3980])
        #expect(files.times[0] == [0: times(0..<4000), 1: times(0..<4000, 20)])
        #expect(files.times[1] == [2: times(4000..<8000), 3: times(3980..<8000, 20)])
    }

    @Test("the sound goes on: what begins before the picture's change stays, whole")
    func soundGoesOn() throws {
        let files = try run(
            [track(.video), track(.audio)],
            times(0..<4000).map { sample(0, $0) } + times(10..<8000, 20).map { sample(1, $0, 20) }
                + times(4000..<8000).map { sample(2, $0) },
            added: [(3900, track(.video, replaces: 0))]
        )
        #expect(files.starts == [0, 4000])
        #expect(files.times[0][1] == times(10..<4000, 20))
        #expect(files.times[1][1] == times(4010..<8000, 20))
    }

    @Test(
        "the sound changes: the next file begins with the key frame that is nearest",
        arguments: [(3960, 4000), (4020, 4000), (4700, 5000), (4200, 4000)] as [(Int64, Int64)]
    )
    func pictureGoesOn(_ change: Int64, _ key: Int64) throws {
        let files = try run(
            [track(.video), track(.audio), track(.audio, replaces: 1)],
            times(0..<8000).map { sample(0, $0, key: $0 % 1000 == 0) } + times(0..<change, 20).map { sample(1, $0, 20) }
                + times(change..<8000, 20).map { sample(2, $0, 20) }
        )
        #expect(files.starts == [0, min(change, key)])
        #expect(files.times[0] == [0: times(0..<key), 1: times(0..<change, 20)])
        #expect(files.times[1] == [0: times(key..<8000), 2: times(change..<8000, 20)])
    }

    @Test("a key frame far behind the change is waited for; where none comes, there is no cut")
    func farKey() throws {
        func samples(_ last: Int64, keys: Set<Int64>) -> [PlacedSample<Int>] {
            times(0..<last).map { sample(0, $0, key: keys.contains($0)) }
                + times(0..<4000, 20).map { sample(1, $0, 20) }
                + times(4000..<last, 20).map { sample(2, $0, 20) }
        }
        let tracks = [track(.video), track(.audio), track(.audio, replaces: 1)]
        let files = try run(tracks, samples(12_000, keys: [0, 9000]))
        #expect(files.starts == [0, 4000])
        #expect(files.times[0][0] == times(0..<9000))
        #expect(files.times[1][0] == times(9000..<12_000))
        // One that ends without another key frame ends in the file it is in.
        let last = try run(tracks, samples(9000, keys: [0]))
        #expect(last.times.map { $0[0] ?? [] } == [times(0..<9000), []])
        #expect(throws: NoCut.self) { try run(tracks, samples(16_000, keys: [0])) }
    }

    @Test(
        "changes that are more than the window apart are two cuts, and a format that lasts less has a file of its own"
    )
    func severalCuts() throws {
        let files = try run(
            [track(.audio), track(.audio, replaces: 0), track(.audio, replaces: 1)],
            times(0..<4000, 20).map { sample(0, $0, 20) } + times(4000..<4400, 20).map { sample(1, $0, 20) }
                + times(4400..<8000, 20).map { sample(2, $0, 20) }
        )
        #expect(files.starts == [0, 4000, 4400])
        #expect(files.times.map { Array($0.keys) } == [[0], [1], [2]])
        let two = try run(
            [track(.video), track(.audio), track(.video, replaces: 0), track(.audio, replaces: 1)],
            times(0..<4000).map { sample(0, $0) } + times(0..<6000, 20).map { sample(1, $0, 20) }
                + times(4000..<9000).map { sample(2, $0) } + times(6000..<9000, 20).map { sample(3, $0, 20) }
        )
        #expect(two.starts == [0, 4000, 6000])
        #expect(two.times[1] == [2: times(4000..<6000), 1: times(4000..<6000, 20)])
    }

    @Test("a track begins: all that there is goes on in the next file")
    func newTrack() throws {
        let files = try run(
            [track(.video)],
            times(0..<8000).map { sample(0, $0, key: $0 % 1000 == 0) }
                + times(4020..<8000, 20).map { sample(1, $0, 20) },
            added: [(4000, track(.audio))]
        )
        #expect(files.starts == [0, 4000])
        #expect(files.times[1] == [0: times(4000..<8000), 1: times(4020..<8000, 20)])
    }

    @Test("a text that is shown across the cut is in both files, each time as long as it is shown")
    func text() throws {
        var cutter = Cutter(tracks: [track(.video), track(.subtitles), track(.video, replaces: 0)])
        var steps: [Cutter.Step] = []
        let samples =
            times(0..<4000).map { sample(0, $0) } + times(4000..<9000).map { sample(2, $0) }
            + [sample(1, 0, 3000), sample(1, 3000, 2500), sample(1, 5500, 3500)]
        for sample in samples.sorted(by: { ($0.dts, $0.track) < ($1.dts, $1.track) }) {
            try cutter.push(sample, to: &steps)
        }
        try cutter.finish(to: &steps)
        var (file, texts) = (0, [[Int64]]())
        for step in steps {
            switch step {
            case .cut: file += 1
            case .write(let sample) where sample.track == 1:
                texts.append([Int64(file), sample.dts, sample.pts, sample.duration])
            case .write: break
            }
        }
        #expect(texts == [[0, 0, 0, 3000], [0, 3000, 3000, 1000], [1, 4000, 4000, 1500], [1, 5500, 5500, 3500]])
    }

    @Test("no sample is lost or doubled, whatever changes when")
    func random() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            var tracks = [track(.video), track(.audio)]
            var samples: [PlacedSample<Int>] = []
            for kind in 0...1 {
                var (number, time, step) = (kind, Int64(0), kind == 0 ? Int64(40) : 21)
                while time < 20_000 {
                    if time > 0, Int.random(in: 0..<150, using: &generator) == 0 {
                        tracks.append(track(kind == 0 ? .video : .audio, replaces: number))
                        number = tracks.count - 1
                        step = kind == 0 ? 40 : 23
                        samples.append(sample(number, time, step))
                    } else {
                        samples.append(sample(number, time, step, key: kind == 1 || time % 2000 == 0))
                    }
                    time += step
                }
            }
            let files = try run(tracks, samples)
            for number in tracks.indices {
                let all = files.times.flatMap { $0[number] ?? [] }
                let isSame = all == samples.filter { $0.track == number }.map(\.dts)
                #expect(isSame)
            }
            // No file has two formats of one stream.
            for file in files.times {
                for number in file.keys { if let old = tracks[number].replaces { #expect(file[old] == nil) } }
            }
        }
    }
}
