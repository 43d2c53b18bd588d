#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A playlist that comes through standard input.
enum StandardInput {
    enum Failure: Error, Equatable, CustomStringConvertible {
        case system(Int32)
        case tooLarge

        var description: String {
            switch self {
            case .system(let code): strerror(code).map { String(cString: $0) } ?? "errno \(code)"
            case .tooLarge: "it is larger than a playlist may be"
            }
        }
    }

    /// All bytes to the end of the input. Blocks.
    static func read(limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            #if canImport(Darwin)
            let count = Darwin.read(STDIN_FILENO, &buffer, buffer.count)
            #else
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            #endif
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            guard bytes.count + count <= limit else { throw .tooLarge }
            bytes += buffer[..<count]
        }
    }
}
