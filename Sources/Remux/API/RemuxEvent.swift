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
    /// A request has failed and is made again.
    case retry(RemuxRetry)
    /// A stretch of the presentation is missing. What is lost is told by a warning too, unless it ends the session.
    case gap(RemuxSummary.Gap)
}

/// A request that has failed and is made again.
public struct RemuxRetry: Sendable, Equatable {
    /// What is requested, as a message begins: `Media Segment 7`, `playlist https://…`.
    public var subject: String
    /// Of a Media Segment.
    public var mediaSequenceNumber: UInt64?
    /// The attempt that has failed, from 1.
    public var attempt: Int
    /// Until the next one.
    public var delaySeconds: Double
    /// Redacted.
    public var cause: String

    /// One line, safe for a terminal.
    public var message: String {
        "\(subject): attempt \(attempt) failed, the next one in \(Self.text(seconds: delaySeconds)): \(cause)"
    }

    private static func text(seconds: Double) -> String {
        let milliseconds = (min(max(0, seconds), 1e9) * 1000).rounded()
        return milliseconds < 1000 ? "\(Int(milliseconds)) ms" : "\((milliseconds / 100).rounded() / 10) s"
    }
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
