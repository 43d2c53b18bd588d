#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Descriptors 0, 1 and 2 as the program was given them.
///
/// One that is closed (`>&-`) would be given to the next file or connection that is opened, and output or messages would
/// go there. They are opened on `/dev/null` before anything else is.
enum StandardDescriptors {
    /// Standard output was closed: what is written there is lost. Known after ``open()``, which this calls.
    static let outputWasClosed = openClosed().contains(STDOUT_FILENO)

    /// First of all; once.
    static func open() { _ = outputWasClosed }

    private static func openClosed() -> [Int32] {
        let closed = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].filter { fcntl($0, F_GETFD) == -1 && errno == EBADF }
        for number in closed {
            // The lowest free descriptor is taken: in this order each gets its own.
            #if canImport(Darwin)
            let opened = Darwin.open("/dev/null", O_RDWR)
            #else
            let opened = Glibc.open("/dev/null", O_RDWR)
            #endif
            guard opened == number else { _exit(ExitStatus.internalError.rawValue) }
        }
        return closed
    }
}
