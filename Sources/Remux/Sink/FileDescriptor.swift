#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Owns an open file descriptor; closed once, in `deinit` or by ``close()``.
struct FileDescriptor: ~Copyable {
    let raw: Int32
    private let path: String
    private let isOwned: Bool

    /// - Parameter isOwned: `false` for a descriptor of the process, such as standard output, which stays open.
    init(raw: Int32, path: String, isOwned: Bool = true) {
        self.raw = raw
        self.path = path
        self.isOwned = isOwned
    }

    deinit {
        #if canImport(Darwin)
        if isOwned { _ = Darwin.close(raw) }
        #else
        if isOwned { _ = Glibc.close(raw) }
        #endif
    }

    /// `open(2)` with `O_CLOEXEC`, repeated when interrupted.
    static func open(_ path: String, flags: Int32, mode: mode_t = 0o666) throws(SinkError) -> FileDescriptor {
        while true {
            #if canImport(Darwin)
            let raw = Darwin.open(path, flags | O_CLOEXEC, mode)
            #else
            let raw = Glibc.open(path, flags | O_CLOEXEC, mode)
            #endif
            if raw >= 0 { return FileDescriptor(raw: raw, path: path) }
            if errno != EINTR { throw .last("open", path: path) }
        }
    }

    /// Writes all bytes: `write(2)` until nothing is left.
    func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SinkError) {
        try writeAll(bytes) { pointer, count, _ in write(raw, pointer, count) }
    }

    /// Writes all bytes at an offset: `pwrite(2)` until nothing is left.
    func writeAll(_ bytes: [UInt8], at offset: UInt64) throws(SinkError) {
        guard let start = off_t(exactly: offset) else { throw .system(call: "pwrite", errno: EFBIG, path: path) }
        let result: Result<Void, SinkError> = bytes.withUnsafeBytes { buffer in
            do throws(SinkError) {
                try writeAll(buffer) { pointer, count, done in pwrite(raw, pointer, count, start + off_t(done)) }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        _ call: (UnsafeRawPointer, Int, Int) -> Int
    ) throws(SinkError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let written = call(base + done, bytes.count - done, done)
            if written > 0 {
                done += written
            } else if written == 0 {
                throw .system(call: "write", errno: ENOSPC, path: path)
            } else if errno != EINTR {
                throw .last("write", path: path)
            }
        }
    }

    /// Reads up to `count` bytes at an offset, fewer at the end of the file: `pread(2)`.
    func read(_ count: Int, at offset: UInt64) throws(SinkError) -> [UInt8] {
        guard let start = off_t(exactly: offset) else { throw .system(call: "pread", errno: EFBIG, path: path) }
        var failure: SinkError?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < buffer.count, let base = buffer.baseAddress {
                let got = pread(raw, base + filled, buffer.count - filled, start + off_t(filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = .last("pread", path: path)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Bytes of the file: `fstat(2)`.
    func length() throws(SinkError) -> UInt64 {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw .last("fstat", path: path) }
        return UInt64(clamping: status.st_size)
    }

    /// Drops all bytes from `length` on: `ftruncate(2)`.
    func truncate(to length: UInt64) throws(SinkError) {
        guard let length = off_t(exactly: length) else { throw .system(call: "ftruncate", errno: EFBIG, path: path) }
        while ftruncate(raw, length) != 0 {
            if errno != EINTR { throw .last("ftruncate", path: path) }
        }
    }

    /// One `write(2)`, repeated when interrupted.
    ///
    /// - Parameter bytes: not empty.
    /// - Returns: how many bytes it took; `nil` where it takes none now (`EAGAIN`).
    func writeOnce(_ bytes: UnsafeRawBufferPointer) throws(SinkError) -> Int? {
        while true {
            let written = write(raw, bytes.baseAddress, bytes.count)
            if written > 0 { return written }
            if written == 0 { throw .system(call: "write", errno: ENOSPC, path: path) }
            if errno == EAGAIN { return nil }
            if errno != EINTR { throw .last("write", path: path) }
        }
    }

    /// Waits until the descriptor takes bytes, or an error that the next write tells: `poll(2)`.
    func isWritable(within milliseconds: Int32) throws(SinkError) -> Bool {
        var descriptor = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
        let count = poll(&descriptor, 1, milliseconds)
        if count < 0, errno != EINTR { throw .last("poll", path: path) }
        return count > 0
    }

    /// Takes the lock of the file, which lasts until the descriptor is closed: `flock(2)`, without waiting.
    ///
    /// - Returns: `false` where somebody else has it. On a file system without locks everybody gets it.
    func lock() throws(SinkError) -> Bool {
        while flock(raw, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            case ENOTSUP, EOPNOTSUPP, ENOLCK, ENOSYS, EINVAL: return true
            default: throw .last("flock", path: path)
            }
        }
        return true
    }

    /// Asks the system to begin writing these bytes to the disk, without waiting for it. A hint: what becomes of it does not
    /// matter. On Linux `POSIX_FADV_DONTNEED` starts writing dirty pages back before it looks for clean ones to drop.
    func startWriteback(offset: UInt64, length: UInt64) {
        #if os(Linux)
        _ = posix_fadvise(raw, off_t(clamping: offset), off_t(clamping: length), POSIX_FADV_DONTNEED)
        #endif
    }

    /// `fsync(2)`; what cannot be synced by its nature (`EINVAL`: a pipe, a device) counts as synced.
    func synchronize() throws(SinkError) {
        while fsync(raw) != 0 {
            if errno == EINVAL { return }
            if errno != EINTR { throw .last("fsync", path: path) }
        }
    }
}
