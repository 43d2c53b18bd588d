/// Delays drawn from a seeded generator, the same for the same seed and order of requests (SplitMix64).
package struct RandomDelays: Sendable {
    private var state: UInt64
    private let longestMicroseconds: UInt64

    /// Delays between zero and `longest`.
    package init(seed: UInt64, upTo longest: Duration) {
        state = seed
        longestMicroseconds = UInt64(max(0, longest / .microseconds(1)))
    }

    /// The next delay.
    mutating func next() -> Duration {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return .microseconds(Int64(mixed % (longestMicroseconds + 1)))
    }
}
