import CFFmpeg

/// A Media Initialization Section, understood: its tracks, and for each sample entry what the output must know of it.
/// Confined to the thread `remux`.
///
/// The boxes are read here; libavformat is shown one sample entry at a time, without media, and says what its codec
/// configuration means.
final class MovieFormats {
    let section: InitializationSection?
    let movie: MovieInitialization
    /// The section, or the `moov` box alone.
    let bytes: [UInt8]
    private var formats: [EntryAddress: TrackFormat?] = [:]
    private var inBandReaders: [EntryAddress: InBandReader] = [:]

    private struct EntryAddress: Hashable {
        var trackID: UInt32
        var index: Int
    }

    /// - Parameter section: the section that the bytes come from; `nil` where a segment brought its own `moov`.
    /// - Throws: ``DamagedBoxes``.
    init(_ bytes: [UInt8], section: InitializationSection?) throws(DamagedBoxes) {
        self.section = section
        self.bytes = bytes
        movie = try MovieInitialization(bytes[...])
    }

    /// The kind of a track that is carried into the output; `nil` for others.
    static func kind(of track: MovieInitialization.Track) -> TrackFormat.Kind? {
        switch track.handler {
        case "vide": .video
        case "soun": .audio
        default: nil
        }
    }

    /// The clock of a track's samples.
    static func clock(of track: MovieInitialization.Track) -> MediaClock {
        MediaClock(scale: TimeScale(Int64(track.timescale)), origin: .count)
    }

    /// What a sample entry says; `nil` where libavformat does not understand it.
    ///
    /// - Parameter index: counted from 1, as in `tfhd`.
    func format(of track: MovieInitialization.Track, entry index: UInt32) throws(FFmpegError) -> TrackFormat? {
        let position = Int(index) - 1
        guard track.entries.indices.contains(position) else { return nil }
        let address = EntryAddress(trackID: track.id, index: position)
        if let known = formats[address] { return known }
        let format = try read(track.entries[position], of: track)
        formats[address] = format
        return format
    }

    /// What reads the parameter sets of a track whose sample entry lacks them (`avc3` and `hev1` may, ISO/IEC 14496-15
    /// §5.3.3, §8.3.3); `nil`: they are in the sample entry. It is the same for all segments of the section.
    func inBandReader(
        of track: MovieInitialization.Track,
        entry index: UInt32
    ) throws(FFmpegError) -> InBandReader? {
        let address = EntryAddress(trackID: track.id, index: Int(index) - 1)
        if let known = inBandReaders[address] { return known }
        guard let format = try format(of: track, entry: index), let configuration = format.configuration,
            !configuration.isComplete(hevc: format.codec == AV_CODEC_ID_HEVC)
        else { return nil }
        let reader = InBandReader(codec: format.codec, configuration, scale: Self.clock(of: track).scale)
        inBandReaders[address] = reader
        return reader
    }

    private func read(_ entry: SampleEntry, of track: MovieInitialization.Track) throws(FFmpegError) -> TrackFormat? {
        guard let kind = Self.kind(of: track), let movie = SingleEntryMovie(bytes, track: track.id, entry: entry) else {
            return nil
        }
        var rest = movie.bytes[...]
        let demuxer = try Demuxer(format: "mov") { buffer in
            let count = min(rest.count, buffer.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        guard let (parameters, _) = demuxer.stream(0), parameters.codec_id != AV_CODEC_ID_NONE else { return nil }
        var format = TrackFormat(kind: kind, parameters: parameters)
        format.mediaScale = Self.clock(of: track).scale
        format.sampleEntry = entry.outputBytes
        return format
    }
}

/// A movie of one track with one sample entry and no media: what libavformat needs to read a codec's configuration.
private struct SingleEntryMovie {
    var bytes: [UInt8]

    init?(_ section: [UInt8], track id: UInt32, entry: SampleEntry) {
        guard let movie = BoxList.first("moov", in: section[...]), let header = Self.box("mvhd", in: movie) else {
            return nil
        }
        let track = BoxList(movie).first { candidate in
            guard candidate.type == "trak", let header = BoxList.first("tkhd", in: candidate.payload) else {
                return false
            }
            return header.read32(at: header.first == 1 ? 20 : 12) == id
        }
        guard let track, let trackHeader = Self.box("tkhd", in: track.payload),
            let media = BoxList.first("mdia", in: track.payload), let mediaHeader = Self.box("mdhd", in: media),
            let handler = Self.box("hdlr", in: media)
        else { return nil }
        let description = Box(type: "stsd", payload: [0, 0, 0, 0, 0, 0, 0, 1] + entry.clearBytes)
        let none = [UInt8](repeating: 0, count: 8)
        let table = Box(
            type: "stbl",
            children: [
                description, Box(type: "stts", payload: none), Box(type: "stsc", payload: none),
                Box(type: "stsz", payload: none + [0, 0, 0, 0]), Box(type: "stco", payload: none),
            ]
        )
        let rebuilt = Box(
            type: "moov",
            children: [
                header,
                Box(
                    type: "trak",
                    children: [
                        trackHeader,
                        Box(
                            type: "mdia",
                            children: [mediaHeader, handler, Box(type: "minf", children: [table])]
                        ),
                    ]
                ),
            ]
        )
        bytes = []
        Box(type: "ftyp", payload: Array("iso6".utf8) + [0, 0, 0, 1] + Array("iso6".utf8)).write(to: &bytes)
        rebuilt.write(to: &bytes)
    }

    private static func box(_ type: FourCC, in bytes: ArraySlice<UInt8>) -> Box? {
        BoxList.first(type, in: bytes).map { Box(type: type, payload: Array($0)) }
    }
}
