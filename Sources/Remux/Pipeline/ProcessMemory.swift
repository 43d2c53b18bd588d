#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the process has taken of the machine's memory.
enum ProcessMemory {
    /// The most that was ever resident, in bytes; 0 where the system does not say.
    static var peakResidentBytes: UInt64 {
        #if canImport(Darwin)
        var usage = rusage()
        return getrusage(RUSAGE_SELF, &usage) == 0 ? UInt64(clamping: usage.ru_maxrss) : 0
        #else
        // Not `ru_maxrss`: that begins with the peak of the process that started this one (`execve` keeps it).
        return highWaterMark(of: read("/proc/self/status"))
        #endif
    }

    /// The line `VmHWM:   12345 kB` of proc_pid_status(5).
    static func highWaterMark(of status: String) -> UInt64 {
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
            let (bytes, overflow) = (number.flatMap { UInt64($0) } ?? 0).multipliedReportingOverflow(by: 1024)
            return overflow ? 0 : bytes
        }
        return 0
    }

    #if !canImport(Darwin)
    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
    #endif
}
