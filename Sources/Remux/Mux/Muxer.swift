/// Writes placed samples into a container, and the container into a sink. Confined to the thread `remux`.
///
/// The caller gives samples in order of decoding time with final durations, so that every end is exact.
protocol Muxer: AnyObject {
    /// Bytes given to the sink.
    var byteCount: UInt64 { get }

    /// The chapters, where the container has them, once their times are certain; before ``finish()``.
    func setChapters(_ chapters: [Chapter])

    /// Writes timed data, where the container takes such.
    func write(_ data: DataQueue<TimedData>.Placed) throws

    /// Writes one sample.
    func write(_ sample: PlacedSample<Packet>) throws

    /// Writes what is held and completes what the sink lets it complete (index, durations). The sink stays open.
    func finish() throws

    /// Makes of what is finished, and is the whole presentation, the form that it is to have in the end.
    func makeFinal() throws
}

extension Muxer {
    func makeFinal() throws {}
}

extension Muxer {
    func setChapters(_ chapters: [Chapter]) {}
    func write(_ data: DataQueue<TimedData>.Placed) {}
}
