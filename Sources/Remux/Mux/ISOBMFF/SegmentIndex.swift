/// The `sidx` boxes of a file, one per track (ISO/IEC 14496-12 §8.16.3), written into space reserved before the fragments.
///
/// A reference points at a `moof` and runs to the next one. Where the reserve cannot hold all references, neighbours are
/// merged in pairs until it can: a seek then lands a little earlier.
struct SegmentIndex: Equatable {
    struct Fragment: Equatable {
        /// Offset of the `moof` in the file.
        var offset: UInt64
        var runs: [MovieFragment.Run]
    }

    private(set) var fragments: [Fragment] = []

    static let headerBytes = 40
    static let referenceBytes = 12
    /// `reference_count` is a 16-bit field.
    static let maximumReferences = 65_535

    mutating func append(_ fragment: Fragment) { fragments.append(fragment) }

    /// Bytes to reserve for `fragmentCount` fragments of `trackCount` tracks, and the header of the `free` box that holds
    /// them until the end.
    static func reserve(trackCount: Int, fragmentCount: Int) -> Int {
        let references = min(max(fragmentCount, 1), maximumReferences)
        return trackCount * (headerBytes + referenceBytes * references) + 8
    }

    /// The boxes for `tracks`, exactly `capacity` bytes with the `free` box behind them; `nil` where even two references a
    /// track do not fit.
    ///
    /// - Parameters:
    ///   - start: offset of the reserved space in the file.
    ///   - end: offset of the first byte after the last fragment.
    func boxes(tracks: [MovieHeader.Track], start: UInt64, end: UInt64, capacity: Int) -> [UInt8]? {
        guard !fragments.isEmpty, !tracks.isEmpty else { return nil }
        var group = 1
        while true {
            let references = (fragments.count + group - 1) / group
            let size = tracks.count * (Self.headerBytes + Self.referenceBytes * references)
            if references <= Self.maximumReferences, size == capacity || size + 8 <= capacity {
                return write(tracks, group: group, references: references, start: start, end: end, capacity: capacity)
            }
            guard references > 2 else { return nil }
            group *= 2
        }
    }

    private func write(
        _ tracks: [MovieHeader.Track],
        group: Int,
        references: Int,
        start: UInt64,
        end: UInt64,
        capacity: Int
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        let size = Self.headerBytes + Self.referenceBytes * references
        for (index, track) in tracks.enumerated() {
            let boxEnd = start + UInt64(size * (index + 1))
            let times = track.handler == "sbtl" ? textTimes(of: track, tracks) : decodeTimes(of: track)
            bytes.append32(UInt32(clamping: size))
            bytes.append(code: "sidx")
            bytes.append32(0x0100_0000)
            bytes.append32(track.id)
            bytes.append32(track.timescale)
            bytes.append64(times[0] &+ emptyTicks(track))
            bytes.append64(fragments[0].offset - boxEnd)
            bytes.append16(0)
            bytes.append16(UInt16(clamping: references))
            for reference in 0..<references {
                let first = reference * group
                let limit = min(first + group, fragments.count)
                let next = limit < fragments.count ? fragments[limit].offset : end
                let run = fragments[first].runs.first { $0.trackID == track.id }
                bytes.append32(UInt32(clamping: next &- fragments[first].offset) & 0x7FFF_FFFF)
                bytes.append32(UInt32(clamping: times[limit] &- times[first]))
                // starts_with_SAP, SAP_type 1 (closed: decodes from here), SAP_delta_time 0.
                bytes.append32(run?.startsWithSync == true ? 0x9000_0000 : 0)
            }
        }
        let rest = capacity - bytes.count
        if rest >= 8 {
            bytes.append32(UInt32(clamping: rest))
            bytes.append(code: "free")
            bytes += [UInt8](repeating: 0, count: rest - 8)
        }
        return bytes
    }

    /// earliest_presentation_time counts from the start of the presentation: what the edit list puts before the track is
    /// part of it, what it takes off the first composition time is not.
    private func emptyTicks(_ track: MovieHeader.Track) -> UInt64 {
        let scale = TimeScale(Int64(max(1, track.timescale)))
        return UInt64(max(0, TrackEdit.movieScale.convert(track.edit.emptyMovieTicks, to: scale)))
    }

    /// Times of a text track: a sample may be shown over many fragments, and begin in none of them. Each reference begins
    /// when its fragment's leading track does, so that a reader which looks up a time in every track finds one fragment.
    private func textTimes(of track: MovieHeader.Track, _ tracks: [MovieHeader.Track]) -> [UInt64] {
        var times = decodeTimes(of: track)
        guard let lead = tracks.first(where: { $0.handler == "vide" }) ?? tracks.first(where: { $0.handler == "soun" })
        else { return times }
        let (scale, leadScale) = (TimeScale(Int64(max(1, track.timescale))), TimeScale(Int64(max(1, lead.timescale))))
        let leadTimes = decodeTimes(of: lead)
        for index in fragments.indices.dropFirst() {
            // When its first sample is decoded: readers look up what they have found for it.
            let leadTicks = Int64(clamping: leadTimes[index] &+ emptyTicks(lead)) &- lead.edit.mediaTime
            let time = UInt64(clamping: leadScale.convert(leadTicks, to: scale))
            times[index] = min(max(time, times[index - 1]), max(times[fragments.count], times[index - 1]))
        }
        return times
    }

    /// Decoding time of a track at the start of each fragment, and its presentation end behind them; a fragment without the
    /// track has the time of the next one that holds it.
    private func decodeTimes(of track: MovieHeader.Track) -> [UInt64] {
        var times = [UInt64](repeating: 0, count: fragments.count + 1)
        var next: UInt64?
        for index in fragments.indices.reversed() {
            if let run = fragments[index].runs.first(where: { $0.trackID == track.id }) {
                if next == nil {
                    // A stream that stops inside a GOP shows its last picture after the last decoding time.
                    let shown = UInt64(clamping: run.compositionEnd &- track.edit.mediaTime)
                    next = max(run.decodeTime &+ run.duration, shown)
                    for later in (index + 1)...fragments.count { times[later] = next ?? 0 }
                }
                next = run.decodeTime
            }
            times[index] = next ?? 0
        }
        return times
    }
}
