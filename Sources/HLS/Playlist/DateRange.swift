/// A Date Range (EXT-X-DATERANGE, RFC 8216bis §4.4.5.1), merged from all tags with its ID.
///
/// Addresses in it (`X-ASSET-URI` and the like) are never fetched.
package struct DateRange: Sendable, Equatable {
    /// ID. Untrusted text, like all that follows.
    package let id: String
    /// CLASS.
    package internal(set) var className: String?
    /// START-DATE; a Date Range without one is left out.
    package internal(set) var startDate: ProgramDateTime?
    /// END-DATE.
    package internal(set) var endDate: ProgramDateTime?
    /// DURATION.
    package internal(set) var durationMicroseconds: Int64?
    /// PLANNED-DURATION.
    package internal(set) var plannedDurationMicroseconds: Int64?
    /// The known members of CUE: PRE, POST, ONCE.
    package internal(set) var cues: [String] = []
    /// END-ON-NEXT=YES.
    package internal(set) var endsOnNext = false
    /// `X-…` and `SCTE35-…` attributes as written, quotes removed and variables replaced.
    package internal(set) var attributes: [String: String] = [:]

    /// A Date Range of which nothing else is known yet.
    init(id: String) { self.id = id }

    /// Takes what another tag with the same ID adds. What is there stays: it must not change.
    mutating func merge(_ other: DateRange) {
        className = className ?? other.className
        startDate = startDate ?? other.startDate
        endDate = endDate ?? other.endDate
        durationMicroseconds = durationMicroseconds ?? other.durationMicroseconds
        plannedDurationMicroseconds = plannedDurationMicroseconds ?? other.plannedDurationMicroseconds
        if cues.isEmpty { cues = other.cues }
        endsOnNext = endsOnNext || other.endsOnNext
        attributes.merge(other.attributes) { old, _ in old }
    }

    /// Whether an attribute that both have differs. It must not (§4.4.5.1).
    func contradicts(_ other: DateRange) -> Bool {
        func differ<Value: Equatable>(_ left: Value?, _ right: Value?) -> Bool {
            left != nil && right != nil && left != right
        }
        return differ(className, other.className) || differ(startDate, other.startDate)
            || differ(endDate, other.endDate) || differ(durationMicroseconds, other.durationMicroseconds)
            || differ(plannedDurationMicroseconds, other.plannedDurationMicroseconds)
            || attributes.contains { differ($0.value, other.attributes[$0.key]) }
    }

    /// The first broken rule, for people; `nil` where all is well.
    var brokenRule: String? {
        guard let startDate else { return "the attribute START-DATE is required" }
        if let endDate, endDate.date.millisecondsSince1970 < startDate.date.millisecondsSince1970 {
            return "END-DATE is before START-DATE"
        }
        // In whole milliseconds, as precise as the dates are.
        if let endDate, let durationMicroseconds,
            abs(endDate.date.millisecondsSince1970 - startDate.date.millisecondsSince1970 - durationMicroseconds / 1000)
                > 1
        {
            return "END-DATE is not START-DATE plus DURATION"
        }
        if cues.contains("PRE"), cues.contains("POST") { return "CUE must not hold both PRE and POST" }
        if endsOnNext, className == nil { return "END-ON-NEXT needs the attribute CLASS" }
        if endsOnNext, durationMicroseconds != nil || endDate != nil {
            return "END-ON-NEXT excludes DURATION and END-DATE"
        }
        return nil
    }
}
