#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Text on standard output, written in large pieces.
struct StandardOutput: ~Copyable {
    enum Failure: Error, Equatable {
        /// The reader of the pipe is gone.
        case readerGone
        case system(Int32)
    }

    private static let pieceSize = 1 << 16
    private var buffer: [UInt8] = []

    /// Columns of the terminal; 80 where it is none.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    init() {
        // A reader that goes away is an error of the write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
    }

    mutating func write(_ text: String) throws(Failure) {
        buffer += text.utf8
        if buffer.count >= Self.pieceSize { try flush() }
    }

    mutating func flush() throws(Failure) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { bytes in
                #if canImport(Darwin)
                Darwin.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
                #else
                Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
                #endif
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw errno == EPIPE ? .readerGone : .system(errno)
            }
            rest = rest.dropFirst(written)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
