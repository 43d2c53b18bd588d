/// The edit list of a track (ISO/IEC 14496-12 §8.6.6): how long nothing of it is shown, and where its media starts.
///
/// libavformat derives it from the samples of the first fragment, so that a track which begins later loses its offset;
/// here it follows from the first times of each track.
struct TrackEdit: Equatable, Sendable {
    /// Ticks of the movie before the track is shown, at least 0.
    var emptyMovieTicks: Int64
    /// Composition time of the first picture or sound shown, media ticks, at least 0.
    var mediaTime: Int64
    /// Media ticks between the earliest composition time and ``mediaTime``: decoded and not shown, at least 0.
    var hiddenTicks: Int64
    /// Ticks of the movie after which nothing more is shown, counted from the start of the movie; `nil`: all is shown.
    var presentationMovieTicks: Int64?

    static let movieScale = TimeScale(90_000)

    /// - Parameters:
    ///   - firstPts: earliest presentation time of the track, output ticks; what is before 0 is not shown.
    ///   - firstDts: its first decoding time: 0 of the media time.
    ///   - presentationMovieTicks: where the presentation ends; `nil`: with the media.
    init(firstPts: Int64, firstDts: Int64, scale: TimeScale, presentationMovieTicks: Int64? = nil) {
        emptyMovieTicks = max(0, scale.convert(firstPts, to: Self.movieScale))
        mediaTime = max(0, max(0, firstPts) &- firstDts)
        hiddenTicks = max(0, 0 &- firstPts)
        self.presentationMovieTicks = presentationMovieTicks
    }

    /// The `edts` box, or `nil` where the track starts at 0 without any shift and shows everything.
    ///
    /// The duration of the media edit is 0, which in a fragmented movie runs to the end, unless an end is given.
    var box: Box? {
        guard emptyMovieTicks > 0 || mediaTime > 0 || presentationMovieTicks != nil else { return nil }
        var payload: [UInt8] = []
        payload.append32(0x0100_0000)
        payload.append32(emptyMovieTicks > 0 ? 2 : 1)
        if emptyMovieTicks > 0 {
            Self.append(duration: UInt64(emptyMovieTicks), mediaTime: -1, to: &payload)
        }
        Self.append(duration: UInt64(mediaMovieTicks ?? 0), mediaTime: mediaTime, to: &payload)
        return Box(type: "edts", children: [Box(type: "elst", payload: payload)])
    }

    /// Duration of the media edit in ticks of the movie, at least 1; `nil`: to the end of the media.
    var mediaMovieTicks: Int64? { presentationMovieTicks.map { max(1, $0 &- emptyMovieTicks) } }

    /// Offset of that duration in the payload of `elst`; `nil` where it is 0.
    var durationOffset: Int? { presentationMovieTicks == nil ? nil : emptyMovieTicks > 0 ? 28 : 8 }

    /// When a sample that ends at `compositionEnd` has been shown, in ticks of the movie.
    func shownMovieTicks(compositionEnd: Int64, scale: TimeScale) -> Int64 {
        let shown = max(0, scale.convert(compositionEnd &- mediaTime, to: Self.movieScale))
        return min(emptyMovieTicks &+ shown, presentationMovieTicks ?? .max)
    }

    private static func append(duration: UInt64, mediaTime: Int64, to payload: inout [UInt8]) {
        payload.append64(duration)
        payload.append64(UInt64(bitPattern: mediaTime))
        payload.append32(0x0001_0000)
    }
}

extension TrackEdit {
    /// Reads the `edts` box that ``box`` has built; `nil` where it is another one. What it hides is not known from it.
    ///
    /// - Parameter edits: `nil`: the track has none, and starts at 0.
    init?(reading edits: Box?) {
        emptyMovieTicks = 0
        mediaTime = 0
        hiddenTicks = 0
        guard let edits else { return }
        guard let list = edits.first("elst")?.payload, list.first == 1 else { return nil }
        var reader = ByteReader(list.dropFirst(4))
        guard let count = reader.read32(), count == 1 || count == 2, reader.remaining == Int(count) * 20 else {
            return nil
        }
        for number in 1...count {
            guard let duration = reader.read64().flatMap(Int64.init(exactly:)), let time = reader.read64(),
                reader.skip(4)
            else { return nil }
            let mediaTime = Int64(bitPattern: time)
            if number < count {
                guard mediaTime == -1 else { return nil }
                emptyMovieTicks = duration
            } else {
                guard mediaTime >= 0 else { return nil }
                self.mediaTime = mediaTime
                if duration > 0 { presentationMovieTicks = emptyMovieTicks &+ duration }
            }
        }
    }
}
