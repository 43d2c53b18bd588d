import Testing

@testable import HLS

@Suite("Time points")
struct TimePointTests {
    static let media: [(String, Int64)] = [
        ("0", 0), ("90", 90_000_000), ("90.5", 90_500_000), ("0.0000019", 1), ("1:30", 90_000_000),
        ("1:02:03.250", 3_723_250_000), ("100:00", 6_000_000_000), ("0:00:00.001", 1000), ("-30", -30_000_000),
        ("-1:30.5", -90_500_000), ("999999:00:00", 0), ("86400", 86_400_000_000), ("00:05", 5_000_000),
    ]

    @Test("media times", arguments: media)
    func mediaTimes(_ text: String, _ microseconds: Int64) {
        // Ten years are the limit.
        let expected = text == "999999:00:00" ? nil : TimePoint.mediaTime(microseconds: microseconds)
        #expect(TimePoint(text) == expected)
    }

    @Test(
        "what is no time",
        arguments: [
            "", "-", ":", "1:", ":30", "1:75", "1:60:00", "1:2:3:4", "1.", ".5", "1.5:30", "1,5", "+5", "5s", "--5",
            "1:-3", "1e3", " 5", "5 ", "1:030", "0x10", "٣", "2026-11-24", "9999999999", "1:30.5.5",
        ]
    )
    func noTime(_ text: String) {
        #expect(TimePoint(text) == nil)
    }

    static let dates: [(String, Int64)] = [
        ("2026-11-24T10:00:00Z", 1_795_514_400_000), ("2026-11-24T11:00:00+01:00", 1_795_514_400_000),
        ("2026-11-24t04:30:00.250-05:30", 1_795_514_400_250), ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
    ]

    @Test("dates", arguments: dates)
    func calendar(_ text: String, _ milliseconds: Int64) {
        #expect(TimePoint(text) == .date(CalendarDate(millisecondsSince1970: milliseconds)))
    }

    @Test(
        "dates without an offset, and what is none",
        arguments: [
            "2026-11-24T10:00:00", "2026-11-24T10:00", "2026-13-24T10:00:00Z", "T", "10:00T", "2026-11-24T25:00:00Z",
        ]
    )
    func noDate(_ text: String) {
        #expect(TimePoint(text) == nil)
    }

    @Test("what is written reads back", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // Years 0 to 9999.
        let milliseconds = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
        let date = CalendarDate(millisecondsSince1970: milliseconds)
        #expect(CalendarDate(date.text) == date, "\(date.text)")
        let time = TimePoint.mediaTime(
            microseconds: Int64.random(in: -400_000_000...400_000_000, using: &generator) * 1000
        )
        #expect(TimePoint(time.description) == time, "\(time)")
    }

    @Test("as people read them")
    func texts() {
        #expect(TimePoint("1:02:03.25")?.description == "1:02:03.250")
        #expect(TimePoint("-90")?.description == "-1:30")
        #expect(TimePoint("2024-02-29T23:59:59+00:00")?.description == "2024-02-29T23:59:59Z")
    }
}
