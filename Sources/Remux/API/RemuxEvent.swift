/// What a session tells while it runs.
public enum RemuxEvent: Sendable {
    /// The plan is known: how much there is to do.
    case planned(segmentCount: Int, durationSeconds: Double)
    /// A few times a second.
    case progress(RemuxProgress)
    /// Something that a person should know; the session goes on. One line, redacted, safe for a terminal.
    case warning(String)
    /// A detail for `-v`.
    case note(String)
}

/// A snapshot of a running session.
public struct RemuxProgress: Sendable, Equatable {
    public var plannedSegmentCount = 0
    public var plannedSeconds = 0.0
    /// Segments received whole.
    public var segmentCount = 0
    public var receivedBytes: UInt64 = 0
    /// Presentation time that the output has reached.
    public var positionSeconds = 0.0
    /// Bytes held between network and demuxer, and the limit.
    public var bufferedBytes = 0
    public var bufferLimitBytes = 0
    public var retryCount = 0
    public var lostSegmentCount = 0

    public init() {}
}
