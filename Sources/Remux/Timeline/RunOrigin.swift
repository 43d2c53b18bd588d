/// Where the playlist puts the start of a run, for a conversion that begins inside of a stream: what came before is not
/// fetched, so the durations before it stand for it.
struct RunOrigin: Sendable {
    private var firstPts90k: [Int: Int64] = [:]
    private var place90k: [Int: Int64] = [:]

    /// The track's first timestamp in the run is in a segment that starts `segmentStart90k` after the start of the
    /// presentation; the first call for a track counts.
    mutating func locate(track: Int, firstPts90k pts: Int64, segmentStart90k: Int64) {
        guard firstPts90k[track] == nil else { return }
        firstPts90k[track] = pts
        place90k[track] = segmentStart90k
    }

    /// What is taken from a source time to get an output time; `nil` where the stream's own start is at hand or nothing is
    /// known.
    ///
    /// EXTINF counts from picture to picture, so a video track is what the playlist speaks of, and in decoding order its
    /// first one; without video it is the first audio track.
    /// - Parameter near90k: an unwrapped time of the run.
    func shift90k(isVideo: (Int) -> Bool, near90k: Int64) -> Int64? {
        let known = firstPts90k.keys.sorted()
        guard let track = known.first(where: isVideo) ?? known.first, let pts = firstPts90k[track],
            let place = place90k[track], place > 0
        else { return nil }
        return TimestampUnwrapper.nearest(to: near90k, raw: pts) &- place
    }
}
