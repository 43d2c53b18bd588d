/// A Content-Range header's value (RFC 9110 §14.4).
struct ContentRange: Equatable {
    let first: UInt64
    let last: UInt64
    /// The length of the whole, unless it is unknown (`*`).
    let total: UInt64?

    /// Parses `bytes first-last/total`. Nil for anything else, `bytes */total` included.
    init?(_ value: String) {
        let parts = value.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let halves = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2,
            let first = Self.number(ends[0]),
            let last = Self.number(ends[1]),
            first <= last, last < UInt64(Int64.max)
        else { return nil }
        if halves[1] == "*" {
            total = nil
        } else {
            guard let number = Self.number(halves[1]), number > last else { return nil }
            total = number
        }
        self.first = first
        self.last = last
    }

    /// Digits only: `UInt64.init` would take a sign.
    private static func number(_ text: Substring) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt64(text) : nil
    }
}
