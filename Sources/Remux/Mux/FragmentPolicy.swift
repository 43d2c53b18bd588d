/// Decides where a movie fragment ends: before a sync sample of the video once it is long enough, and in any case before
/// it grows beyond bounds. Pure.
struct FragmentPolicy: Sendable {
    /// A fragment is cut at the first sync sample after this much media time.
    var minimum90k: Int64 = 90_000
    /// Without a sync sample a fragment is cut all the same after this much media time …
    static let maximum90k: Int64 = 10 * 90_000
    /// … or this many bytes …
    static let maximumBytes = 16 << 20
    /// … or samples: a `moof` must fit libavformat's output buffer (16 bytes a sample).
    static let maximumSamples = 16_384

    private var start90k: Int64?
    private var bytes = 0
    private var samples = 0

    init(minimum90k: Int64 = 90_000) {
        self.minimum90k = minimum90k
    }

    /// Whether the fragment must be closed before this sample is written; counts the sample.
    ///
    /// - Parameter mayStart: the sample is a sync sample of the video, or there is no video.
    mutating func cutsBefore(dts90k: Int64, byteCount: Int, mayStart: Bool) -> Bool {
        let length = dts90k &- (start90k ?? dts90k)
        let isFull =
            length >= Self.maximum90k || samples >= Self.maximumSamples || bytes &+ byteCount > Self.maximumBytes
        let cuts = samples > 0 && ((mayStart && length >= minimum90k) || isFull)
        if cuts || start90k == nil {
            start90k = dts90k
            bytes = 0
            samples = 0
        }
        bytes += byteCount
        samples += 1
        return cuts
    }
}
