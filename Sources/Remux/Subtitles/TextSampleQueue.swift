/// Samples of a text track that go into the output as they are: in order, without gaps, what is shown before 0 or behind the
/// end of its run cut off. Pure.
struct TextSampleQueue {
    /// A sample with its place in the output.
    struct Sample: Equatable, Sendable {
        /// 90 kHz.
        var start90k: Int64
        /// Above the start.
        var end90k: Int64
        var payload: [UInt8]
        /// The Discontinuity Sequence that it belongs to.
        var run: UInt64
    }

    /// Bounds of what is held: samples beyond them are left out and counted.
    static let maximumSamples = 100_000
    static let maximumBytes = 32 << 20
    /// Timestamps are rounded: what is this near follows without a gap.
    static let seam90k: Int64 = 90

    private let emptySample: [UInt8]
    private var samples: [Sample] = []
    private var heldBytes = 0
    /// The output is complete up to here, 90 kHz.
    private(set) var settled90k: Int64 = 0
    private(set) var excessCount = 0

    /// - Parameter emptySample: shows nothing; fills gaps.
    init(emptySample: [UInt8]) { self.emptySample = emptySample }

    /// End of the last sample held.
    var end90k: Int64 { samples.last?.end90k ?? settled90k }

    /// Takes the next sample; one that begins before the one before it ends cuts that off.
    mutating func add(_ added: Sample) {
        var sample = added
        sample.start90k = max(sample.start90k, settled90k)
        if let last = samples.last, sample.start90k < last.end90k {
            samples[samples.count - 1].end90k = max(last.start90k, sample.start90k)
            if samples[samples.count - 1].end90k <= last.start90k { removeLast() }
        }
        guard sample.end90k > sample.start90k else { return }
        guard samples.count < Self.maximumSamples, heldBytes + sample.payload.count <= Self.maximumBytes else {
            excessCount += 1
            return
        }
        heldBytes += sample.payload.count
        samples.append(sample)
    }

    /// The runs up to this one have ended here: nothing of them is shown later.
    mutating func end(runsThrough run: UInt64, at end90k: Int64) {
        trim(at: end90k) { $0 <= run }
    }

    /// The presentation has ended here: gives out what is left, up to the end.
    mutating func finish(at end90k: Int64, _ give: (Sample) throws -> Void) rethrows {
        trim(at: end90k) { _ in true }
        let run = samples.last?.run ?? 0
        try take(through: end90k, give)
        guard end90k > settled90k else { return }
        try give(Sample(start90k: settled90k, end90k: end90k, payload: emptySample, run: run))
        settled90k = end90k
    }

    /// Gives out the samples that begin at or before a time, and what fills the gaps before them.
    mutating func take(through time90k: Int64, _ give: (Sample) throws -> Void) rethrows {
        var count = 0
        defer {
            heldBytes -= samples.prefix(count).reduce(0) { $0 + $1.payload.count }
            samples.removeFirst(count)
        }
        for var sample in samples {
            guard sample.start90k <= time90k else { break }
            if sample.start90k - settled90k > Self.seam90k {
                try give(Sample(start90k: settled90k, end90k: sample.start90k, payload: emptySample, run: sample.run))
            } else {
                sample.start90k = settled90k
            }
            try give(sample)
            settled90k = sample.end90k
            count += 1
        }
    }

    private mutating func removeLast() {
        guard let last = samples.popLast() else { return }
        heldBytes -= last.payload.count
    }

    private mutating func trim(at end90k: Int64, _ concerns: (UInt64) -> Bool) {
        samples = samples.compactMap { sample in
            guard concerns(sample.run) else { return sample }
            var sample = sample
            sample.end90k = min(sample.end90k, end90k)
            return sample.end90k > sample.start90k ? sample : nil
        }
        heldBytes = samples.reduce(0) { $0 + $1.payload.count }
    }
}
