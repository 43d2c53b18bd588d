@testable import Remux

/// What a player finds in a file: the first `moov`, and the samples of its tables, or of the whole fragments behind it. Tables are
/// expanded sample by sample.
struct NaiveMovie {
    private(set) var isFragmented = false
    private(set) var samples: [RecordingFixture.Sample] = []
    /// By track ID: segment duration and media time of each edit.
    private(set) var edits: [Int: [(duration: Int, mediaTime: Int)]] = [:]
    private(set) var movieDuration = 0
    private(set) var boxes: [String] = []

    /// `nil`: no player could read it.
    init?(_ file: [UInt8]) {
        var at = 0
        var tops: [(type: String, start: Int, body: Int, end: Int)] = []
        while at + 8 <= file.count {
            var (size, header) = (Self.number(file, at, 4), 8)
            if size == 1, at + 16 <= file.count { (size, header) = (Self.number(file, at + 8, 8), 16) }
            guard size >= header else { break }
            tops.append((String(decoding: file[(at + 4)..<(at + 8)], as: UTF8.self), at, at + header, at + size))
            at += size
        }
        boxes = tops.map(\.type)
        guard let top = tops.first(where: { $0.type == "moov" }), top.end <= file.count,
            let movie = Box(file[top.start..<top.end])
        else { return nil }
        movieDuration = Self.number(movie.first("mvhd")?.payload ?? [], 24, 8)
        isFragmented = movie.first("mvex") != nil
        for trak in movie.children where trak.type == "trak" {
            let id = Self.number(trak.first("tkhd")?.payload ?? [], 20, 4)
            if let list = trak.first(path: "edts", "elst")?.payload {
                edits[id] = (0..<Self.number(list, 4, 4)).map {
                    (Self.number(list, 8 + 20 * $0, 8), Self.number(list, 16 + 20 * $0, 8))
                }
            }
            if !isFragmented, let table = trak.first(path: "mdia", "minf", "stbl") { expand(table, id, file) }
        }
        guard isFragmented else { return }
        for (index, top) in tops.enumerated() where top.type == "moof" {
            guard top.end <= file.count, index + 1 < tops.count, tops[index + 1].type == "mdat",
                tops[index + 1].end <= file.count
            else { break }
            _ = MovieFragment(Array(file[top.start..<top.end])) { sample in
                let start = top.start + Int(sample.offset)
                samples.append(
                    RecordingFixture.Sample(
                        track: Int(sample.trackID),
                        dts: Int(sample.decodeTime),
                        cts: Int(sample.decodeTime) + Int(sample.compositionOffset),
                        data: Array(file[start..<(start + Int(sample.size))]),
                        isSync: sample.isSync,
                        entry: Int(sample.descriptionIndex)
                    )
                )
            }
        }
    }

    private mutating func expand(_ table: Box, _ id: Int, _ file: [UInt8]) {
        func rows(_ type: FourCC, _ widths: [Int]) -> [[Int]]? {
            guard let payload = table.first(type)?.payload else { return nil }
            var at = 8
            return (0..<Self.number(payload, 4, 4)).map { _ in
                widths.map { width in
                    defer { at += width }
                    return Self.number(payload, at, width)
                }
            }
        }
        let sizes = table.first("stsz")?.payload ?? []
        let count = Self.number(sizes, 8, 4)
        let common = Self.number(sizes, 4, 4)
        let durations = (rows("stts", [4, 4]) ?? []).flatMap { Array(repeating: $0[1], count: $0[0]) }
        let offsets = (rows("ctts", [4, 4]) ?? []).flatMap {
            Array(repeating: Int(Int32(truncatingIfNeeded: $0[1])), count: $0[0])
        }
        let sync = rows("stss", [4]).map { Set($0.map { $0[0] }) }
        let chunks = (rows("stco", [4]) ?? rows("co64", [8]) ?? []).map { $0[0] }
        let layout = rows("stsc", [4, 4, 4]) ?? []
        var (dts, number) = (0, 0)
        for (chunk, start) in chunks.enumerated() {
            guard let row = layout.last(where: { $0[0] <= chunk + 1 }) else { continue }
            var at = start
            for _ in 0..<row[1] where number < count {
                let size = common > 0 ? common : Self.number(sizes, 12 + 4 * number, 4)
                samples.append(
                    RecordingFixture.Sample(
                        track: id,
                        dts: dts,
                        cts: dts + (offsets.isEmpty ? 0 : offsets[number]),
                        data: at + size <= file.count ? Array(file[at..<(at + size)]) : [],
                        isSync: sync?.contains(number + 1) ?? true,
                        entry: row[2]
                    )
                )
                at += size
                dts += durations[number]
                number += 1
            }
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes.dropFirst(offset).prefix(count).reduce(0) { $0 << 8 | Int($1) }
    }
}
