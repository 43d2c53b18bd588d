#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file of cookies as browsers export them: Netscape's format, seven fields behind tabs on a line.
enum CookieFile {
    private static let maximumBytes = 4 << 20

    /// The lines that hold a cookie, as libcurl takes them.
    ///
    /// - Throws: ``RemuxError`` with code `configuration`; the message repeats nothing of the file.
    static func read(_ path: String) throws(RemuxError) -> [String] {
        guard let file = fopen(path, "rb") else {
            throw RemuxError(
                .configuration,
                "the cookie file \(path) cannot be read: \(String(cString: strerror(errno)))"
            )
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw RemuxError(
                .configuration,
                "the cookie file \(path) cannot be read: \(String(cString: strerror(errno)))"
            )
        }
        guard count <= maximumBytes else {
            throw RemuxError(.configuration, "the cookie file \(path) is larger than \(maximumBytes >> 20) MiB")
        }
        let found = lines(of: String(decoding: bytes.prefix(count), as: UTF8.self))
        guard !found.isEmpty else {
            throw RemuxError(
                .configuration,
                "the cookie file \(path) holds no cookies in Netscape's format (seven fields behind tabs on a line)"
            )
        }
        return found
    }

    /// Pure.
    static func lines(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            // "#HttpOnly_" begins a cookie that scripts do not see; every other "#" a comment.
            guard !line.hasPrefix("#") || line.hasPrefix("#HttpOnly_") else { return false }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            return fields.count == 7 && !fields[0].isEmpty && !fields[5].isEmpty
        }
    }
}
