/// Where the tracks of a fragmented movie end so far, and the durations that follow (ISO/IEC 14496-12 §8.2.2, §8.3.2, §8.4.2,
/// §8.8.2). Pure.
struct TrackEnds: Equatable {
    /// By track ID, media ticks.
    private var ends: [UInt32: (decode: UInt64, composition: Int64)] = [:]

    static func == (one: TrackEnds, other: TrackEnds) -> Bool {
        one.ends.mapValues(\.decode) == other.ends.mapValues(\.decode)
            && one.ends.mapValues(\.composition) == other.ends.mapValues(\.composition)
    }

    mutating func add(_ fragment: MovieFragment) {
        for run in fragment.runs {
            let composition = ends[run.trackID]?.composition ?? 0
            ends[run.trackID] = (run.decodeTime &+ run.duration, max(composition, run.compositionEnd))
        }
    }

    func hasBegun(_ trackID: UInt32) -> Bool { ends[trackID] != nil }

    /// Duration of the movie, in its ticks.
    func movieTicks(_ header: MovieHeader) -> Int64 {
        header.tracks.map { shownTicks($0) }.max() ?? 0
    }

    private func shownTicks(_ track: MovieHeader.Track) -> Int64 {
        let composition = ends[track.id]?.composition ?? 0
        return track.edit.shownMovieTicks(compositionEnd: composition, scale: TimeScale(Int64(track.timescale)))
    }

    /// What to write over the durations in ``MovieHeader/bytes``.
    func patches(_ header: MovieHeader) -> [(bytes: [UInt8], offset: Int)] {
        var patches: [(bytes: [UInt8], offset: Int)] = []
        func patch(_ value: UInt64, at offset: Int) {
            var bytes: [UInt8] = []
            bytes.append64(value)
            patches.append((bytes, offset))
        }
        for track in header.tracks {
            let ticks = shownTicks(track)
            if let offset = track.editDurationOffset {
                patch(UInt64(max(1, ticks &- track.edit.emptyMovieTicks)), at: offset)
            }
            patch(UInt64(max(0, ticks)), at: track.trackDurationOffset)
            patch(ends[track.id]?.decode ?? 0, at: track.mediaDurationOffset)
        }
        let movie = UInt64(max(0, movieTicks(header)))
        patch(movie, at: header.movieDurationOffset)
        if let offset = header.fragmentDurationOffset { patch(movie, at: offset) }
        return patches
    }
}
