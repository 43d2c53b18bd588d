/// The samples of a movie fragment, in the order in which their bytes lie: the bytes pass once. Pure.
struct FragmentQueue {
    /// Byte of the segment where the `moof` box begins.
    private(set) var start: Int64 = 0
    /// Whether the fragment has track fragments: media data without such is lost.
    private(set) var isDescribed = false
    /// By position.
    private var samples: [FragmentSample] = []
    private var head = 0
    /// Those whose offsets count from the media data, which has not come yet.
    private var unplaced: [FragmentSample] = []

    init() {}

    /// - Parameters:
    ///   - start: byte of the segment where the `moof` box begins.
    ///   - isDescribed: it has track fragments, whether their tracks are taken or not.
    init(start: Int64, isDescribed: Bool) {
        self.start = start
        self.isDescribed = isDescribed
    }

    /// Adds the samples of a track fragment.
    mutating func add(_ more: [FragmentSample], isUnplaced: Bool) {
        if isUnplaced {
            unplaced += more
        } else {
            samples += more
            sort()
        }
    }

    /// The media data begins at this byte of the segment: positions that count from it become known.
    mutating func place(dataStart: Int64) {
        guard !unplaced.isEmpty else { return }
        let shift = dataStart &- start
        for var sample in unplaced {
            sample.offset &+= shift
            samples.append(sample)
        }
        unplaced = []
        sort()
    }

    /// The next sample that has bytes, and where they begin in the segment; it stays the next.
    mutating func next() -> (sample: FragmentSample, start: Int64)? {
        while head < samples.count, samples[head].size == 0 { head += 1 }
        return head < samples.count ? (samples[head], start &+ samples[head].offset) : nil
    }

    /// The next sample has been dealt with.
    mutating func advance() { head += 1 }

    /// Samples whose media data has not come.
    var missingCount: Int { samples.dropFirst(head).count { $0.size > 0 } + unplaced.count }

    private mutating func sort() {
        samples.removeFirst(head)
        head = 0
        samples.sort { $0.offset < $1.offset }
    }
}
