import HLS

/// Media Segments of a transport stream that hold tables and stuffing only. A whole Discontinuity Sequence of such is what its
/// playlist calls one, and keeps its duration; between others they are segments whose media is missing. Pure.
struct EmptySegments {
    /// More of them wait for no media.
    private static let maximumPending = 1000

    private var sequence: UInt64?
    private var hasMedia = false
    private var pending: [SegmentMark] = []

    /// A segment has passed; gives out those whose media is missing.
    mutating func take(_ mark: SegmentMark, hasMedia: Bool) -> [SegmentMark] {
        if sequence != mark.discontinuitySequence {
            sequence = mark.discontinuitySequence
            self.hasMedia = false
            pending = []
        }
        if hasMedia {
            self.hasMedia = true
        } else {
            pending.append(mark)
        }
        guard self.hasMedia || pending.count > Self.maximumPending else { return [] }
        defer { pending = [] }
        return pending
    }
}
