#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes `OUT.part`, makes it durable and renames it to `OUT` when it is complete: nothing half-done ever has the final
/// name.
final class FileSink: ByteSink {
    private let path: String
    private let partPath: String
    private let overwrites: Bool
    private let descriptor: FileDescriptor
    private var writtenBytes: UInt64 = 0
    private var flushedBytes: UInt64 = 0

    /// After this many bytes the system is asked to begin writing them to the disk, so that the final `fsync` finds little
    /// left to do.
    private static let writebackBytes: UInt64 = 32 << 20

    var patchableLength: UInt64 { .max }

    /// Creates `OUT.part`.
    ///
    /// - Throws: ``SinkError`` where `OUT` exists and may not be replaced, where a `.part` is there and may not be
    ///   discarded, and where the folder refuses.
    init(path: String, overwrites: Bool, restarts: Bool) throws(SinkError) {
        self.path = path
        self.overwrites = overwrites
        partPath = path + ".part"
        switch FileKind(path: path) {
        case .folder: throw .isFolder(path: path)
        case .none: break
        default: if !overwrites { throw .exists(path: path) }
        }
        if restarts, unlink(partPath) != 0, errno != ENOENT { throw .last("unlink", path: partPath) }
        do {
            descriptor = try FileDescriptor.open(partPath, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        } catch {
            if case .system(_, EEXIST, _) = error { throw .partExists(path: partPath) }
            throw error
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try descriptor.writeAll(bytes)
        writtenBytes += UInt64(bytes.count)
        if writtenBytes - flushedBytes >= Self.writebackBytes {
            descriptor.startWriteback(offset: flushedBytes, length: writtenBytes - flushedBytes)
            flushedBytes = writtenBytes
        }
    }

    func patch(_ bytes: [UInt8], at offset: UInt64) throws {
        try descriptor.writeAll(bytes, at: offset)
    }

    func finish() throws {
        try descriptor.synchronize()
        try rename()
        try synchronizeFolder()
    }

    func abort() throws {
        if writtenBytes == 0 {
            _ = unlink(partPath)
        } else {
            try descriptor.synchronize()
        }
    }

    /// Refuses to replace a file that appeared meanwhile, where the system can do that in one step.
    private func rename() throws(SinkError) {
        if overwrites {
            #if canImport(Darwin)
            let result = Darwin.rename(partPath, path)
            #else
            let result = Glibc.rename(partPath, path)
            #endif
            if result != 0 { throw .last("rename", path: path) }
            return
        }
        if link(partPath, path) == 0 {
            _ = unlink(partPath)
            return
        }
        if errno == EEXIST { throw .exists(path: path) }
        // A file system without hard links: look, then rename.
        guard FileKind(path: path) == nil else { throw .exists(path: path) }
        #if canImport(Darwin)
        let result = Darwin.rename(partPath, path)
        #else
        let result = Glibc.rename(partPath, path)
        #endif
        if result != 0 { throw .last("rename", path: path) }
    }

    private func synchronizeFolder() throws(SinkError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = try FileDescriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        try descriptor.synchronize()
    }
}
