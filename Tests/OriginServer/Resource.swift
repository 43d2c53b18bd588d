#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Something a path stands for: bytes in memory, or a file that is read as it is sent.
final class Resource {
    /// Size in bytes when it was opened.
    let size: Int
    /// Entity tag with its quotes.
    let etag: String
    /// Time of last change, in seconds since 1970.
    let modified: Int

    private let bytes: [UInt8]
    private let descriptor: Int32

    /// Bytes in memory. Their entity tag is a hash of them (another in every process), their time of change a constant.
    init(bytes: [UInt8]) {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        size = bytes.count
        etag = "\"\(String(UInt(bitPattern: hasher.finalize()), radix: 16))\""
        modified = 1_700_000_000
        self.bytes = bytes
        descriptor = -1
    }

    /// The regular file at `path` below `root`; `nil` where there is none, or where it leads out of `root`.
    init?(path: String, root: String) {
        let components = path.split(separator: "/")
        guard path.hasPrefix("/"), !path.utf8.contains(0), !components.isEmpty, !components.contains("..") else {
            return nil
        }
        guard let base = Self.canonical(root), let full = Self.canonical(root + "/" + components.joined(separator: "/"))
        else { return nil }
        guard full.hasPrefix(base == "/" ? base : base + "/") else { return nil }
        let opened = open(full, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        var info = stat()
        guard fstat(opened, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            return nil
        }
        #if canImport(Darwin)
        let changed = info.st_mtimespec
        #else
        let changed = info.st_mtim
        #endif
        size = Int(info.st_size)
        modified = Int(changed.tv_sec)
        let version = [size, modified, Int(changed.tv_nsec)].map { String($0, radix: 16) }.joined(separator: "-")
        etag = "\"\(version)\""
        bytes = []
        descriptor = opened
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Up to `count` bytes from `position`; empty at the end or where a file has become shorter.
    func read(at position: Int, count: Int) -> [UInt8] {
        let count = max(0, min(count, size - position))
        guard count > 0 else { return [] }
        guard descriptor >= 0 else { return Array(bytes[position..<position + count]) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(position)))
        }
    }

    private static func canonical(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
