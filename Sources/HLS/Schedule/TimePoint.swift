/// A point of a presentation, as a person names it.
package enum TimePoint: Hashable, Sendable {
    /// Since the start of the presentation; negative: before its end. Microseconds, in magnitude at most
    /// ``maximumMicroseconds``.
    case mediaTime(microseconds: Int64)
    /// A wall-clock time, by EXT-X-PROGRAM-DATE-TIME.
    case date(CalendarDate)

    /// Ten years: more is a slip of the hand, and no sum of two overflows.
    package static let maximumMicroseconds: Int64 = 3650 * 86_400 * 1_000_000

    /// Reads `90`, `90.5`, `1:30`, `1:02:03.250`, each also behind `-`, or an RFC 3339 date and time with its offset from
    /// UTC, for example `2026-11-24T10:00:00Z`.
    ///
    /// Only the first number may be 60 or more. Digits behind the sixth decimal are cut.
    package init?(_ text: String) {
        if text.utf8.contains(where: { $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: "t") }) {
            // Without an offset a person may mean the local time.
            guard
                text.hasSuffix("Z") || text.hasSuffix("z") || text.dropFirst(11).contains(where: { "+-".contains($0) }),
                let date = CalendarDate(text)
            else { return nil }
            self = .date(date)
            return
        }
        let isNegative = text.hasPrefix("-")
        guard let microseconds = Self.clock(text.utf8.dropFirst(isNegative ? 1 : 0)) else { return nil }
        self = .mediaTime(microseconds: isNegative ? -microseconds : microseconds)
    }

    /// `[[hours:]minutes:]seconds[.fraction]` in microseconds.
    private static func clock(_ text: Substring.UTF8View) -> Int64? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), let last = parts.last else { return nil }
        let pieces = last.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard pieces.count <= 2 else { return nil }
        var fraction: Int64 = 0
        if pieces.count == 2 {
            guard !pieces[1].isEmpty, pieces[1].allSatisfy({ ASCII.digitValue($0) != nil }) else { return nil }
            let digits = pieces[1].prefix(6).compactMap { ASCII.digitValue($0).map { Int64($0) } }
            fraction = (digits + [0, 0, 0, 0, 0, 0]).prefix(6).reduce(0) { $0 * 10 + $1 }
        }
        var seconds: Int64 = 0
        for (index, part) in (parts.dropLast() + pieces.prefix(1)).enumerated() {
            guard (1...9).contains(part.count), index == 0 || part.count <= 2 else { return nil }
            var number: Int64 = 0
            for byte in part {
                guard let digit = ASCII.digitValue(byte) else { return nil }
                number = number * 10 + Int64(digit)
            }
            guard index == 0 || number < 60 else { return nil }
            seconds = seconds * 60 + number
        }
        let microseconds = seconds * 1_000_000 + fraction
        return microseconds <= maximumMicroseconds ? microseconds : nil
    }
}

extension TimePoint: CustomStringConvertible {
    /// `1:02:03.250`, or `2026-11-24T10:00:00Z`.
    package var description: String {
        switch self {
        case .mediaTime(let microseconds):
            let total = microseconds.magnitude / 1000
            let seconds = total / 1000
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
            let clock =
                hours > 0
                ? "\(hours):\(Digits.text(minutes, 2)):\(Digits.text(seconds % 60, 2))"
                : "\(minutes):\(Digits.text(seconds % 60, 2))"
            return (microseconds < 0 ? "-" : "") + clock + Digits.fraction(total % 1000)
        case .date(let date):
            return date.text
        }
    }
}

extension CalendarDate {
    /// RFC 3339 in UTC, for example `2026-11-24T10:00:00.500Z`.
    package var text: String {
        let milliseconds = millisecondsSince1970
        let days = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        let ofDay = UInt64((milliseconds - days * 86_400_000).magnitude)
        // Years that begin in March, in eras of 400: the inverse of reading a date.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        let seconds = ofDay / 1000
        return
            "\(Digits.text(year.magnitude, 4))-\(Digits.text(calendarMonth.magnitude, 2))-\(Digits.text(day.magnitude, 2))T"
            + "\(Digits.text(seconds / 3600, 2)):\(Digits.text(seconds / 60 % 60, 2)):\(Digits.text(seconds % 60, 2))"
            + "\(Digits.fraction(ofDay % 1000))Z"
    }
}

private enum Digits {
    /// With zeros in front, at least `width` digits.
    static func text(_ number: some BinaryInteger, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// `.250`; nothing for 0.
    static func fraction(_ milliseconds: some BinaryInteger) -> String {
        milliseconds == 0 ? "" : "." + text(milliseconds, 3)
    }
}
