#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A local regular file, read in bounded pieces with `pread`. Lives on the transport thread.
final class FileSource {
    /// The bytes read at once.
    static let pieceSize = 64 * 1024

    private let descriptor: Int32
    /// The file's length in bytes when it was opened.
    let length: UInt64
    private var position: UInt64
    private let buffer: UnsafeMutableRawBufferPointer
    /// Bytes read that nobody has taken yet.
    private var pending: UnsafeRawBufferPointer?

    /// Opens the file at `path`, to be read from `position` on.
    ///
    /// - Throws: ``TransportError/Kind/file(_:)``.
    init(path: String, position: UInt64) throws(TransportError) {
        // Never waits: a FIFO is opened, and refused.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TransportError(.file(Self.text(of: errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw TransportError(.file("it is no regular file"))
        }
        length = UInt64(max(0, status.st_size))
        self.position = position
        buffer = .allocate(byteCount: Self.pieceSize, alignment: 64)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// The next bytes: those put back, else the next piece. Empty at the end.
    func next() throws(TransportError) -> UnsafeRawBufferPointer {
        if let pending { return pending }
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(clamping: position))
            if count >= 0 {
                position += UInt64(count)
                let piece = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
                pending = piece
                return piece
            }
            guard errno == EINTR else { throw TransportError(.file(Self.text(of: errno))) }
        }
    }

    /// The bytes of the last ``next()`` were taken.
    func advance() {
        pending = nil
    }

    private static func text(of code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "errno \(code)"
    }
}
