/// The byte-level layout of a fragmented MP4, behind libavformat's muxer: knows top-level boxes only.
///
/// ```
/// ftyp  moov (64-bit durations, edit lists of ours)  free (reserve)  [moof mdat]…
/// ```
/// At the end, where the sink can be patched, the reserve becomes one `sidx` per track and the durations are filled in.
/// On a pipe there is neither reserve nor `mehd`; the fragments are the same bytes. Confined to the thread `remux`.
final class FragmentedLayout {
    private enum State {
        case header
        case collecting(remaining: Int)
        case passing(remaining: UInt64)
    }

    private let sink: any ByteSink
    private let edits: [TrackEdit]
    private let disabledTracks: Set<Int>
    private let sampleEntries: [[UInt8]?]
    private let plannedFragments: Int?
    /// Those planned; at the end, where the sink can be patched, those that came of it.
    private var chapters: [Chapter]
    private var state = State.header
    private var collected: [UInt8] = []
    private var header: MovieHeader?
    private var headerOffset: UInt64 = 0
    private var reserve: (offset: UInt64, bytes: Int)?
    private var index = SegmentIndex()
    private var ends: [UInt32: (decode: UInt64, composition: Int64)] = [:]
    /// Bytes given to the sink.
    private(set) var position: UInt64 = 0

    /// - Parameters:
    ///   - edits: the edit list of each track, in the order of the tracks.
    ///   - disabledTracks: tracks that are shown only when they are chosen, by their place in that order.
    ///   - sampleEntries: those that replace libavformat's, in the same order.
    ///   - chapters: as they are planned.
    ///   - plannedFragments: how many references to reserve for; `nil` where the length is not known.
    init(
        sink: any ByteSink,
        edits: [TrackEdit],
        disabledTracks: Set<Int>,
        sampleEntries: [[UInt8]?],
        chapters: [Chapter] = [],
        plannedFragments: Int?
    ) {
        self.chapters = chapters
        self.disabledTracks = disabledTracks
        self.sink = sink
        self.edits = edits
        self.sampleEntries = sampleEntries
        self.plannedFragments = plannedFragments
    }

    /// Takes the next bytes of libavformat's output, in any portions.
    func accept(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .header:
                try readHeader(&rest)
            case .collecting(let remaining):
                let taken = min(remaining, rest.count)
                collected += rest.prefix(taken)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
                state = .collecting(remaining: remaining - taken)
                if taken == remaining { try finishCollecting() }
            case .passing(let remaining):
                let taken = Int(min(remaining, UInt64(rest.count)))
                try write(UnsafeRawBufferPointer(rebasing: rest.prefix(taken)))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
                state = remaining == UInt64(taken) ? .header : .passing(remaining: remaining - UInt64(taken))
            }
        }
    }

    /// The chapters with their exact times, as many as were planned; before ``finish()``.
    func setChapters(_ exact: [Chapter]) {
        if exact.map(\.title) == chapters.map(\.title) { chapters = exact }
    }

    /// Writes index and durations into what was reserved, where the sink allows it.
    func finish() throws {
        guard let header, !index.fragments.isEmpty else { return }
        if let reserve,
            let boxes = index.boxes(
                tracks: header.tracks,
                start: reserve.offset,
                end: position,
                capacity: reserve.bytes
            )
        {
            try sink.patch(boxes, at: reserve.offset)
        }
        guard header.fragmentDurationOffset != nil else { return }
        if let offset = header.chapterListOffset {
            try sink.patch(ChapterList.box(chapters), at: headerOffset + UInt64(offset))
        }
        for patch in durationPatches(header) {
            try sink.patch(patch.bytes, at: headerOffset + UInt64(patch.offset))
        }
    }

    // MARK: - Boxes

    private func readHeader(_ rest: inout UnsafeRawBufferPointer) throws {
        let needed = collected.count >= 8 && collected.read32(at: 0) == 1 ? 16 : 8
        let taken = min(needed - collected.count, rest.count)
        collected += rest.prefix(taken)
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
        guard collected.count >= 8, let size32 = collected.read32(at: 0), let code = collected.read32(at: 4) else {
            return
        }
        if size32 == 1, collected.count < 16 { return }
        let size = size32 == 1 ? collected.read64(at: 8) ?? 0 : UInt64(size32)
        guard size >= UInt64(collected.count) else { throw LayoutError.impossibleSize(FourCC(code)) }
        let remaining = size - UInt64(collected.count)
        switch FourCC(code) {
        case "moov", "moof":
            state = .collecting(remaining: Int(clamping: remaining))
        default:
            try write(collected)
            collected = []
            state = remaining == 0 ? .header : .passing(remaining: remaining)
        }
    }

    private func finishCollecting() throws {
        let box = collected
        collected = []
        state = .header
        if box.read32(at: 4) == FourCC("moov").value {
            try writeMovie(box)
        } else {
            guard let fragment = MovieFragment(box) else { throw LayoutError.unreadable("moof") }
            index.append(SegmentIndex.Fragment(offset: position, runs: fragment.runs))
            for run in fragment.runs {
                let end = ends[run.trackID] ?? (0, 0)
                ends[run.trackID] = (run.decodeTime &+ run.duration, max(end.composition, run.compositionEnd))
            }
            try write(box)
        }
    }

    private func writeMovie(_ box: [UInt8]) throws {
        let canPatch = sink.patchableLength > 0
        let movie = MovieHeader(
            box,
            edits: edits,
            disabledTracks: disabledTracks,
            sampleEntries: sampleEntries,
            chapterList: chapters.isEmpty ? [] : ChapterList.box(chapters),
            hasPatchableDurations: canPatch
        )
        guard let movie else { throw LayoutError.unreadable("moov") }
        header = movie
        headerOffset = position
        try write(movie.bytes)
        guard canPatch, let plannedFragments else { return }
        let capacity = SegmentIndex.reserve(trackCount: movie.tracks.count, fragmentCount: plannedFragments)
        guard sink.patchableLength >= position + UInt64(capacity) else { return }
        var free: [UInt8] = []
        free.append32(UInt32(clamping: capacity))
        free.append(code: "free")
        free += [UInt8](repeating: 0, count: capacity - 8)
        reserve = (position, capacity)
        try write(free)
    }

    // MARK: - Durations

    private func durationPatches(_ header: MovieHeader) -> [(bytes: [UInt8], offset: Int)] {
        var patches: [(bytes: [UInt8], offset: Int)] = []
        func patch(_ value: UInt64, at offset: Int) {
            var bytes: [UInt8] = []
            bytes.append64(value)
            patches.append((bytes, offset))
        }
        var movieTicks: Int64 = 0
        for track in header.tracks {
            let end = ends[track.id] ?? (0, 0)
            let scale = TimeScale(Int64(track.timescale))
            let ticks = track.edit.shownMovieTicks(compositionEnd: end.composition, scale: scale)
            if let offset = track.editDurationOffset {
                patch(UInt64(max(1, ticks &- track.edit.emptyMovieTicks)), at: offset)
            }
            movieTicks = max(movieTicks, ticks)
            patch(UInt64(max(0, ticks)), at: track.trackDurationOffset)
            patch(end.decode, at: track.mediaDurationOffset)
        }
        patch(UInt64(movieTicks), at: header.movieDurationOffset)
        if let offset = header.fragmentDurationOffset { patch(UInt64(movieTicks), at: offset) }
        return patches
    }

    private func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.write(bytes)
        position += UInt64(bytes.count)
    }
}

/// libavformat wrote boxes that are not what this layout relies on: a mistake of ours or a new libavformat.
enum LayoutError: Error, Equatable, CustomStringConvertible {
    case impossibleSize(FourCC)
    case unreadable(FourCC)

    var description: String {
        switch self {
        case .impossibleSize(let type): "libavformat wrote a '\(type)' box of impossible size"
        case .unreadable(let type): "libavformat wrote a '\(type)' box that does not read back"
        }
    }
}
