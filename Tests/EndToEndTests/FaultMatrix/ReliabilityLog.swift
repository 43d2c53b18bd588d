#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the matrix has shown, a line a case, for `docs/reliability.md`: written where `HLS2MP4_RELIABILITY` says, else
/// nowhere.
enum ReliabilityLog {
    static func add(_ id: String, _ fault: String, _ place: String, promised: String, shown: String) {
        guard let path = getenv("HLS2MP4_RELIABILITY") else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { return }
        let line = [id, fault, place, promised, shown].map(Self.field).joined(separator: "\t") + "\n"
        // One write, so that lines of tests that run beside each other stay whole.
        _ = Array(line.utf8).withUnsafeBytes { Glue.write(descriptor, $0) }
        close(descriptor)
    }

    private static func field(_ text: String) -> String {
        String(text.map { $0 == "\t" || $0 == "\n" ? " " : $0 })
    }
}
