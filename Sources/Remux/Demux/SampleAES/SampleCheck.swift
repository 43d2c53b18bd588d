/// Gathers evidence on whether samples were decrypted with the right key: sample encryption leaves no padding and no tag to
/// look at, only what comes out. A value. Pure.
struct SampleCheck: Equatable {
    /// What the evidence says.
    enum Finding: Equatable, CustomStringConvertible {
        case wrongKey
        case notEncrypted

        var description: String {
            switch self {
            case .wrongKey: "its decrypted samples are no media: the key or its initialization vector is wrong"
            case .notEncrypted: "its samples are not encrypted, although it says so"
            }
        }
    }

    /// Samples looked at; behind them a key counts as right.
    private static let maximumSamples = 64
    /// A right key never fails so often, and a wrong one soon does.
    private static let minimumFailures = 3

    private var samples = 0
    private var failures = 0
    /// Samples that looked right before they were decrypted.
    private var clearSamples = 0
    /// Samples of the same stream whose bytes in question were clear, and those of them that do not look right.
    private var controls = 0
    private var controlFailures = 0

    /// Enough was seen.
    var isDone: Bool { samples >= Self.maximumSamples }

    /// A sample was decrypted.
    ///
    /// - Parameters:
    ///   - isPlausible: it looks like what it should be.
    ///   - wasPlausible: it did so before.
    mutating func take(isPlausible: Bool, wasPlausible: Bool) {
        samples += 1
        if !isPlausible { failures += 1 }
        if wasPlausible { clearSamples += 1 }
    }

    /// A sample came by that shows, without decryption, whether the stream keeps to the syntax at all.
    mutating func takeControl(isPlausible: Bool) {
        guard !isDone else { return }
        controls += 1
        if !isPlausible { controlFailures += 1 }
    }

    /// `nil`: nothing is wrong so far. One sample in four may fail: what is seen is syntax that encoders need not keep to the
    /// letter.
    var finding: Finding? {
        guard failures >= Self.minimumFailures, failures * 4 >= samples,
            controlFailures * 8 <= controls
        else { return nil }
        return clearSamples == samples ? .notEncrypted : .wrongKey
    }
}
