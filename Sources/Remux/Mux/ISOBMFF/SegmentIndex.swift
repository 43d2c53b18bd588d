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
        let times = tracks.map { track in
            MovieHeader.textTracks.contains(track.handler) ? textTimes(of: track, tracks) : presentationTimes(of: track)
        }
        let hidden = hiddenFragments(tracks, times)
        var group = 1
        while true {
            let firsts = firstFragments(group: group, hidden: hidden)
            let size = tracks.count * (Self.headerBytes + Self.referenceBytes * firsts.count)
            if firsts.count <= Self.maximumReferences, size == capacity || size + 8 <= capacity {
                return write(tracks, times: times, firsts: firsts, start: start, end: end, capacity: capacity)
            }
            guard firsts.count > 2 else { return nil }
            group *= 2
        }
    }

    /// Fragments in front that show nothing, but that the next one needs for decoding: a reference of its own would lead
    /// readers who seek to the start behind the key frame.
    private func hiddenFragments(_ tracks: [MovieHeader.Track], _ times: [[UInt64]]) -> Int {
        (1..<fragments.count).prefix { next in
            zip(tracks, times).contains { $0.edit.hiddenTicks > 0 && $1[next] == 0 }
        }.count
    }

    /// The fragment that each reference starts with.
    private func firstFragments(group: Int, hidden: Int) -> [Int] {
        [0] + stride(from: hidden + group, to: fragments.count, by: group)
    }

    private func write(
        _ tracks: [MovieHeader.Track],
        times: [[UInt64]],
        firsts: [Int],
        start: UInt64,
        end: UInt64,
        capacity: Int
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        let size = Self.headerBytes + Self.referenceBytes * firsts.count
        for (index, track) in tracks.enumerated() {
            let boxEnd = start + UInt64(size * (index + 1))
            let times = times[index]
            bytes.append32(UInt32(clamping: size))
            bytes.append(code: "sidx")
            bytes.append32(0x0100_0000)
            bytes.append32(track.id)
            bytes.append32(track.timescale)
            bytes.append64(times[0] &+ emptyTicks(track))
            bytes.append64(fragments[0].offset - boxEnd)
            bytes.append16(0)
            bytes.append16(UInt16(clamping: firsts.count))
            for (reference, first) in firsts.enumerated() {
                let limit = reference + 1 < firsts.count ? firsts[reference + 1] : fragments.count
                let next = limit < fragments.count ? fragments[limit].offset : end
                let run = fragments[first..<limit].lazy.compactMap { $0.runs.first { $0.trackID == track.id } }.first
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
        var times = presentationTimes(of: track)
        guard let lead = tracks.first(where: { $0.handler == "vide" }) ?? tracks.first(where: { $0.handler == "soun" })
        else { return times }
        let (scale, leadScale) = (TimeScale(Int64(max(1, track.timescale))), TimeScale(Int64(max(1, lead.timescale))))
        let leadTimes = presentationTimes(of: lead)
        for index in fragments.indices.dropFirst() {
            // When its first sample is decoded: readers look up what they have found for it.
            let leadTicks =
                Int64(clamping: leadTimes[index] &+ emptyTicks(lead)) &- (lead.edit.mediaTime &- lead.edit.hiddenTicks)
            let time = UInt64(clamping: leadScale.convert(leadTicks, to: scale))
            times[index] = min(max(time, times[index - 1]), max(times[fragments.count], times[index - 1]))
        }
        return times
    }

    /// Where a track is in its presentation at the start of each fragment (by decoding time, less what its edit list
    /// hides), and its end behind them; a fragment without the track has the time of the next one that holds it.
    private func presentationTimes(of track: MovieHeader.Track) -> [UInt64] {
        let hidden = UInt64(clamping: track.edit.hiddenTicks)
        func shown(_ time: UInt64) -> UInt64 { time > hidden ? time - hidden : 0 }
        var times = [UInt64](repeating: 0, count: fragments.count + 1)
        var next: UInt64?
        for index in fragments.indices.reversed() {
            if let run = fragments[index].runs.first(where: { $0.trackID == track.id }) {
                if next == nil {
                    // A stream that stops inside a GOP shows its last picture after the last decoding time.
                    let last = UInt64(clamping: run.compositionEnd &- track.edit.mediaTime)
                    next = max(shown(run.decodeTime &+ run.duration), last)
                    for later in (index + 1)...fragments.count { times[later] = next ?? 0 }
                }
                next = shown(run.decodeTime)
            }
            times[index] = next ?? 0
        }
        return times
    }
}
