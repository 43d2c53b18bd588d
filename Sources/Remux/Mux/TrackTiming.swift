/// The times of samples for containers that have no edit lists: 90 kHz, moved so that nothing is shown before 0. Pure.
///
/// What an edit list would hide before the start of a part is shown: the part begins at its key frame.
struct TrackTiming: Equatable {
    /// What is added to every time.
    let shift90k: Int64
    private let scales: [TimeScale]

    init(edits: [TrackEdit], scales: [TimeScale]) {
        self.scales = scales
        shift90k = zip(edits, scales).map { edit, scale in scale.convert(edit.hiddenTicks, to: .mpeg) }.max() ?? 0
    }

    /// Presentation time, decoding time and duration of a sample.
    func times90k<Payload>(of sample: PlacedSample<Payload>) -> (pts: Int64, dts: Int64, duration: Int64) {
        let scale = scales[sample.track]
        func time(_ ticks: Int64) -> Int64 { scale.convert(ticks, to: .mpeg) &+ shift90k }
        let pts = time(sample.pts)
        return (pts, time(sample.dts), time(sample.pts &+ sample.duration) &- pts)
    }
}
