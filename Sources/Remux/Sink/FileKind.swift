#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What stands at a path (`stat(2)`, links followed).
enum FileKind: Equatable {
    case file(device: UInt64, inode: UInt64)
    case folder
    /// A pipe, a device, a socket.
    case special

    /// `nil` where there is nothing, or nothing that may be seen.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            self = .file(
                device: UInt64(truncatingIfNeeded: status.st_dev),
                inode: UInt64(truncatingIfNeeded: status.st_ino)
            )
        case S_IFDIR: self = .folder
        default: self = .special
        }
    }
}
