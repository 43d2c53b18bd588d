/// Timed data beside audio and video, where the container takes it.
extension RemuxLoop {
    /// A transport stream takes what transport streams bring.
    var takesData: Bool { plan.output.container == .ts }

    /// Holds data until its place is known; what announces a stream counts until the output is open.
    func take(_ data: TimedData, source index: Int) {
        guard !data.payload.isEmpty else {
            if output == nil, !dataKinds.contains(data.kind) { dataKinds.append(data.kind) }
            return
        }
        self.data.add(data, raw90k: data.time90k, run: sources[index].run ?? 0)
    }

    /// Writes the data that is due before samples of this time, in the presentation, are.
    func writeData(before time90k: Int64) throws {
        guard !data.isEmpty, let output else { return }
        let end90k = clip.flatMap { clip in clip.duration90k.map { $0 &+ clip.start90k } } ?? .max
        let due = data.take(through: time90k, start90k: clip?.start90k, end90k: end90k) { timeline.placement(of: $0) }
        for item in due { try output.write(item) }
    }
}
