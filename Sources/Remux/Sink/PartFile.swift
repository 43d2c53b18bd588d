#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `OUT.part`: this run's alone as long as it is open, by a lock (`flock(2)`) that every run takes before it writes and
/// before it discards.
struct PartFile: ~Copyable {
    let path: String
    let descriptor: FileDescriptor
    private let kind: FileKind?

    /// Runs that discard each other's files in turn: more often than this is no accident.
    private static let attempts = 10

    /// Creates the file; one that is there is discarded if `restarts`, unless another run is writing it.
    ///
    /// - Throws: ``SinkError``. A link that stands there is never followed.
    init(path: String, restarts: Bool) throws(SinkError) {
        for _ in 0..<Self.attempts {
            if let created = try Self.create(path) {
                // Another run can have taken it for an old one and discarded it before it was locked.
                guard try created.lock(), Self.isInPlace(created, path: path) else { throw .partBusy(path: path) }
                self.path = path
                kind = FileKind(descriptor: created.raw)
                descriptor = created
                return
            }
            guard restarts else { throw .partExists(path: path) }
            try Self.discard(path)
        }
        throw .partBusy(path: path)
    }

    /// Takes over a file that an earlier run has left.
    ///
    /// - Throws: ``SinkError``. A link that stands there is never followed.
    init(takingOver path: String) throws(SinkError) {
        let old: FileDescriptor
        do {
            old = try FileDescriptor.open(path, flags: O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            switch FileKind(itemAt: path) {
            case .link, .folder, .pipe, .special: throw .partIsNoFile(path: path)
            default: throw error
            }
        }
        guard case .file? = FileKind(descriptor: old.raw) else { throw .partIsNoFile(path: path) }
        guard try old.lock(), Self.isInPlace(old, path: path) else { throw .partBusy(path: path) }
        self.path = path
        kind = FileKind(descriptor: old.raw)
        descriptor = old
    }

    /// `nil` where something is there.
    private static func create(_ path: String) throws(SinkError) -> FileDescriptor? {
        do throws(SinkError) {
            return try FileDescriptor.open(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        } catch {
            if case .system(_, EEXIST, _) = error { return nil }
            throw error
        }
    }

    /// Unlinks a file of an earlier run while holding its lock. It is not truncated: after a crash between `link` and
    /// `unlink` it is the finished output as well.
    private static func discard(_ path: String) throws(SinkError) {
        let old: FileDescriptor
        do {
            old = try FileDescriptor.open(path, flags: O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            switch (error, FileKind(itemAt: path)) {
            case (.system(_, ENOENT, _), _): return
            case (_, .link), (_, .folder), (_, .pipe), (_, .special): throw .partIsNoFile(path: path)
            default: throw error
            }
        }
        guard case .file = FileKind(descriptor: old.raw) else { throw .partIsNoFile(path: path) }
        guard try old.lock() else { throw .partBusy(path: path) }
        // Its run may have ended, and renamed it, between the two calls.
        guard isInPlace(old, path: path) else { return }
        if unlink(path) != 0, errno != ENOENT { throw .last("unlink", path: path) }
    }

    /// The path still leads to the file that is being written.
    var isInPlace: Bool { Self.isInPlace(descriptor, path: path) }

    /// What stands at another path is this file.
    func stands(at path: String) -> Bool { kind != nil && FileKind(itemAt: path) == kind }

    private static func isInPlace(_ descriptor: borrowing FileDescriptor, path: String) -> Bool {
        guard case .file? = FileKind(descriptor: descriptor.raw) else { return false }
        return FileKind(itemAt: path) == FileKind(descriptor: descriptor.raw)
    }

    /// Removes the file, and no other one that took its place.
    func remove() {
        if isInPlace { _ = unlink(path) }
    }
}
