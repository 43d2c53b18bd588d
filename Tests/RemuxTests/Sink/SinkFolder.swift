#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A folder of its own for each test, removed with it.
final class SinkFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/hls2mp4-sink-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.noFolder }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    enum Failure: Error { case noFolder }

    deinit {
        for name in names where unlink(self[name]) != 0 { rmdir(self[name]) }
        rmdir(path)
    }

    /// The path of a name in the folder.
    subscript(name: String) -> String { path + "/" + name }

    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// `nil` where there is no such file.
    func text(_ name: String) -> String? {
        guard let file = fopen(self[name], "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    func write(_ text: String, to name: String) {
        guard let file = fopen(self[name], "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}
