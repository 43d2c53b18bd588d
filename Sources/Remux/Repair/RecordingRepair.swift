import Threading

/// Finishes a recording that was cut off (`OUT.part`), in place: nothing is copied, nothing but that file is read.
///
/// ```swift
/// let summary = try await RecordingRepair(path: "film.mp4.part").run()
/// ```
public struct RecordingRepair: Sendable {
    /// The file to finish.
    public var path: String
    /// The name it gets, on the same file system. Default: ``path`` without `.part`.
    public var output: String?
    /// Default: the one that the recording was made for.
    public var layout: MP4Layout?
    /// Replace an existing output. Default: refuse.
    public var overwrites = false

    public init(path: String) { self.path = path }

    /// What was done.
    public struct Summary: Sendable, Equatable {
        public var path: String
        public var layout: MP4Layout
        /// Presentation end of the longest track; `nil` where the file was complete and lacked its name only.
        public var durationSeconds: Double?
        public var fragmentCount: Int
        /// Dropped behind the last whole fragment.
        public var droppedBytes: UInt64
        public var outputBytes: UInt64
    }

    private static let partSuffix = ".part"

    /// Runs to the end.
    ///
    /// - Throws: ``RemuxError``: `media` where there is nothing to save or to repair, `output` where the file cannot be written,
    ///   is being written by another run, or its name is taken.
    public func run() async throws -> Summary {
        let thread: DedicatedThread<Result<Summary, RemuxError>>
        do {
            thread = try DedicatedThread(name: "repair") {
                do { return .success(try finish()) } catch { return .failure(wrapped(error)) }
            }
        } catch {
            throw RemuxError(.internalError, "\(error)", underlying: error)
        }
        return try await thread.value.get()
    }

    private func finish() throws -> Summary {
        let isPart = path.hasSuffix(Self.partSuffix) && path.count > Self.partSuffix.count
        let name = output ?? (isPart ? String(path.dropLast(Self.partSuffix.count)) : path)
        let sink = try FileSink(takingOver: path, as: name, overwrites: overwrites)
        let outcome = try RecordingFinish.run(sink, layout: layout, acceptsComplete: name != path)
        try sink.finish()
        return Summary(
            path: name,
            layout: outcome.layout,
            durationSeconds: outcome.seconds,
            fragmentCount: outcome.fragmentCount,
            droppedBytes: outcome.droppedBytes,
            outputBytes: outcome.byteCount
        )
    }

    private func wrapped(_ error: any Error) -> RemuxError {
        switch error {
        case let error as RecordingError:
            RemuxError(.media, "\(path): \(error)", context: RemuxError.Context(stage: "Repair"), underlying: error)
        case SinkError.partBusy(let path):
            RemuxError(
                .output,
                "\(path) is still being written by another run; wait for it, or stop it",
                context: RemuxError.Context(stage: "Sink"),
                underlying: error
            )
        default: RemuxError(wrapping: error)
        }
    }
}
