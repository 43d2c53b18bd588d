import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `--log-file`: one line for each thing told, with its time; appended, so that many runs may share it. Thread-safe.
///
/// ```
/// 2026-11-24T10:00:00.123Z warning  Media Segment 7 is lost: HTTP status 404: not found (https://example.com/7.ts)
/// ```
final class LogFile: Sendable {
    private let descriptor: Int32
    private let isOurs: Bool
    private let hasFailed = Atomic(false)
    private let path: String

    /// - Throws: ``SideFileError`` where it cannot be opened, or holds something that is no log.
    init(path: String) throws(SideFileError) {
        self.path = path
        if let number = FilePlace.descriptor(named: path) {
            guard fcntl(number, F_GETFD) != -1 else { throw .system("--log-file:", path) }
            descriptor = number
            isOurs = false
            return
        }
        if let status = FilePlace.status(of: path), FilePlace.isRegular(status), status.st_size > 0,
            !Self.isLog(FilePlace.head(of: path, count: 24))
        {
            throw SideFileError("--log-file: \(path) is there and is no log; name another file, or remove it")
        }
        let opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
        guard opened >= 0 else { throw .system("--log-file:", path) }
        descriptor = opened
        isOurs = true
    }

    deinit {
        if isOurs { close(descriptor) }
    }

    /// Writes one line, at once. Where that fails, one warning tells of it, and the run goes on.
    func write(_ kind: String, _ text: String) {
        let word = kind + String(repeating: " ", count: max(0, 8 - kind.count))
        let line = "\(UTCTime.now) \(word) \(Terminal.safe(text))\n"
        guard !FilePlace.write(Array(line.utf8), to: descriptor) else { return }
        let error = SideFileError.system("the log cannot be written:", path)
        if !hasFailed.exchange(true, ordering: .relaxed) {
            Terminal.write("warning: " + Terminal.safe(error.message) + "\n")
        }
    }

    /// It begins with a time, as every line does.
    private static func isLog(_ head: String) -> Bool {
        let shape = "dddd-dd-ddTdd:dd:dd.dddZ"
        return head.count == shape.count
            && zip(head, shape).allSatisfy { character, expected in
                expected == "d" ? character.isASCII && character.isNumber : character == expected
            }
    }
}
