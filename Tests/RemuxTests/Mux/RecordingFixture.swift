@testable import Remux

/// A recording of two tracks, laid out by the program, whose samples the tests know.
struct RecordingFixture {
    /// A sample as a reader should find it; times in media ticks of the file's tables.
    struct Sample: Equatable, Hashable {
        var track: Int
        var dts: Int
        var cts: Int
        var data: [UInt8]
        var isSync: Bool
        var entry = 1
    }

    private(set) var samples: [[Sample]] = []
    private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - gap: media ticks that are missing before the third fragment of each track.
    init(fragments: Int = 5, plan: FragmentedLayout.Plan, gap: Int = 0) throws {
        let file = MemoryFile()
        let edits = [
            TrackEdit(firstPts: 3000, firstDts: 0, scale: .mpeg), TrackEdit(firstPts: 0, firstDts: 0, scale: .mpeg),
        ]
        let layout = FragmentedLayout(
            sink: file,
            edits: edits,
            disabledTracks: [],
            sampleEntries: [nil, nil],
            plan: plan
        )
        try Self.feed(box("ftyp", Array("iso5".utf8), be32(512), Array("iso5iso6mp41".utf8)), layout)
        try Self.feed(Self.movie, layout)
        var clocks = [0, 0]
        for number in 0..<fragments {
            if number == 2 { clocks = clocks.map { $0 + gap } }
            let video = Self.video(number, &clocks[0])
            let audio = Self.audio(number, &clocks[1])
            samples.append(video + audio)
            let sizes = (video + audio).map(\.data.count)
            let videoBytes = sizes.prefix(video.count).reduce(0, +)
            let draft = Self.fragment(number, video, audio, 0, videoBytes)
            try Self.feed(Self.fragment(number, video, audio, draft.count + 8, draft.count + 8 + videoBytes), layout)
            try Self.feed(box("mdat", Array((video + audio).map(\.data).joined())), layout)
        }
        try layout.complete()
        bytes = file.bytes
    }

    private static func feed(_ bytes: [UInt8], _ layout: FragmentedLayout) throws {
        try bytes.withUnsafeBytes { try layout.accept($0) }
    }

    /// A group of pictures with one that is shown before another one it is decoded after; one of the pictures changes entry.
    private static func video(_ number: Int, _ clock: inout Int) -> [Sample] {
        (0..<6).map { index in
            defer { clock += 3000 }
            let data = (0..<(20 + 7 * index + number)).map { UInt8(truncatingIfNeeded: $0 * 31 + number * 7 + index) }
            let offset = [3000, 9000, 3000, 0, 3000, 3000][index]
            return Sample(
                track: 1,
                dts: clock,
                cts: clock + offset,
                data: data,
                isSync: index == 0,
                entry: number == 3 ? 2 : 1
            )
        }
    }

    private static func audio(_ number: Int, _ clock: inout Int) -> [Sample] {
        (0..<9).map { index in
            defer { clock += 1024 }
            return Sample(
                track: 2,
                dts: clock,
                cts: clock,
                data: [UInt8](repeating: UInt8(index), count: 11),
                isSync: true
            )
        }
    }

    private static func fragment(
        _ number: Int,
        _ video: [Sample],
        _ audio: [Sample],
        _ videoOffset: Int,
        _ audioOffset: Int
    ) -> [UInt8] {
        let pictures = video.map {
            be32($0.data.count) + be32($0.isSync ? 0x0200_0000 : 0x0101_0000) + be32($0.cts - $0.dts)
        }
        return box(
            "moof",
            fullBox("mfhd", 0, 0, be32(number + 1)),
            box(
                "traf",
                fullBox("tfhd", 0, 0x2_000A, be32(1), be32(video[0].entry), be32(3000)),
                fullBox("tfdt", 1, 0, be64(video[0].dts)),
                fullBox("trun", 1, 0xE01, be32(video.count), be32(videoOffset), Array(pictures.joined()))
            ),
            box(
                "traf",
                fullBox("tfhd", 0, 0x2_0038, be32(2), be32(1024), be32(11), be32(0x0200_0000)),
                fullBox("tfdt", 1, 0, be64(audio[0].dts)),
                fullBox("trun", 0, 0x001, be32(audio.count), be32(audioOffset))
            )
        )
    }

    /// As libavformat writes it: version 0, no durations.
    private static var movie: [UInt8] {
        box(
            "moov",
            fullBox("mvhd", 0, 0, be32(0), be32(0), be32(90_000), be32(0), [UInt8](repeating: 0, count: 80)),
            track(1, "vide", 90_000, entries: [box("avc1", [1, 2, 3]), box("avc1", [4, 5])]),
            track(2, "soun", 48_000, entries: [box("mp4a", [6])]),
            box(
                "mvex",
                fullBox("trex", 0, 0, be32(1), be32(1), be32(0), be32(0), be32(0)),
                fullBox("trex", 0, 0, be32(2), be32(1), be32(0), be32(0), be32(0))
            )
        )
    }

    private static func track(_ id: Int, _ handler: String, _ timescale: Int, entries: [[UInt8]]) -> [UInt8] {
        box(
            "trak",
            fullBox("tkhd", 0, 3, be32(0), be32(0), be32(id), be32(0), be32(0), [UInt8](repeating: 0, count: 60)),
            box(
                "mdia",
                fullBox("mdhd", 0, 0, be32(0), be32(0), be32(timescale), be32(0), be32(0)),
                fullBox("hdlr", 0, 0, be32(0), Array(handler.utf8), [UInt8](repeating: 0, count: 13)),
                box(
                    "minf",
                    box(
                        "stbl",
                        fullBox("stsd", 0, 0, be32(entries.count), Array(entries.joined())),
                        fullBox("stts", 0, 0, be32(0)),
                        fullBox("stsc", 0, 0, be32(0)),
                        fullBox("stsz", 0, 0, be32(0), be32(0)),
                        fullBox("stco", 0, 0, be32(0))
                    )
                )
            )
        )
    }
}
