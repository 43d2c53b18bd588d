/// The edit list of a track (ISO/IEC 14496-12 §8.6.6): how long nothing of it is shown, and where its media starts.
///
/// libavformat derives it from the samples of the first fragment, so that a track which begins later loses its offset;
/// here it follows from the first times of each track.
struct TrackEdit: Equatable, Sendable {
    /// Ticks of the movie before the track is shown, at least 0.
    var emptyMovieTicks: Int64
    /// Composition time of the first picture or sound shown, media ticks, at least 0.
    var mediaTime: Int64

    static let movieScale = TimeScale(90_000)

    /// - Parameters:
    ///   - firstPts: earliest presentation time of the track, output ticks.
    ///   - firstDts: its first decoding time: 0 of the media time.
    init(firstPts: Int64, firstDts: Int64, scale: TimeScale) {
        emptyMovieTicks = max(0, scale.convert(firstPts, to: Self.movieScale))
        mediaTime = max(0, firstPts &- firstDts)
    }

    /// The `edts` box, or `nil` where the track starts at 0 without any shift.
    ///
    /// The duration of the media edit is 0: in a fragmented movie it runs to the end.
    var box: Box? {
        guard emptyMovieTicks > 0 || mediaTime > 0 else { return nil }
        var payload: [UInt8] = []
        payload.append32(0x0100_0000)
        payload.append32(emptyMovieTicks > 0 ? 2 : 1)
        if emptyMovieTicks > 0 {
            Self.append(duration: UInt64(emptyMovieTicks), mediaTime: -1, to: &payload)
        }
        Self.append(duration: 0, mediaTime: mediaTime, to: &payload)
        return Box(type: "edts", children: [Box(type: "elst", payload: payload)])
    }

    private static func append(duration: UInt64, mediaTime: Int64, to payload: inout [UInt8]) {
        payload.append64(duration)
        payload.append64(UInt64(bitPattern: mediaTime))
        payload.append32(0x0001_0000)
    }
}
