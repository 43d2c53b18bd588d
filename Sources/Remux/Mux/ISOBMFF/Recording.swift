/// A recording read from its file alone: where its boxes stand, and what its whole fragments hold.
///
/// ```
/// ftyp  free (front space)  moov  free or sidx… (reserve)  [uuid] moof mdat …
/// ```
/// Boxes of other types before a `moof` belong to its fragment.
struct Recording {
    /// Top-level boxes in front of the fragments.
    struct Front {
        var space: FrontSpace
        var movieOffset: UInt64
        /// The last `free` box between `moov` and the first fragment, or the `sidx` boxes there and what is behind them.
        var reserve: (offset: UInt64, byteCount: Int)?
        var hasIndex = false
    }

    private(set) var front: Front
    private(set) var movie: Box
    private(set) var header: MovieHeader
    private(set) var index = SegmentIndex()
    private(set) var ends = TrackEnds()
    /// Behind the last whole fragment: all that can be kept.
    private(set) var end: UInt64
    private(set) var sampleCount = 0

    /// A `moov` or `moof` of more bytes is none of ours.
    private static let maximumCollectedBytes: UInt64 = 64 << 20

    /// Reads a recording.
    ///
    /// - Parameter visit: called with each sample of the whole fragments and the offset of its data in the file.
    /// - Throws: ``RecordingError``, and what the sink throws.
    init(_ file: any StoredSink, visit: (MovieFragment.Sample, UInt64) throws -> Void = { _, _ in }) throws {
        var boxes = FileBoxes(file)
        guard let type = try boxes.next(), type.type == "ftyp" else { throw RecordingError.noRecording }
        let second = try boxes.next()
        switch second?.type {
        case "free":
            break
        case "moov", "mdat", "moof", "sidx", "styp", "pdin":
            // Behind the switch to the flat layout there is no fragment outside `mdat`.
            if let second, try Self.isFlat(second, &boxes) { throw RecordingError.alreadyFlat }
            throw RecordingError.foreign
        default:
            throw second == nil ? RecordingError.cutBeforeMedia : RecordingError.foreign
        }
        guard let space = second, space.end <= file.storedLength, let movieBox = try boxes.next(),
            movieBox.end <= file.storedLength
        else { throw RecordingError.cutBeforeMedia }
        guard movieBox.type == "moov", movieBox.size <= Self.maximumCollectedBytes,
            space.size >= FrontSpace.minimumBytes
        else { throw RecordingError.foreign }
        let bytes = try file.read(Int(movieBox.size), at: movieBox.offset)
        guard let movie = Box(bytes[...]), let header = MovieHeader(written: bytes) else {
            throw RecordingError.foreign
        }
        self.movie = movie
        self.header = header
        front = Front(
            space: FrontSpace(offset: space.offset, byteCount: space.size),
            movieOffset: movieBox.offset
        )
        end = movieBox.end
        try readFragments(&boxes, of: file, visit)
        guard !index.fragments.isEmpty else { throw RecordingError.cutBeforeMedia }
    }

    private mutating func readFragments(
        _ boxes: inout FileBoxes,
        of file: any StoredSink,
        _ visit: (MovieFragment.Sample, UInt64) throws -> Void
    ) throws {
        let defaults = Self.defaults(movie)
        var isFront = true
        while let box = try boxes.next(), box.end <= file.storedLength {
            switch box.type {
            case "free" where isFront, "sidx" where isFront:
                let isFirst = front.reserve == nil || !front.hasIndex
                front.hasIndex = front.hasIndex || box.type == "sidx"
                let offset = isFirst ? box.offset : front.reserve?.offset ?? box.offset
                front.reserve = (offset, Int(clamping: box.end - offset))
            case "moof":
                isFront = false
                guard box.size <= Self.maximumCollectedBytes, let data = try boxes.next(), data.type == "mdat",
                    data.end <= file.storedLength
                else { return }
                let bytes = try file.read(Int(box.size), at: box.offset)
                let payload = Int64(clamping: data.payload - box.offset)..<Int64(clamping: data.end - box.offset)
                var isInside = true
                var samples: [MovieFragment.Sample] = []
                let fragment = MovieFragment(bytes, defaults: defaults) { sample in
                    let last = sample.offset &+ Int64(sample.size)
                    isInside = isInside && sample.offset >= payload.lowerBound && last <= payload.upperBound
                    samples.append(sample)
                }
                guard let fragment, isInside else { return }
                for sample in samples { try visit(sample, box.offset &+ UInt64(clamping: sample.offset)) }
                append(fragment, at: box.offset)
                sampleCount += samples.count
                end = data.end
            default:
                isFront = false
            }
        }
    }

    private mutating func append(_ fragment: MovieFragment, at offset: UInt64) {
        for run in fragment.runs where !ends.hasBegun(run.trackID) {
            guard let track = header.tracks.firstIndex(where: { $0.id == run.trackID }) else { continue }
            let mediaTime = header.tracks[track].edit.mediaTime
            header.tracks[track].edit.hiddenTicks = max(0, mediaTime &- run.compositionStart)
        }
        ends.add(fragment)
        index.append(SegmentIndex.Fragment(offset: offset, runs: fragment.runs))
    }

    private static func defaults(_ movie: Box) -> [UInt32: MovieFragment.Defaults] {
        var defaults: [UInt32: MovieFragment.Defaults] = [:]
        for box in movie.first("mvex")?.children ?? [] where box.type == "trex" {
            var reader = ByteReader(box.payload.dropFirst(4))
            guard let id = reader.read32(), let description = reader.read32(), let duration = reader.read32(),
                let size = reader.read32(), let flags = reader.read32()
            else { continue }
            defaults[id] = MovieFragment.Defaults(
                descriptionIndex: description,
                duration: duration,
                size: size,
                flags: flags
            )
        }
        return defaults
    }

    /// `moov free mdat` or `mdat moov`, whole, and nothing else: what the switch-over makes.
    private static func isFlat(_ second: FileBoxes.Entry, _ boxes: inout FileBoxes) throws -> Bool {
        var types = [second.type]
        var last = second
        while types.count < 4, let box = try boxes.next() {
            types.append(box.type)
            last = box
        }
        return last.end == boxes.length
            && [["moov", "free", "mdat"], ["moov", "mdat"], ["mdat", "moov"]].contains(types)
    }

    /// What a recording lasts, in movie ticks.
    var movieTicks: Int64 { ends.movieTicks(header) }
}

/// Why a file is no recording that can be finished.
enum RecordingError: Error, Equatable, CustomStringConvertible {
    case noRecording
    case foreign
    case cutBeforeMedia
    /// Whole and in the flat layout.
    case alreadyFlat
    case complete
    case notFragmentedAgain

    var description: String {
        switch self {
        case .noRecording: "it is no MP4"
        case .foreign: "it is an MP4 that hls2mp4 did not begin in a file; ffmpeg -i IN -c copy OUT.mp4 may save it"
        case .cutBeforeMedia: "it was cut off before its first whole movie fragment; there is nothing to save"
        case .alreadyFlat, .complete: "it is complete; there is nothing to repair"
        case .notFragmentedAgain:
            "it is complete, in the flat layout, and does not go back to fragments; ffmpeg -i IN -c copy -movflags "
                + "+frag_keyframe+delay_moov OUT.mp4 makes them"
        }
    }
}
