import HLS

/// What the timeline must know of the playlist, and what it tells.
extension RemuxLoop {
    /// Tells the timeline which Media Segment the samples of a source are in.
    func enterSegment(_ index: Int) {
        guard let mark = sources[index].cursor.currentSegment, sources[index].lastWithMedia?.identity != mark.identity
        else { return }
        sources[index].lastWithMedia = mark
        let scale = TimeScale(1_000_000)
        timeline.enter(
            segment: SegmentPlace(
                mediaSequenceNumber: mark.identity.mediaSequenceNumber,
                start90k: scale.convert(mark.startMicroseconds, to: .mpeg),
                duration90k: scale.convert(mark.durationMicroseconds, to: .mpeg),
                date90k: mark.dateMicroseconds.map { scale.convert($0, to: .mpeg) }
            ),
            source: index
        )
    }

    /// Warns of what the timeline had to do.
    func tellNotices() {
        for notice in timeline.takeNotices() {
            guard let (address, track) = tracks.first(where: { $0.value.number == notice.track }) else { continue }
            let place = notice.mediaSequenceNumber.map { "Media Segment \($0): " } ?? ""
            status.warn(sources[address.source].plan.label + place + Self.text(notice.event, track.format.codecName))
        }
    }

    private static func text(_ event: TimelineNotice.Event, _ codec: String) -> String {
        func seconds(_ time90k: Int64) -> String {
            let milliseconds = TimeScale.mpeg.convert(time90k, to: TimeScale(1000))
            let fraction = String((milliseconds % 1000).magnitude)
            let sign = milliseconds < 0 ? "-" : ""
            return sign + String((milliseconds / 1000).magnitude) + "."
                + String(repeating: "0", count: 3 - fraction.count) + fraction + " s"
        }
        switch event {
        case .jump(let step90k):
            return "the timestamps jump by \(seconds(step90k)) without an EXT-X-DISCONTINUITY; taken as one"
        case .jumpOfOneTrack(let step90k):
            return "the timestamps of the \(codec) stream alone jump by \(seconds(step90k)); it goes on where it was"
        case .strays(let count):
            return
                "the timestamps of \(count) samples of the \(codec) stream are wrong; they are put between their neighbours"
        case .hole(let step90k):
            return "the \(codec) stream leaves out \(TimeScale.mpeg.convert(step90k, to: TimeScale(1000))) ms"
        }
    }
}
