#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes to something that cannot be patched: standard output, a named pipe, a device.
///
/// A reader that does not read blocks the output for as long as it likes, but not the end of the session: every wait here
/// looks for ``SinkStop``, and no call blocks.
final class DescriptorSink: ByteSink {
    /// How a write is kept from blocking.
    private enum Waiting {
        /// The system never lets it wait for somebody else: a file.
        case notNeeded
        /// `O_NONBLOCK`, on an open file description of our own.
        case whenRefused
        /// The description is shared with other processes, so its flags are not ours: wait first, then write no more than
        /// a pipe takes for certain.
        case beforeEachPiece
    }

    private let descriptor: FileDescriptor
    private let waiting: Waiting
    private let stop: SinkStop
    private var stopSeen: ContinuousClock.Instant?

    /// `PIPE_BUF`: what a pipe that is writable takes without blocking (pipe(7); POSIX allows less).
    private static let pieceBytes = 4096 < PIPE_BUF ? 4096 : Int(PIPE_BUF)
    private static let pollMilliseconds: Int32 = 100
    /// A reader that reads gets the end of the last fragment after a stop, if it takes it within this time.
    private static let grace = Duration.milliseconds(500)

    /// Standard output of the process.
    static func standardOutput(stop: SinkStop) -> DescriptorSink {
        let kind = FileKind(descriptor: STDOUT_FILENO)
        #if os(Linux)
        if kind == .pipe {
            // Opened anew, the pipe has a description of ours. It may refuse: another user's pipe, a reader that is gone.
            do {
                let descriptor = try FileDescriptor.open("/proc/self/fd/1", flags: O_WRONLY | O_NONBLOCK)
                return DescriptorSink(descriptor, .whenRefused, stop)
            } catch {
                return shared(STDOUT_FILENO, stop: stop)
            }
        }
        #endif
        if case .file = kind {
            return DescriptorSink(standard(STDOUT_FILENO), .notNeeded, stop)
        }
        return shared(STDOUT_FILENO, stop: stop)
    }

    /// An existing pipe or device. Waits for the reader of a pipe.
    ///
    /// - Throws: ``SinkError``; ``SinkError/stopped`` where the session is stopped before there is a reader.
    static func device(at path: String, stop: SinkStop) throws(SinkError) -> DescriptorSink {
        let isPipe = FileKind(path: path) == .pipe
        while true {
            do {
                let descriptor = try FileDescriptor.open(path, flags: O_WRONLY | O_NONBLOCK | O_NOCTTY)
                return DescriptorSink(descriptor, .whenRefused, stop)
            } catch {
                // ENXIO: nobody reads yet.
                guard isPipe, case .system(_, ENXIO, _) = error else { throw error }
            }
            if stop.isRequested { throw .stopped }
            _ = poll(nil, 0, pollMilliseconds)
        }
    }

    /// A descriptor whose description others share: its flags are left alone.
    static func shared(_ raw: Int32, stop: SinkStop) -> DescriptorSink {
        DescriptorSink(standard(raw), .beforeEachPiece, stop)
    }

    private static func standard(_ raw: Int32) -> FileDescriptor {
        FileDescriptor(raw: raw, path: "standard output", isOwned: false)
    }

    private init(_ descriptor: consuming FileDescriptor, _ waiting: Waiting, _ stop: SinkStop) {
        self.descriptor = descriptor
        self.waiting = waiting
        self.stop = stop
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        if waiting == .notNeeded { return try descriptor.writeAll(bytes) }
        var rest = bytes[...]
        while !rest.isEmpty {
            if waiting == .beforeEachPiece { try waitUntilWritable() }
            let piece = waiting == .beforeEachPiece ? rest.prefix(Self.pieceBytes) : rest
            if let written = try descriptor.writeOnce(UnsafeRawBufferPointer(rebasing: piece)) {
                rest = rest.dropFirst(written)
            } else {
                try waitUntilWritable()
            }
        }
    }

    func finish() throws {
        try descriptor.synchronize()
    }

    func abort() throws {}

    private func waitUntilWritable() throws(SinkError) {
        repeat {
            if stop.isRequested {
                let now = ContinuousClock.now
                let seen = stopSeen ?? now
                stopSeen = seen
                if now - seen > Self.grace { throw .stopped }
            }
        } while try !descriptor.isWritable(within: Self.pollMilliseconds)
    }
}
