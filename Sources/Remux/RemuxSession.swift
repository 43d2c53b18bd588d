import Synchronization

/// One run from a playlist to an output.
///
/// ```swift
/// let session = RemuxSession(RemuxConfiguration(input: "https://example.com/index.m3u8", output: .file(path: "film.mp4")))
/// let summary = try await session.run()
/// ```
/// Cancelling the task that runs it stops the session: what was written is completed as far as it goes and kept as
/// `.part`.
public final class RemuxSession: Sendable {
    /// What the session tells while it runs, for one reader; ends with the session.
    public let events: AsyncStream<RemuxEvent>

    private let configuration: RemuxConfiguration
    private let environment: SessionEnvironment
    private let status: SessionStatus
    private let hasRun = Mutex(false)

    public convenience init(_ configuration: RemuxConfiguration) {
        self.init(configuration, environment: SessionEnvironment())
    }

    /// A session whose waits and limits are given, for tests.
    package init(_ configuration: RemuxConfiguration, environment: SessionEnvironment) {
        self.configuration = configuration
        self.environment = environment
        let (stream, continuation) = AsyncStream.makeStream(
            of: RemuxEvent.self,
            bufferingPolicy: .bufferingNewest(10_000)
        )
        events = stream
        status = SessionStatus(events: continuation)
        status.update { $1.input = SessionInput.redacted(configuration.input) }
    }

    /// A snapshot of how far the session is; from any task.
    public var progress: RemuxProgress { status.progress }

    /// What has been made so far; after ``run()`` threw ``RemuxError/Code/incomplete`` it names the gaps.
    public var summary: RemuxSummary { status.summary }

    /// Runs the session to its end; once.
    ///
    /// - Returns: what was made, when every segment is in the output.
    /// - Throws: ``RemuxError``, or `CancellationError` when the task was cancelled.
    public func run() async throws -> RemuxSummary {
        precondition(
            hasRun.withLock { hasRun in
                defer { hasRun = true }
                return !hasRun
            },
            "a session runs once"
        )
        let start = ContinuousClock.now
        defer {
            status.end(elapsed: ContinuousClock.now - start)
            status.finish()
        }
        _ = try await Pipeline(configuration: configuration, environment: environment, status: status).run()
        status.end(elapsed: ContinuousClock.now - start)
        return status.summary
    }

    /// The libraries in use, for example `FFmpeg 5.1.9 (libavformat 59.27.100)`.
    public static var libraryVersions: [String] { Pipeline.libraryVersions }
}
