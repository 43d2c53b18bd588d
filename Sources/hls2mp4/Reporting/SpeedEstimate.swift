/// Bytes a second over the last few seconds: steady enough to read, quick enough to show a stall.
struct SpeedEstimate {
    private var samples: [(time: Duration, bytes: UInt64)] = []
    private static let window = Duration.seconds(5)

    /// Takes the count of bytes at a time since the start; returns the speed.
    mutating func update(bytes: UInt64, at time: Duration) -> Double {
        samples.append((time, bytes))
        while samples.count > 2, time - samples[0].time > Self.window { samples.removeFirst() }
        guard let first = samples.first, time > first.time else { return 0 }
        let seconds = (time - first.time) / .seconds(1)
        return bytes >= first.bytes ? Double(bytes - first.bytes) / seconds : 0
    }
}
