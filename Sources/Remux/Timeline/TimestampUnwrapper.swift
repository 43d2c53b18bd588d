/// Turns 33-bit MPEG-2 timestamps into a continuous count (ISO/IEC 13818-1 §2.4.3.7; they wrap every 26.5 hours).
///
/// All streams of a run share one reference, so that audio and video wrap together: a stream's first timestamp is placed
/// nearest to the latest time any stream has reached, later ones nearest to the stream's own last.
struct TimestampUnwrapper: Sendable {
    /// By the number of the stream.
    private var lastByStream: [Int64?] = []
    private var reference: Int64?

    static let period: Int64 = 1 << 33

    /// The continuous value of `timestamp90k` for a stream: the candidate nearest to what came before, so within ±13.25
    /// hours of it. Any 64-bit value is taken modulo 2^33.
    mutating func unwrap(_ timestamp90k: Int64, stream: Int) -> Int64 {
        let raw = timestamp90k & (Self.period - 1)
        while lastByStream.count <= stream { lastByStream.append(nil) }
        guard let last = lastByStream[stream] ?? reference else {
            reference = raw
            lastByStream[stream] = raw
            return raw
        }
        let unwrapped = Self.nearest(to: last, raw: raw)
        lastByStream[stream] = unwrapped
        reference = max(reference ?? unwrapped, unwrapped)
        return unwrapped
    }

    /// What must be added to a count that goes on, whole periods, so that it stands beside streams that have come before:
    /// theirs began at an unknown period. 0 while there are none.
    func offset(of continuous90k: Int64) -> Int64 {
        guard let reference, !lastByStream.isEmpty else { return 0 }
        return Self.nearest(to: reference, raw: continuous90k) &- continuous90k
    }

    /// A stream whose timestamps never wrap has reached this time: others that do are placed near to it.
    mutating func note(_ continuous90k: Int64) {
        reference = max(reference ?? continuous90k, continuous90k)
    }

    /// Where `timestamp90k` lies beside `anchor`, without changing any state: for a pts beside its dts.
    static func nearest(to anchor: Int64, raw timestamp90k: Int64) -> Int64 {
        anchor &+ signed((timestamp90k & (period - 1)) &- anchor)
    }

    /// A difference of timestamps, of those it may be the nearest to 0.
    static func signed(_ difference90k: Int64) -> Int64 {
        let delta = difference90k & (period - 1)
        return delta >= period / 2 ? delta - period : delta
    }
}
