/// The `moov` box as this program writes it: libavformat's, with 64-bit durations that can be patched at the end.
///
/// libavformat leaves every duration of a fragmented file at 0 and writes no `mehd`; version 0 boxes would overflow after
/// 13 hours at 90 kHz.
struct MovieHeader {
    struct Track: Equatable, Sendable {
        var id: UInt32
        /// Ticks a second (`mdhd`).
        var timescale: UInt32
        var edit: TrackEdit
        /// Offsets of the 64-bit durations in `bytes`: in movie ticks (`tkhd`) and media ticks (`mdhd`).
        var trackDurationOffset: Int
        var mediaDurationOffset: Int
        /// Offset of the 64-bit duration of its media edit, movie ticks; `nil` where the edit runs to the end.
        var editDurationOffset: Int?
        /// Of `hdlr` (§8.4.3): `vide`, `soun`, `sbtl`, `text`, `subt`.
        var handler: FourCC = "vide"
    }

    /// The box, ready to be written.
    private(set) var bytes: [UInt8] = []
    var tracks: [Track] = []
    /// Movie ticks a second (`mvhd`).
    private(set) var timescale: UInt32
    /// Offset of the 64-bit duration in `mvhd`, movie ticks.
    private(set) var movieDurationOffset = 0
    /// Offset of the 64-bit duration in `mehd`; `nil` on a pipe, where it could never be filled in.
    private(set) var fragmentDurationOffset: Int?
    /// Offset of the `chpl` box; `nil` where there is none.
    private(set) var chapterListOffset: Int?

    /// Reads libavformat's `moov` and builds ours; `nil` when it is not one.
    ///
    /// - Parameters:
    ///   - edits: the edit list of each track, in the order of the tracks.
    ///   - disabledTracks: places of tracks whose `track_enabled` flag is taken away; libavformat sets that of the first track
    ///     of each kind, whatever its disposition.
    ///   - sampleEntries: those that replace libavformat's, in the same order.
    ///   - languages: those that replace libavformat's (ISO 639-2/T), in the same order; empty: none do.
    ///   - chapterList: a `chpl` box; empty: none.
    init?(
        _ original: [UInt8],
        edits: [TrackEdit],
        disabledTracks: Set<Int>,
        sampleEntries: [[UInt8]?],
        languages: [String] = [],
        chapterList: [UInt8] = [],
        hasPatchableDurations: Bool
    ) {
        guard var movie = Box(original[...]), movie.type == "moov", let header = movie.first("mvhd")?.payload,
            let timescale = header.read32(at: 12), header.first == 0, timescale > 0
        else { return nil }
        self.timescale = timescale
        var found: [Track] = []
        for index in movie.children.indices {
            switch movie.children[index].type {
            case "mvhd":
                movie.children[index].payload = Self.widenedTimes(header, fixed: 1)
            case "trak":
                if found.count < sampleEntries.count, let entry = sampleEntries[found.count] {
                    Self.replaceSampleEntry(of: &movie.children[index], entry)
                }
                guard found.count < edits.count,
                    let track = Self.rewriteTrack(&movie.children[index], edit: edits[found.count])
                else { return nil }
                if found.count < languages.count {
                    Self.setLanguage(of: &movie.children[index], languages[found.count])
                }
                if disabledTracks.contains(found.count) { Self.disable(&movie.children[index]) }
                found.append(track)
            case "mvex" where hasPatchableDurations:
                let durations = Box(type: "mehd", payload: [1, 0, 0, 0] + [UInt8](repeating: 0, count: 8))
                movie.children[index].children.insert(durations, at: 0)
            default: break
            }
        }
        if !chapterList.isEmpty {
            if let index = movie.children.firstIndex(where: { $0.type == "udta" }) {
                movie.children[index].payload += chapterList
            } else {
                movie.children.append(Box(type: "udta", payload: chapterList))
            }
        }
        self.tracks = found
        guard locateDurations(in: movie, chapterListCount: chapterList.count) else { return nil }
    }

    /// Reads a `moov` that ``init(_:edits:disabledTracks:sampleEntries:hasPatchableDurations:)`` has built for a sink that
    /// can be patched; `nil` where it is another one.
    ///
    /// What edit lists hide is not known from it: ``TrackEdit/hiddenTicks`` are 0.
    init?(written: [UInt8]) {
        guard let movie = Box(written[...]), movie.type == "moov", let header = movie.first("mvhd")?.payload,
            header.first == 1, header.count >= 32, let timescale = header.read32(at: 20),
            Int64(timescale) == TrackEdit.movieScale.ticksPerSecond,
            movie.first(path: "mvex", "mehd")?.payload.first == 1
        else { return nil }
        self.timescale = timescale
        for box in movie.children where box.type == "trak" {
            guard let track = Self.readTrack(box) else { return nil }
            tracks.append(track)
        }
        guard !tracks.isEmpty, locateDurations(in: movie), bytes == written else { return nil }
    }

    private static func readTrack(_ trak: Box) -> Track? {
        guard let header = trak.first("tkhd")?.payload, header.first == 1, header.count >= 36,
            let id = header.read32(at: 20), let media = trak.first(path: "mdia", "mdhd")?.payload,
            media.first == 1, media.count >= 32, let timescale = media.read32(at: 20), timescale > 0,
            let handler = trak.first(path: "mdia", "hdlr")?.payload.read32(at: 8),
            trak.first(path: "mdia", "minf", "stbl", "stsd") != nil,
            let edit = TrackEdit(reading: trak.first("edts"))
        else { return nil }
        return Track(
            id: id,
            timescale: timescale,
            edit: edit,
            trackDurationOffset: 0,
            mediaDurationOffset: 0,
            handler: FourCC(handler)
        )
    }

    /// Writes the box and finds the durations in it; `false` where a track lacks one.
    private mutating func locateDurations(in movie: Box, chapterListCount: Int = 0) -> Bool {
        var written: [UInt8] = []
        var listOffset: Int?
        var offsets: (movie: Int, extends: Int?, track: [Int], media: [Int]) = (0, nil, [], [])
        var editOffsets: [Int: Int] = [:]
        movie.write(to: &written) { box, payload in
            switch box.type {
            case "mvhd": offsets.movie = payload + 24
            case "mehd": offsets.extends = payload + 4
            case "tkhd": offsets.track.append(payload + 28)
            case "elst": editOffsets[offsets.track.count - 1] = payload
            case "mdhd": offsets.media.append(payload + 24)
            case "udta" where chapterListCount > 0: listOffset = payload + box.payload.count - chapterListCount
            default: break
            }
        }
        chapterListOffset = listOffset
        guard offsets.track.count == tracks.count, offsets.media.count == tracks.count else { return false }
        for index in tracks.indices {
            tracks[index].trackDurationOffset = offsets.track[index]
            tracks[index].mediaDurationOffset = offsets.media[index]
            if let list = editOffsets[index], let duration = tracks[index].edit.durationOffset {
                tracks[index].editDurationOffset = list + duration
            }
        }
        bytes = written
        movieDurationOffset = offsets.movie
        fragmentDurationOffset = offsets.extends
        return true
    }

    /// A version 0 header of 32-bit creation, modification, `fixed` words, duration, as version 1 (§8.2.2, §8.4.2).
    ///
    /// `mvhd` and `mdhd` have one word (timescale) between the times and the duration, `tkhd` two (track ID, reserved).
    private static func widenedTimes(_ payload: [UInt8], fixed: Int) -> [UInt8] {
        guard payload.first == 0, payload.count >= 12 + 4 * fixed + 4 else { return payload }
        var wide: [UInt8] = [1] + payload[1..<4]
        wide.append64(UInt64(payload.read32(at: 4) ?? 0))
        wide.append64(UInt64(payload.read32(at: 8) ?? 0))
        wide += payload[12..<(12 + 4 * fixed)]
        wide.append64(UInt64(payload.read32(at: 12 + 4 * fixed) ?? 0))
        wide += payload[(12 + 4 * fixed + 4)...]
        return wide
    }

    /// Takes the flag `track_enabled` (§8.3.2) away.
    private static func disable(_ trak: inout Box) {
        guard let header = trak.children.firstIndex(where: { $0.type == "tkhd" }),
            trak.children[header].payload.count > 3
        else { return }
        trak.children[header].payload[3] &= ~1
    }

    /// The language of a `mdhd` of version 1 (§8.4.2.3): three letters of five bits. QuickTime takes these besides numbers of
    /// its own, of which libavformat knows some.
    private static func setLanguage(of trak: inout Box, _ code: String) {
        let packed = code.utf8.prefix(3).reduce(UInt16(0)) { $0 << 5 | UInt16($1 & 0x1F) }
        trak.change(path: ["mdia", "mdhd"]) { header in
            guard header.payload.count >= 34 else { return }
            header.payload.replaceSubrange(32..<34, with: [UInt8(packed >> 8), UInt8(packed & 0xFF)])
        }
    }

    private static func replaceSampleEntry(of track: inout Box, _ entry: [UInt8]) {
        track.change(path: ["mdia", "minf", "stbl", "stsd"]) { description in
            description.payload = [0, 0, 0, 0, 0, 0, 0, 1] + entry
        }
        // Text of other kinds than libavformat's has another handler, and TTML another media header (ISO/IEC 14496-30 §5.3,
        // §7.3).
        guard let type = entry.read32(at: 4), let handler = Self.textHandlers[FourCC(type)] else { return }
        track.change(path: ["mdia", "hdlr"]) { box in
            guard box.payload.count >= 12 else { return }
            var code: [UInt8] = []
            code.append(code: handler)
            box.payload.replaceSubrange(8..<12, with: code)
        }
        if handler == "subt" { track.change(path: ["mdia", "minf", "nmhd"]) { $0.type = "sthd" } }
    }

    private static let textHandlers: [FourCC: FourCC] = ["wvtt": "text", "stpp": "subt"]

    /// Handlers of tracks that are text.
    static let textTracks: Set<FourCC> = ["sbtl", "text", "subt"]

    private static func rewriteTrack(_ trak: inout Box, edit: TrackEdit) -> Track? {
        guard let header = trak.first("tkhd")?.payload, header.first == 0, let id = header.read32(at: 12),
            let media = trak.first(path: "mdia", "mdhd")?.payload, media.first == 0,
            let timescale = media.read32(at: 12), timescale > 0,
            let handler = trak.first(path: "mdia", "hdlr")?.payload.read32(at: 8)
        else { return nil }
        for index in trak.children.indices {
            switch trak.children[index].type {
            case "tkhd":
                trak.children[index].payload = widenedTimes(header, fixed: 2)
            case "mdia":
                for inner in trak.children[index].children.indices
                where trak.children[index].children[inner].type == "mdhd" {
                    trak.children[index].children[inner].payload = widenedTimes(media, fixed: 1)
                }
            default: break
            }
        }
        trak.children.removeAll { $0.type == "edts" }
        if let list = edit.box {
            let behindHeader = (trak.children.firstIndex { $0.type == "tkhd" } ?? -1) + 1
            trak.children.insert(list, at: behindHeader)
        }
        return Track(
            id: id,
            timescale: timescale,
            edit: edit,
            trackDurationOffset: 0,
            mediaDurationOffset: 0,
            handler: FourCC(handler)
        )
    }
}
