/// X-TIMESTAMP-MAP of a WebVTT header (RFC 8216bis §3.1.4): which MPEG-2 timestamp a local time is.
struct TimestampMap: Equatable, Sendable {
    /// MPEGTS, modulo 2^33.
    var mpeg90k: Int64
    /// LOCAL.
    var localMilliseconds: Int64

    /// Where the header has none.
    static let missing = TimestampMap(mpeg90k: 0, localMilliseconds: 0)

    /// Reads the value behind `X-TIMESTAMP-MAP=`: LOCAL and MPEGTS in any order; `nil` where one is missing or unreadable.
    init?(_ value: ArraySlice<UInt8>) {
        var mpeg: Int64?
        var local: Int64?
        for part in value.split(separator: UInt8(ascii: ",")) {
            let part = part.trimmingSpaces
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let text = part[(colon + 1)...].trimmingSpaces
            switch String(decoding: part[..<colon], as: UTF8.self) {
            case "MPEGTS": mpeg = Self.timestamp(text)
            case "LOCAL":
                var rest = text
                local = WebVTTTime.read(&rest)
                if !rest.isEmpty { return nil }
            default: continue
            }
        }
        guard let mpeg, let local else { return nil }
        self.init(mpeg90k: mpeg, localMilliseconds: local)
    }

    init(mpeg90k: Int64, localMilliseconds: Int64) {
        self.mpeg90k = mpeg90k
        self.localMilliseconds = localMilliseconds
    }

    /// The MPEG-2 timestamp of a cue time in 90 kHz, not yet unwrapped.
    func mpeg90k(of milliseconds: Int64) -> Int64 {
        mpeg90k &+ (milliseconds &- localMilliseconds) &* 90
    }

    private static func timestamp(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy(\.isDigit) else { return nil }
        let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return value & (TimestampUnwrapper.period - 1)
    }
}

/// Times of WebVTT (§4.3): hours may be left out.
enum WebVTTTime {
    /// More digits of hours are no time.
    private static let maximumHourDigits = 9

    /// Reads a time in milliseconds off the front of `text`; `nil`, and nothing taken, where there is none.
    ///
    /// A comma for the decimal point and fewer than three decimals are understood.
    static func read(_ text: inout ArraySlice<UInt8>) -> Int64? {
        var rest = text
        var fields: [Int64] = []
        while true {
            let digits = rest.prefix(while: \.isDigit)
            let limit = fields.isEmpty ? maximumHourDigits : 2
            guard !digits.isEmpty, digits.count <= limit else { return nil }
            fields.append(digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) })
            rest = rest.dropFirst(digits.count)
            guard rest.first == UInt8(ascii: ":"), fields.count < 3 else { break }
            rest = rest.dropFirst()
        }
        guard fields.count >= 2, rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") else { return nil }
        let decimals = rest.dropFirst().prefix(while: \.isDigit)
        guard (1...3).contains(decimals.count) else { return nil }
        var milliseconds = decimals.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        for _ in decimals.count..<3 { milliseconds *= 10 }
        let seconds = fields[fields.count - 1]
        let minutes = fields[fields.count - 2]
        guard seconds < 60, minutes < 60 else { return nil }
        let hours = fields.count == 3 ? fields[0] : 0
        text = rest.dropFirst(1 + decimals.count)
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    /// Space or tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}

extension ArraySlice<UInt8> {
    /// Without spaces and tabs at both ends.
    var trimmingSpaces: ArraySlice<UInt8> {
        let start = drop(while: \.isBlank)
        return start[..<((start.lastIndex { !$0.isBlank } ?? (start.startIndex - 1)) + 1)]
    }
}
