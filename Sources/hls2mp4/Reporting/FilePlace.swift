#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Why a report or a log cannot be written; safe for a terminal after ``Terminal/safe(_:)``.
struct SideFileError: Error {
    let message: String

    init(_ message: String) { self.message = message }

    /// What the last system call said about a file.
    static func system(_ what: String, _ path: String) -> SideFileError {
        let code = errno
        return SideFileError("\(what) \(path): " + (strerror(code).map { String(cString: $0) } ?? "errno \(code)"))
    }
}

/// Where a path leads, for files that must not be one another.
enum FilePlace {
    /// What stands at a path, links followed; `nil` where there is nothing.
    static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

    /// The number of an open descriptor that a path names (`/dev/stderr`, `/dev/fd/3`), so that it is written to as it is
    /// and not opened again, which would begin a redirected file anew.
    static func descriptor(named path: String) -> Int32? {
        switch path {
        case "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default:
            for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
                return Int32(path.dropFirst(folder.count))
            }
            return nil
        }
    }

    /// Both lead to the same file, whether it is there yet or not.
    static func areSame(_ first: String, _ second: String) -> Bool {
        if let number = descriptor(named: first), number == descriptor(named: second) { return true }
        switch (status(of: first), status(of: second)) {
        case (let first?, let second?):
            return first.st_dev == second.st_dev && first.st_ino == second.st_ino
        case (nil, nil): return resolved(first) == resolved(second)
        default: return false
        }
    }

    /// - Parameter output: the output's path; `nil`: standard output.
    static func check(_ path: String, option: String, isNotOutput output: String?) throws(SideFileError) {
        // Whoever throws both away may do so.
        if let status = status(of: path), let null = Self.status(of: "/dev/null"), status.st_rdev == null.st_rdev,
            status.st_ino == null.st_ino, status.st_dev == null.st_dev
        {
            return
        }
        for other in output.map({ [$0, $0 + ".part"] }) ?? ["/dev/stdout"] where areSame(path, other) {
            throw SideFileError("\(option): \(path) is where the output goes")
        }
    }

    /// The path of what is not there, by its folder's true path.
    private static func resolved(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let folder = path.dropLast(name.utf8.count == 0 ? 0 : name.count)
        guard let real = realpath(folder.isEmpty ? "." : String(folder), nil) else { return path }
        defer { free(real) }
        return String(cString: real) + "/" + name
    }

    /// Writes everything to a descriptor.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                #if canImport(Darwin)
                Darwin.write(descriptor, bytes.baseAddress, bytes.count)
                #else
                Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// The first bytes of a file; empty where it cannot be read.
    static func head(of path: String, count: Int) -> String {
        guard let file = fopen(path, "rb") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: count)
        return String(decoding: buffer[..<fread(&buffer, 1, count, file)], as: UTF8.self)
    }
}
