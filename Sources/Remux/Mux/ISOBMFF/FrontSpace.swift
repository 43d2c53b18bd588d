/// The `free` box between `ftyp` and `moov` (ISO/IEC 14496-12 §8.1.2): room for what makes an ordinary MP4 of a recording,
/// without moving any of it. Pure.
///
/// Large enough, it takes the final `moov`; in any case it can become the header of an `mdat` that swallows the rest.
struct FrontSpace: Equatable, Sendable {
    /// Where the box stands in the file.
    var offset: UInt64
    /// Its bytes, the header of 8 included.
    var byteCount: UInt64

    /// The header of an `mdat` with a 64-bit size: what the space always holds.
    static let minimumBytes: UInt64 = 16
    /// A flat layout's space is larger, whatever is known of the length: so a recording tells what it is to become.
    static let minimumFlatBytes: UInt64 = 32
    /// More is not reserved, whatever the playlist claims: a day of video and audio needs about 50 MB.
    static let maximumFlatBytes: UInt64 = 64 << 20

    var end: UInt64 { offset + byteCount }

    /// Where the header of the `mdat` goes that stands behind a `moov` in this space.
    var mediaHeaderOffset: UInt64 { end - Self.minimumBytes }

    /// Whether a `moov` of this size, a `free` box or none, and the header of an `mdat` fill the space exactly.
    func holds(movieBytes: UInt64) -> Bool {
        let room = byteCount - Self.minimumBytes
        return movieBytes == room || (movieBytes < .max - 8 && movieBytes + 8 <= room)
    }

    /// Bytes to reserve for the final `moov`, estimated generously: the tables of the first fragment stand for all of the
    /// planned duration.
    ///
    /// - Parameters:
    ///   - movie: the `moov` without tables.
    ///   - first: the samples of the first fragment.
    ///   - fragmentCount: how many fragments are planned.
    static func flatBytes(
        movie: MovieHeader,
        first: [MovieFragment.Sample],
        plannedSeconds: Double,
        fragmentCount: Int
    ) -> UInt64 {
        var perSecond = 0.0
        for track in movie.tracks { perSecond += rate(first.filter { $0.trackID == track.id }, of: track) }
        // A place and a number of samples for each fragment of each track.
        let chunks = Double(movie.tracks.count) * Double(fragmentCount) * 20
        let estimate = 1.2 * perSecond * max(0, plannedSeconds) + chunks + Double(movie.bytes.count) + 4096
        guard estimate < Double(maximumFlatBytes - minimumBytes) else { return maximumFlatBytes }
        return max(minimumFlatBytes, (UInt64(estimate) + minimumBytes) & ~15)
    }

    /// Bytes of tables for each second of a track.
    private static func rate(_ samples: [MovieFragment.Sample], of track: MovieHeader.Track) -> Double {
        if MovieHeader.textTracks.contains(track.handler) { return 24 }
        let isVideo = track.handler == "vide"
        // 30 pictures of 12 bytes; 50 sounds of 12: a track that has not begun, or whose first fragment is too short to tell.
        let usual: Double = isVideo ? 360 : 600
        guard let first = samples.first, let last = samples.last, samples.count > 4 else { return usual }
        let seconds =
            Double(last.decodeTime &+ UInt64(last.duration) &- first.decodeTime) / Double(max(1, track.timescale))
        guard seconds > 0.1 else { return usual }
        var changes = (duration: 0, offset: 0)
        for (sample, next) in zip(samples, samples.dropFirst()) {
            if sample.duration != next.duration { changes.duration += 1 }
            if sample.compositionOffset != next.compositionOffset { changes.offset += 1 }
        }
        // The last duration of a fragment may be another one.
        let bytes =
            4 * samples.count + 8 * (changes.duration > 1 ? samples.count : 2) + 8
            * (changes.offset > 0 ? samples.count : 0)
        return max(Double(bytes) / seconds, isVideo ? usual : 0)
    }
}
