/// A stretch of a presentation that has one clock: a Discontinuity Sequence, and in it a part that begins where timestamps
/// jump without an EXT-X-DISCONTINUITY. Ordered as they follow each other.
struct RunKey: Hashable, Comparable, Sendable {
    /// Discontinuity Sequence.
    var sequence: UInt64
    /// Jumps without a tag before it in its Discontinuity Sequence.
    var part = 0

    static func < (left: Self, right: Self) -> Bool {
        (left.sequence, left.part) < (right.sequence, right.part)
    }
}
