import Testing

@testable import Remux

/// A Media Initialization Section by hand.
struct SectionBuilder {
    var movieScale = 1000
    var version: UInt8 = 0
    var tracks: [Track] = []
    var extends = true

    struct Track {
        var id = 1
        var handler = "vide"
        var scale = 90_000
        var entries: [[UInt8]] = [box("avc1", [UInt8](repeating: 0, count: 78))]
        /// Of the edit list: duration, media time.
        var edits: [(duration: Int, start: Int)] = []
        var editVersion: UInt8 = 0
        var defaults = (index: 1, duration: 0, size: 0, flags: 0)
        var leftOut: Set<String> = []
    }

    private func times(_ fixed: [UInt8], _ rest: Int) -> [UInt8] {
        let time = version == 1 ? be64(0) : be32(0)
        return time + time + fixed + time + [UInt8](repeating: 0, count: rest)
    }

    var bytes: [UInt8] {
        var parts = [fullBox("mvhd", version, 0, times(be32(movieScale), 80))]
        for track in tracks { parts.append(trak(track)) }
        if extends {
            parts.append(
                box(
                    "mvex",
                    Array(
                        tracks.map { track in
                            let values = [
                                track.id, track.defaults.index, track.defaults.duration, track.defaults.size,
                                track.defaults.flags,
                            ]
                            return fullBox("trex", 0, 0, Array(values.map(be32).joined()))
                        }.joined()
                    )
                )
            )
        }
        return box("ftyp", Array("iso6".utf8) + be32(0)) + box("moov", Array(parts.joined()))
    }

    private func trak(_ track: Track) -> [UInt8] {
        func unless(_ name: String, _ bytes: [UInt8]) -> [UInt8] { track.leftOut.contains(name) ? [] : bytes }
        let edits = track.edits.map { edit in
            (track.editVersion == 1 ? be64(edit.duration) + be64(edit.start) : be32(edit.duration) + be32(edit.start))
                + be32(0x1_0000)
        }
        let list = fullBox("elst", track.editVersion, 0, be32(edits.count), Array(edits.joined()))
        let description = fullBox("stsd", 0, 0, be32(track.entries.count), Array(track.entries.joined()))
        return box(
            "trak",
            unless("tkhd", fullBox("tkhd", version, 3, times(be32(track.id) + be32(0), 60))),
            track.edits.isEmpty ? [] : box("edts", list),
            box(
                "mdia",
                unless("mdhd", fullBox("mdhd", version, 0, times(be32(track.scale), 4))),
                unless(
                    "hdlr",
                    fullBox("hdlr", 0, 0, be32(0), Array(track.handler.utf8), [UInt8](repeating: 0, count: 13))
                ),
                box("minf", box("stbl", unless("stsd", description)))
            )
        )
    }
}

@Suite struct MovieInitializationTests {
    private func movie(_ builder: SectionBuilder) throws -> MovieInitialization {
        try MovieInitialization(builder.bytes[...])
    }

    @Test("tracks, scales, defaults, in boxes of both versions", arguments: [0, 1] as [UInt8])
    func tracks(_ version: UInt8) throws {
        var builder = SectionBuilder(version: version)
        builder.tracks = [
            .init(id: 7, defaults: (2, 3000, 17, 0x1_0000)),
            .init(id: 9, handler: "soun", scale: 48_000, entries: [box("mp4a", [UInt8](repeating: 0, count: 28))]),
        ]
        let movie = try movie(builder)
        #expect(movie.tracks.map(\.id) == [7, 9])
        #expect(movie.tracks.map(\.handler) == ["vide", "soun"])
        #expect(movie.tracks.map(\.timescale) == [90_000, 48_000])
        #expect(movie.tracks[0].defaults == .init(descriptionIndex: 2, duration: 3000, size: 17, flags: 0x1_0000))
        #expect(movie.tracks[1].defaults == .init())
        #expect(movie.tracks.map(\.entries.count) == [1, 1])
        builder.extends = false
        #expect(try self.movie(builder).tracks[0].defaults == .init())
    }

    @Test(
        "an edit list moves presentation: the media's start less the empty edit before it",
        arguments: [
            ([(0, 3000)], 3000), ([(500, -1), (0, 3000)], 3000 - 45_000), ([(500, -1), (500, -1), (0, 0)], -90_000),
            ([(0, 0)], 0), ([(500, -1)], 0), ([(1, 10), (1, 20)], 10), ([], 0),
        ] as [([(Int, Int)], Int64)]
    )
    func edits(_ edits: [(Int, Int)], _ shift: Int64) throws {
        for version: UInt8 in [0, 1] {
            var builder = SectionBuilder()
            builder.tracks = [.init(edits: edits.map { (duration: $0.0, start: $0.1) }, editVersion: version)]
            #expect(try movie(builder).tracks[0].presentationShift == shift)
        }
    }

    @Test("an edit list of absurd values neither traps nor counts")
    func absurdEdits() throws {
        var builder = SectionBuilder()
        builder.tracks = [.init(edits: [(-1, -1), (-1, .max)], editVersion: 1)]
        _ = try movie(builder)
        builder.tracks = [.init(edits: [(.max, -1), (.max, -1), (0, .max)], editVersion: 1)]
        _ = try movie(builder)
    }

    @Test("what is missing is named; a track that lacks something does not take the others along")
    func missing() throws {
        #expect(throws: DamagedBoxes.self) { try MovieInitialization(box("ftyp")[...]) }
        #expect(throws: DamagedBoxes.self) { try MovieInitialization([]) }
        var builder = SectionBuilder()
        #expect(throws: DamagedBoxes("its moov box has no tracks")) { try movie(builder) }
        builder.movieScale = 0
        builder.tracks = [.init()]
        #expect(throws: DamagedBoxes("its moov box has no usable mvhd box")) { try movie(builder) }
        builder.movieScale = 1000
        for name in ["tkhd", "mdhd", "hdlr", "stsd"] {
            builder.tracks = [.init(id: 1, leftOut: [name])]
            #expect(throws: DamagedBoxes.self, "\(name)") { try movie(builder) }
            builder.tracks = [.init(id: 1, handler: "meta", leftOut: [name]), .init(id: 2)]
            #expect(try movie(builder).tracks.map(\.id) == [2], "\(name)")
        }
        builder.tracks = [.init(scale: 0)]
        #expect(throws: DamagedBoxes.self) { try movie(builder) }
        builder.tracks = (0...MovieInitialization.maximumTracks).map { .init(id: $0) }
        #expect(throws: DamagedBoxes.self) { try movie(builder) }
    }

    @Test("any cut and any changed byte is an error or a value, never a trap", arguments: 0..<20 as Range<UInt64>)
    func damaged(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var builder = SectionBuilder()
        builder.tracks = [.init(edits: [(500, -1), (0, 10)]), .init(id: 2, handler: "soun", scale: 44_100)]
        let bytes = builder.bytes
        if seed == 0 { for count in 0..<bytes.count { _ = try? MovieInitialization(bytes[..<count]) } }
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: 0..<damaged.count, using: &generator)
                damaged[index] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator) ?? 0
            }
            _ = try? MovieInitialization(damaged[...])
        }
    }
}

@Suite struct SampleEntryTests {
    private static let keyID = (0..<16).map { UInt8($0 + 0x10) }

    private func entry(_ bytes: [UInt8], _ handler: FourCC = "vide") throws -> SampleEntry {
        var list = BoxList(bytes[...])
        let first = list.next()
        return SampleEntry(try #require(first), handler: handler)
    }

    private func information(_ format: String, _ scheme: String, _ track: [UInt8]) -> [UInt8] {
        box(
            "sinf",
            box("frma", Array(format.utf8)),
            fullBox("schm", 0, 0, Array(scheme.utf8), be32(0x1_0000)),
            box("schi", track)
        )
    }

    @Test("a clear entry is kept as it is; hev1 goes out as hvc1")
    func clear() throws {
        let bytes = box("avc3", [UInt8](repeating: 1, count: 78), box("avcC", [1]), box("pasp", [2]))
        let avc = try entry(bytes)
        #expect(avc.protection == nil)
        #expect(avc.outputBytes == bytes)
        let hevc = try entry(box("hev1", [UInt8](repeating: 0, count: 78), box("hvcC", [1])))
        #expect(hevc.outputBytes == box("hvc1", [UInt8](repeating: 0, count: 78), box("hvcC", [1])))
        #expect(hevc.codingFormat == "hev1")
    }

    @Test(
        "protection is taken off, whatever the entry's fields are",
        arguments: [("encv", "hev1", "vide", 78), ("enca", "mp4a", "soun", 28), ("enct", "stpp", "subt", 8)]
    )
    func protected(_ type: String, _ format: String, _ handler: String, _ fields: Int) throws {
        let track = fullBox("tenc", 1, 0, [0, 0x19, 1, 0], Self.keyID, [16], Self.keyID)
        let head = [UInt8](repeating: 0, count: fields)
        let entry = try entry(
            box(type, head, box("abcd", [5]), information(format, "cbcs", track), box("efgh", [6])),
            FourCC(stringLiteral: handler)
        )
        #expect(entry.codingFormat == FourCC(stringLiteral: format))
        #expect(entry.clearBytes == box(format, head, box("abcd", [5]), box("efgh", [6])))
        let protection = try #require(entry.protection)
        #expect(protection.scheme == "cbcs")
        let encryption = protection.encryption
        #expect(encryption.isProtected && encryption.vectorBytes == 0 && encryption.keyID == Self.keyID)
        #expect(encryption.encryptedBlocks == 1 && encryption.clearBlocks == 9)
        #expect(encryption.constantVector == Self.keyID)
    }

    @Test(
        "QuickTime's audio entries of version 1 and 2 have more fields",
        arguments: [(0, 28), (1, 44), (2, 64)]
    )
    func quickTime(_ version: Int, _ fields: Int) throws {
        var head = [UInt8](repeating: 0, count: fields)
        head[9] = UInt8(version)
        let track = fullBox("tenc", 0, 0, [0, 0, 1, 8], Self.keyID)
        let entry = try entry(box("enca", head, information("mp4a", "cenc", track), box("esds", [9])), "soun")
        #expect(entry.clearBytes == box("mp4a", head, box("esds", [9])))
        #expect(entry.protection?.encryption.vectorBytes == 8)
        // Version 0 of tenc has no pattern.
        #expect(entry.protection?.encryption.encryptedBlocks == 0)
    }

    @Test("what tenc says of nothing or nonsense is no protection that is known")
    func nonsense() throws {
        for track in [
            fullBox("tenc", 0, 0, [0, 0, 1, 7], Self.keyID),
            fullBox("tenc", 0, 0, [0, 0, 1, 8], Array(Self.keyID.prefix(15))),
            fullBox("tenc", 1, 0, [0, 0x19, 1, 0], Self.keyID, [9], Self.keyID),
            box("tenc"), [],
        ] {
            let entry = try entry(box("encv", [UInt8](repeating: 0, count: 78), information("avc1", "cenc", track)))
            #expect(entry.protection == nil)
            #expect(entry.codingFormat == "avc1")
        }
        #expect(try entry(box("encv", [1, 2, 3])).codingFormat == "encv")
    }

    @Test("sample groups")
    func group() {
        let entry = SampleEncryptionDefaults(groupEntry: ([0, 0x21, 1, 16] + Self.keyID)[...])
        #expect(entry?.encryptedBlocks == 2 && entry?.clearBlocks == 1 && entry?.vectorBytes == 16)
        #expect(SampleEncryptionDefaults(groupEntry: ([0, 0, 0, 0] + Self.keyID)[...])?.isProtected == false)
        #expect(SampleEncryptionDefaults(groupEntry: [0, 0][...]) == nil)
    }
}
