/// The byte-level layout of a fragmented MP4, behind libavformat's muxer: knows top-level boxes only.
///
/// ```
/// ftyp  free (front space)  moov (64-bit durations, edit lists of ours)  free (reserve)  [moof mdat]…
/// ```
/// At the end, where the sink can be patched, the reserve becomes one `sidx` per track and the durations are filled in;
/// `FlatSwitch` then makes an ordinary MP4 of it where that is the plan. On a pipe there is neither `free` nor `mehd`; the
/// fragments are the same bytes. Confined to the thread `remux`.
final class FragmentedLayout {
    /// What the file is to become.
    struct Plan: Sendable {
        /// Fragments to reserve index space for; `nil` where the length is not known.
        var fragmentCount: Int?
        /// Media time; `nil` where it is not known.
        var seconds: Double?
        /// Reserve room for sample tables.
        var isFlat = false
    }

    private enum State {
        case header
        case collecting(remaining: Int)
        case passing(remaining: UInt64)
    }

    private let sink: any ByteSink
    private let edits: [TrackEdit]
    private let disabledTracks: Set<Int>
    private let sampleEntries: [[UInt8]?]
    private let languages: [String]
    private let plan: Plan
    /// Those planned; at the end, where the sink can be patched, those that came of it.
    private var chapters: [Chapter]
    private var state = State.header
    private var collected: [UInt8] = []
    /// `moov` waits for the first fragment, which says how much room its tables may take.
    private var heldMovie: [UInt8]?
    private var finish: FragmentedFinish?
    private var reserve: (offset: UInt64, byteCount: Int)?
    private var index = SegmentIndex()
    private var ends = TrackEnds()
    /// Bytes given to the sink.
    private(set) var position: UInt64 = 0

    /// - Parameters:
    ///   - edits: the edit list of each track, in the order of the tracks.
    ///   - disabledTracks: tracks that are shown only when they are chosen, by their place in that order.
    ///   - sampleEntries: those that replace libavformat's, in the same order.
    ///   - languages: those that replace libavformat's (ISO 639-2/T), in the same order; empty: none do.
    ///   - chapters: as they are planned.
    init(
        sink: any ByteSink,
        edits: [TrackEdit],
        disabledTracks: Set<Int>,
        sampleEntries: [[UInt8]?],
        languages: [String] = [],
        chapters: [Chapter] = [],
        plan: Plan
    ) {
        self.languages = languages
        self.chapters = chapters
        self.disabledTracks = disabledTracks
        self.sink = sink
        self.edits = edits
        self.sampleEntries = sampleEntries
        self.plan = plan
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
    func complete() throws {
        guard let finish, finish.header.fragmentDurationOffset != nil, !index.fragments.isEmpty else { return }
        try finish.run(index: index, ends: ends, reserve: reserve, end: position, chapters: chapters)
    }

    /// Makes an ordinary MP4 of the completed file, where that is the plan and the sink can be read back.
    func flatten() throws {
        guard plan.isFlat, !index.fragments.isEmpty, let file = sink as? any StoredSink else { return }
        position = try FlatSwitch(file: file).run()
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
            heldMovie = box
        } else {
            if let movie = heldMovie.take() { try writeMovie(movie, before: box) }
            guard let fragment = MovieFragment(box) else { throw LayoutError.unreadable("moof") }
            index.append(SegmentIndex.Fragment(offset: position, runs: fragment.runs))
            ends.add(fragment)
            try write(box)
        }
    }

    private func writeMovie(_ box: [UInt8], before fragment: [UInt8]) throws {
        let canPatch = sink.patchableLength > 0
        let movie = MovieHeader(
            box,
            edits: edits,
            disabledTracks: disabledTracks,
            sampleEntries: sampleEntries,
            languages: languages,
            chapterList: chapters.isEmpty ? [] : ChapterList.box(chapters),
            hasPatchableDurations: canPatch
        )
        guard let movie else { throw LayoutError.unreadable("moov") }
        if canPatch { try writeFree(Int(clamping: frontBytes(movie, fragment))) }
        finish = FragmentedFinish(sink: sink, header: movie, movieOffset: position)
        try write(movie.bytes)
        guard canPatch, let count = plan.fragmentCount else { return }
        let capacity = SegmentIndex.reserve(trackCount: movie.tracks.count, fragmentCount: count)
        guard sink.patchableLength >= position + UInt64(capacity) else { return }
        reserve = (position, capacity)
        try writeFree(capacity)
    }

    private func frontBytes(_ movie: MovieHeader, _ fragment: [UInt8]) -> UInt64 {
        guard plan.isFlat else { return FrontSpace.minimumBytes }
        guard let seconds = plan.seconds else { return FrontSpace.minimumFlatBytes }
        var first: [MovieFragment.Sample] = []
        _ = MovieFragment(fragment) { first.append($0) }
        return FrontSpace.flatBytes(
            movie: movie,
            first: first,
            plannedSeconds: seconds,
            fragmentCount: plan.fragmentCount ?? 0
        )
    }

    private func writeFree(_ byteCount: Int) throws {
        var free: [UInt8] = []
        free.append32(UInt32(clamping: byteCount))
        free.append(code: "free")
        free += [UInt8](repeating: 0, count: byteCount - 8)
        try write(free)
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
    /// A gap or a number of samples that tables cannot say: the file stays a fragmented one.
    case notFlat

    var description: String {
        switch self {
        case .impossibleSize(let type): "libavformat wrote a '\(type)' box of impossible size"
        case .unreadable(let type): "libavformat wrote a '\(type)' box that does not read back"
        case .notFlat: "the samples do not fit the tables of a flat MP4; use the fragmented layout"
        }
    }
}
