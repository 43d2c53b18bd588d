#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes `OUT.part`, makes it durable and renames it to `OUT` when it is complete: nothing half-done ever has the final
/// name.
final class FileSink: StoredSink {
    private let path: String
    private let overwrites: Bool
    private let part: PartFile
    private var writtenBytes: UInt64 = 0
    private var flushedBytes: UInt64 = 0

    /// After this many bytes the system is asked to begin writing them to the disk, so that the final `fsync` finds little
    /// left to do.
    private static let writebackBytes: UInt64 = 32 << 20

    var patchableLength: UInt64 { .max }

    /// Creates `OUT.part` and locks it.
    ///
    /// - Throws: ``SinkError`` where `OUT` exists and may not be replaced, where a `.part` is there and may not be
    ///   discarded or is being written by another run, and where the folder refuses.
    init(path: String, overwrites: Bool, restarts: Bool) throws(SinkError) {
        try Self.check(path: path, overwrites: overwrites, restarts: restarts)
        self.path = path
        self.overwrites = overwrites
        part = try PartFile(path: Self.partPath(of: path), restarts: restarts)
    }

    /// Takes over the `.part` of an earlier run, locks it, and will give it the name `path`, which may be its own.
    ///
    /// - Throws: ``SinkError`` where `path` exists and may not be replaced, where another run is writing the `.part`, and
    ///   where it is no file.
    init(takingOver partPath: String, as path: String, overwrites: Bool) throws(SinkError) {
        if FileKind(path: path) == .folder || path.hasSuffix("/") { throw .isFolder(path: path) }
        if !overwrites, path != partPath, FileKind(itemAt: path) != nil { throw .exists(path: path) }
        self.path = path
        self.overwrites = overwrites
        part = try PartFile(takingOver: partPath)
        writtenBytes = try part.descriptor.length()
        flushedBytes = writtenBytes
    }

    static func partPath(of path: String) -> String { path + ".part" }

    /// Refuses, without touching anything, what cannot succeed. Creating the file is what decides.
    ///
    /// - Throws: ``SinkError``.
    static func check(path: String, overwrites: Bool, restarts: Bool) throws(SinkError) {
        if FileKind(path: path) == .folder || path.hasSuffix("/") { throw .isFolder(path: path) }
        // A link that leads nowhere is there, too.
        if !overwrites, FileKind(itemAt: path) != nil { throw .exists(path: path) }
        let partPath = partPath(of: path)
        switch FileKind(itemAt: partPath) {
        case nil: break
        case .file: if !restarts { throw .partExists(path: partPath) }
        default: throw .partIsNoFile(path: partPath)
        }
        let folder = folder(of: path)
        if access(folder, W_OK | X_OK) != 0 { throw .last("access", path: folder) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try part.descriptor.writeAll(bytes)
        writtenBytes += UInt64(bytes.count)
        if writtenBytes - flushedBytes >= Self.writebackBytes {
            part.descriptor.startWriteback(offset: flushedBytes, length: writtenBytes - flushedBytes)
            flushedBytes = writtenBytes
        }
    }

    func patch(_ bytes: [UInt8], at offset: UInt64) throws {
        try part.descriptor.writeAll(bytes, at: offset)
        writtenBytes = max(writtenBytes, offset + UInt64(bytes.count))
    }

    var storedLength: UInt64 { writtenBytes }

    func read(_ count: Int, at offset: UInt64) throws -> [UInt8] {
        try part.descriptor.read(count, at: offset)
    }

    func truncate(to length: UInt64) throws {
        try part.descriptor.truncate(to: length)
        writtenBytes = length
    }

    func synchronize() throws { try part.descriptor.synchronize() }

    func finish() throws {
        try part.descriptor.synchronize()
        // The system renames paths, not open files: what stands there must be what was written.
        guard part.isInPlace else { throw SinkError.partReplaced(path: part.path) }
        try rename()
        guard part.stands(at: path) else { throw SinkError.partReplaced(path: path) }
        try synchronizeFolder()
    }

    func abort() throws {
        if writtenBytes == 0 {
            part.remove()
        } else {
            try part.descriptor.synchronize()
        }
    }

    /// Refuses to replace a file that appeared meanwhile, where the system can do that in one step.
    private func rename() throws(SinkError) {
        if part.path == path { return }
        if !overwrites {
            if link(part.path, path) == 0 {
                part.remove()
                return
            }
            if errno == EEXIST { throw .exists(path: path) }
            // A file system without hard links: look, then rename.
            guard FileKind(itemAt: path) == nil else { throw .exists(path: path) }
        }
        #if canImport(Darwin)
        let result = Darwin.rename(part.path, path)
        #else
        let result = Glibc.rename(part.path, path)
        #endif
        if result != 0 { throw .last("rename", path: path) }
    }

    private func synchronizeFolder() throws(SinkError) {
        let descriptor = try FileDescriptor.open(Self.folder(of: path), flags: O_RDONLY | O_DIRECTORY)
        try descriptor.synchronize()
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}
