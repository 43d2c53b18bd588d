/// What a Media Initialization Section says (RFC 8216bis §3.1.2; `moov` of ISO/IEC 14496-12 §8.2): the tracks and what
/// their movie fragments leave out. Pure.
struct MovieInitialization: Equatable {
    /// A track of the movie.
    struct Track: Equatable {
        var id: UInt32
        /// `vide`, `soun`, `text`, `subt` …
        var handler: FourCC
        /// Ticks a second.
        var timescale: UInt32
        var entries: [SampleEntry]
        /// Media ticks from a composition time to its presentation, taken off by the edit list: its media time less the
        /// empty edit before it.
        var presentationShift: Int64
        /// What movie fragments need not repeat (`trex`).
        var defaults = FragmentDefaults()
        /// The sample groups of type `seig` that its sample table describes.
        var encryptionGroups: [SampleEncryptionDefaults] = []
    }

    /// The fields of `trex`, which `tfhd` may replace.
    struct FragmentDefaults: Equatable {
        var descriptionIndex: UInt32 = 1
        var duration: UInt32 = 0
        var size: UInt32 = 0
        var flags: UInt32 = 0
    }

    var tracks: [Track]

    static let maximumTracks = 64

    /// Reads a section, that is its top-level boxes.
    ///
    /// - Throws: ``DamagedBoxes`` naming the box that is missing or contradicts itself.
    init(_ section: ArraySlice<UInt8>) throws(DamagedBoxes) {
        guard let movie = BoxList.first("moov", in: section) else {
            throw DamagedBoxes("it has no moov box")
        }
        guard let header = BoxList.first("mvhd", in: movie), let movieScale = Self.timescale(header), movieScale > 0
        else {
            throw DamagedBoxes("its moov box has no usable mvhd box")
        }
        tracks = []
        var unusable: DamagedBoxes?
        for entry in BoxList(movie) where entry.type == "trak" {
            guard tracks.count < Self.maximumTracks else {
                throw DamagedBoxes("it has more than \(Self.maximumTracks) tracks")
            }
            do throws(DamagedBoxes) {
                tracks.append(try Self.track(entry.payload, movieScale: movieScale))
            } catch {
                // Data tracks of some packagers lack half of it; the others can be read all the same.
                unusable = error
            }
        }
        guard !tracks.isEmpty else { throw unusable ?? DamagedBoxes("its moov box has no tracks") }
        readDefaults(movie)
    }

    private static func track(_ box: ArraySlice<UInt8>, movieScale: UInt32) throws(DamagedBoxes) -> Track {
        guard let header = BoxList.first("tkhd", in: box), let id = trackID(header),
            let media = BoxList.first("mdia", in: box),
            let timescale = BoxList.first("mdhd", in: media).flatMap(timescale), timescale > 0,
            let handler = BoxList.first("hdlr", in: media)?.read32(at: 8).map(FourCC.init)
        else { throw DamagedBoxes("a trak box lacks what it needs (tkhd, mdhd, hdlr)") }
        guard let description = BoxList.first(path: "minf", "stbl", "stsd", in: media) else {
            throw DamagedBoxes("track \(id) has no stsd box")
        }
        let entries = BoxList(description.dropFirst(8)).prefix(SampleEntry.maximumCount)
        return Track(
            id: id,
            handler: handler,
            timescale: timescale,
            entries: entries.map { SampleEntry($0, handler: handler) },
            presentationShift: shift(BoxList.first(path: "edts", "elst", in: box), timescale, movieScale),
            encryptionGroups: SampleGroups.descriptions(in: BoxList.first(path: "minf", "stbl", in: media) ?? [])
        )
    }

    /// `mvhd` and `mdhd` hold it at the same place.
    private static func timescale(_ header: ArraySlice<UInt8>) -> UInt32? {
        header.read32(at: header.first == 1 ? 20 : 12)
    }

    private static func trackID(_ header: ArraySlice<UInt8>) -> UInt32? {
        header.read32(at: header.first == 1 ? 20 : 12)
    }

    /// §8.6.6: an empty edit first, if any, then the media's start. Later edits belong to editing, not to streams.
    private static func shift(_ list: ArraySlice<UInt8>?, _ timescale: UInt32, _ movieScale: UInt32) -> Int64 {
        guard let list else { return 0 }
        let isLong = list.first == 1
        var reader = ByteReader(list.dropFirst(4))
        guard let count = reader.read32() else { return 0 }
        var empty: Int64 = 0
        for _ in 0..<min(count, 16) {
            let duration = isLong ? reader.read64() : reader.read32().map(UInt64.init)
            let start =
                isLong
                ? reader.read64().map { Int64(bitPattern: $0) }
                : reader.read32().map { Int64(Int32(bitPattern: $0)) }
            guard let duration, let start, reader.skip(4) else { return 0 }
            if start >= 0 { return start &- empty }
            let ticks = Int64(clamping: duration)
            empty &+= TimeScale(Int64(movieScale)).convert(ticks, to: TimeScale(Int64(timescale)))
        }
        return 0
    }

    private mutating func readDefaults(_ movie: ArraySlice<UInt8>) {
        guard let extends = BoxList.first("mvex", in: movie) else { return }
        for entry in BoxList(extends) where entry.type == "trex" {
            var reader = ByteReader(entry.payload.dropFirst(4))
            guard let id = reader.read32(), let index = reader.read32(), let duration = reader.read32(),
                let size = reader.read32(), let flags = reader.read32()
            else { continue }
            for position in tracks.indices where tracks[position].id == id {
                tracks[position].defaults = FragmentDefaults(
                    descriptionIndex: index,
                    duration: duration,
                    size: size,
                    flags: flags
                )
            }
        }
    }
}

/// Boxes that contradict themselves or lack what they need.
struct DamagedBoxes: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
