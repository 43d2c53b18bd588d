#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What stands at a path or behind a descriptor. Two files that are equal are one file.
enum FileKind: Equatable {
    case file(device: UInt64, inode: UInt64)
    case folder
    /// A pipe, with a name or without.
    case pipe
    /// Seen only where links are not followed.
    case link
    /// A device, a socket.
    case special

    /// `stat(2)`, links followed; `nil` where there is nothing, or nothing that may be seen.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// `lstat(2)`, links not followed; `nil` where there is nothing, or nothing that may be seen.
    init?(itemAt path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// `fstat(2)`; `nil` where the descriptor is not open.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            self = .file(
                device: UInt64(truncatingIfNeeded: status.st_dev),
                inode: UInt64(truncatingIfNeeded: status.st_ino)
            )
        case S_IFDIR: self = .folder
        case S_IFIFO: self = .pipe
        case S_IFLNK: self = .link
        default: self = .special
        }
    }

    /// The output goes there as it is, without a `.part`.
    var isDevice: Bool { self == .pipe || self == .special }
}
