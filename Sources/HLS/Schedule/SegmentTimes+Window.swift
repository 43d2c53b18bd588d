/// The segments that a time range needs.
extension SegmentTimes {
    /// How certainly EXTINF says what a segment holds.
    package struct Margins: Hashable, Sendable {
        /// A start nearer than this to the start of its segment needs the segment before, too.
        package var leadMicroseconds: Int64
        /// An end nearer than this to the end of its segment needs the segment behind, too.
        package var tailMicroseconds: Int64

        /// A segment of video starts with the picture that EXTINF counts from, and a muxer that goes by decoding time has
        /// put the sound before it there as well. Sound (and pictures shown before a key frame) up to the end may be in the
        /// next segment: as much as pictures are reordered, with some room.
        package static let video = Margins(leadMicroseconds: 0, tailMicroseconds: 250_000)

        /// Audio segments end at frames of their own, the sums of their durations are off by up to one, and decoding needs
        /// the frame before: 100 ms are two frames of 2048 samples at 44.1 kHz.
        package static let audio = Margins(leadMicroseconds: 100_000, tailMicroseconds: 100_000)
    }

    /// What is taken of a plan.
    package struct Window: Hashable, Sendable {
        /// Positions in the plan.
        package var segments: Range<Int>
        /// How many more could be taken in front: of the same Discontinuity Sequence, without a gap between.
        package var available: Int
    }

    /// The segments that overlap `range`, and those that it may need besides.
    ///
    /// - Parameters:
    ///   - lead: further segments in front, as far as there are usable ones.
    ///   - firstDiscontinuitySequence: nothing older than this is taken.
    package func window(
        of range: PresentationRange,
        margins: Margins,
        lead: Int = 0,
        firstDiscontinuitySequence: UInt64 = 0
    ) -> Window {
        let core = overlapping(range)
        guard !core.isEmpty else { return Window(segments: core, available: 0) }
        var (lower, upper) = (core.lowerBound, core.upperBound)
        while isUsable(before: lower),
            range.startMicroseconds &- entries[lower].startMicroseconds < margins.leadMicroseconds
        {
            lower -= 1
        }
        for _ in 0..<max(0, lead) where isUsable(before: lower) { lower -= 1 }
        while lower < upper, entries[lower].discontinuitySequence < firstDiscontinuitySequence { lower += 1 }
        if let end = range.endMicroseconds {
            while upper < entries.count, !entries[upper].isGap,
                entries[upper].discontinuitySequence == entries[upper - 1].discontinuitySequence,
                entries[upper].startMicroseconds &- end < margins.tailMicroseconds
            {
                upper += 1
            }
        }
        var available = 0
        while isUsable(before: lower - available) { available += 1 }
        return Window(segments: lower..<upper, available: available)
    }

    /// The Discontinuity Sequence that a window starts in.
    package func discontinuitySequence(of window: Window) -> UInt64? {
        window.segments.isEmpty ? nil : entries[window.segments.lowerBound].discontinuitySequence
    }

    /// Whether everything in `range` is marked with EXT-X-GAP.
    package func isGap(_ range: PresentationRange) -> Bool {
        let core = overlapping(range)
        return !core.isEmpty && entries[core].allSatisfy(\.isGap)
    }

    private func overlapping(_ range: PresentationRange) -> Range<Int> {
        let end = range.endMicroseconds ?? .max
        let lower = entries.firstIndex { $0.endMicroseconds > range.startMicroseconds } ?? entries.count
        let upper = entries[lower...].firstIndex { $0.startMicroseconds >= end } ?? entries.count
        return lower..<upper
    }

    /// Whether the segment before `index` continues into it.
    private func isUsable(before index: Int) -> Bool {
        guard index > 0, index < entries.count else { return false }
        return !entries[index - 1].isGap && !entries[index].isGap
            && entries[index - 1].discontinuitySequence == entries[index].discontinuitySequence
    }
}
