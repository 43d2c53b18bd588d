#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A point of the wall clock, as logs and reports write it (RFC 3339, UTC): `2026-11-24T10:00:00.123Z`.
struct UTCTime: CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z.
    let milliseconds: Int64

    static var now: UTCTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    var description: String {
        let floor = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        var seconds = time_t(floor)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [(Int(parts.tm_year) + 1900, 4), (Int(parts.tm_mon) + 1, 2), (Int(parts.tm_mday), 2)]
        let time = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
        return date.map(Self.padded).joined(separator: "-") + "T"
            + time.map { Self.padded($0, 2) }.joined(separator: ":")
            + "." + Self.padded(Int(milliseconds - floor * 1000), 3) + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
