/// An ISO/IEC 8601 date and time of a playlist, as an instant.
package struct CalendarDate: Hashable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted; cut, not rounded.
    package let millisecondsSince1970: Int64

    /// Reads `YYYY-MM-DDThh:mm:ss[.fff][Z|±hh:mm|±hhmm|±hh]`; without zone it is UTC (RFC 8216bis §4.4.4.6).
    ///
    /// A comma is a decimal sign too (ISO 8601), a blank or `t` may stand for `T`, seconds may be missing, `60` is a
    /// leap second. Years 0 to 9999.
    package init?(_ text: String) {
        var scan = DateScanner(rest: Substring(text).utf8)
        guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take("-"),
            let day = scan.digits(2), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        guard scan.take("T") || scan.take("t") || scan.take(" "), let hour = scan.digits(2), scan.take(":"),
            let minute = scan.digits(2), hour <= 23, minute <= 59
        else { return nil }
        var second: Int64 = 0
        var millisecond: Int64 = 0
        if scan.take(":") {
            guard let value = scan.digits(2), value <= 60 else { return nil }
            second = value
            if scan.take(".") || scan.take(",") {
                guard let fraction = scan.fraction() else { return nil }
                millisecond = fraction
            }
        }
        guard let offset = scan.zone(), scan.rest.isEmpty else { return nil }
        let minutes = (Self.dayNumber(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset
        millisecondsSince1970 = (minutes * 60 + second) * 1000 + millisecond
    }

    /// An instant by number.
    package init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    /// An instant by number, cut to whole milliseconds toward the past.
    init(microsecondsSince1970: Int64) {
        let (quotient, remainder) = microsecondsSince1970.quotientAndRemainder(dividingBy: 1000)
        millisecondsSince1970 = remainder < 0 ? quotient - 1 : quotient
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func isLeap(_ year: Int64) -> Bool {
        (year.isMultiple(of: 4) && !year.isMultiple(of: 100)) || year.isMultiple(of: 400)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March.
    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension CalendarDate: CustomStringConvertible {
    /// In UTC and ISO 8601, whole seconds: `2024-05-01T12:00:00Z`.
    package var description: String {
        let floor = millisecondsSince1970 >= 0 ? 0 : Int64(999)
        let seconds = (millisecondsSince1970 - floor) / 1000
        let dayNumber = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = seconds - dayNumber * 86_400
        // The inverse of dayNumber(year:month:day:), in years that begin in March.
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let digits = String(year.magnitude)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return (year < 0 ? "-" : "")
            + "\(padded)-\(Self.two(month))-\(Self.two(day))T\(Self.two(time / 3600)):\(Self.two(time / 60 % 60)):"
            + "\(Self.two(time % 60))Z"
    }
}

private struct DateScanner {
    /// What is still to be read.
    var rest: Substring.UTF8View

    /// Takes the character if it is next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Exactly so many digits.
    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = rest.first.flatMap(ASCII.digitValue) else { return nil }
            value = value * 10 + Int64(digit)
            rest = rest.dropFirst()
        }
        return value
    }

    /// Milliseconds of a fraction of at least one digit.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = rest.first.flatMap(ASCII.digitValue) {
            if count < 3 { value = value * 10 + Int64(digit) }
            count += 1
            rest = rest.dropFirst()
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    /// Offset from UTC in minutes.
    mutating func zone() -> Int64? {
        if rest.isEmpty || take("Z") || take("z") { return 0 }
        let isNegative = rest.first == ASCII.minus
        guard take("-") || take("+"), let hours = digits(2), hours <= 23 else { return nil }
        var minutes: Int64 = 0
        if take(":") || !rest.isEmpty {
            guard let value = digits(2), value <= 59 else { return nil }
            minutes = value
        }
        return (hours * 60 + minutes) * (isNegative ? -1 : 1)
    }
}
