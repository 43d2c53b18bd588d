#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Why output could not be written; every case is exit status 8.
enum SinkError: Error, Equatable, CustomStringConvertible {
    case exists(path: String)
    case partExists(path: String)
    /// Another run holds the lock of the `.part`.
    case partBusy(path: String)
    /// A link, a folder, a pipe stands where the `.part` would be.
    case partIsNoFile(path: String)
    /// The path leads to another file than the one that was written.
    case partReplaced(path: String)
    case isInput(path: String)
    case isFolder(path: String)
    /// The formats change more often than files may be made.
    case tooManyFiles(count: Int)
    /// A system call failed: its name, `errno`, and the path.
    case system(call: String, errno: Int32, path: String)
    /// The reader of a pipe is gone (`EPIPE`).
    case readerGone
    /// The session was stopped while the output waited for its reader: no failure of the output.
    case stopped

    var description: String {
        switch self {
        case .exists(let path):
            "\(path) exists; -y replaces it once the new file is complete"
        case .partExists(let path):
            "\(path) is there from an earlier run; --restart discards it and starts anew"
        case .partBusy(let path):
            "another run is writing \(path); wait for it, or choose another output with -o"
        case .partIsNoFile(let path):
            "\(path) is no regular file; remove it, or choose another output with -o"
        case .partReplaced(let path):
            "\(path) was replaced meanwhile by another program; what this run wrote is not what stands there"
        case .isInput(let path):
            "\(path) is the input; choose another output with -o"
        case .isFolder(let path):
            "\(path) is a folder; name a file with -o"
        case .tooManyFiles(let count):
            "the formats change so often that \(count) files are not enough; take parts of it with --start and --end"
        case .system(let call, let code, let path):
            "\(path): \(call): \(Self.text(of: code))"
        case .readerGone:
            "the reader of standard output has gone"
        case .stopped:
            "stopped while the output waited for its reader"
        }
    }

    static func last(_ call: String, path: String) -> SinkError {
        errno == EPIPE ? .readerGone : .system(call: call, errno: errno, path: path)
    }

    private static func text(of code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
