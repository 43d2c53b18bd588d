import HLS
import Testing

@Suite("Values")
struct ValueTests {
    /// The truth comes from `date -u -d … +%s`.
    @Test(
        "§4.4.4.6: ISO 8601",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2010-02-19T14:54:23.031+08:00", 1_266_562_463_031),
            ("2010-02-19T14:54:23.031+0800", 1_266_562_463_031), ("2010-02-19T14:54:23.031+08", 1_266_562_463_031),
            ("2010-02-19T14:54:23,031-01:30", 1_266_596_663_031), ("2010-02-19T14:54:23", 1_266_591_263_000),
            ("2000-02-29T12:00:00.5Z", 951_825_600_500), ("1969-12-31T23:59:59.999Z", -1),
            ("2024-12-31T23:59:60Z", 1_735_689_600_000), ("2024-02-29 00:00:00Z", 1_709_164_800_000),
            ("0000-03-01T00:00Z", -62_162_035_200_000), ("9999-12-31T23:59:59.9999999Z", 253_402_300_799_999),
        ] as [(String, Int64)]
    )
    func dates(text: String, milliseconds: Int64) {
        #expect(CalendarDate(text)?.millisecondsSince1970 == milliseconds)
    }

    /// The truth comes from `date -u -d @… +%FT%TZ`.
    @Test(
        "dates in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_825_600_500, "2000-02-29T12:00:00Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00Z"), (-62_162_035_200_000, "0000-03-01T00:00:00Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59Z"), (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] as [(Int64, String)]
    )
    func dateTexts(milliseconds: Int64, text: String) {
        #expect(CalendarDate(millisecondsSince1970: milliseconds).description == text)
    }

    @Test("§4.4.4.6: every day's text is read as that day")
    func everyDay() {
        let isRead = stride(from: Int64(-719_000), to: 2_900_000, by: 17).allSatisfy { day in
            let date = CalendarDate(millisecondsSince1970: day * 86_400_000)
            return CalendarDate(date.description) == date
        }
        #expect(isRead)
    }

    @Test(
        "§4.4.4.6: no dates",
        arguments: [
            "", "2010", "2010-02-30T00:00:00Z", "2100-02-29T00:00:00Z", "2010-13-01T00:00:00Z", "2010-00-01T00:00:00Z",
            "2010-01-01", "2010-01-01T24:00:00Z", "2010-01-01T00:60:00Z", "2010-01-01T00:00:61Z",
            "2010-01-01T00:00:00.Z", "2010-01-01T00:00:00+24:00", "2010-01-01T00:00:00+1", "2010-01-01T00:00:00Zx",
            "2010-01-01T00:00:00+08:", "20100101T000000Z", "２010-01-01T00:00:00Z",
        ]
    )
    func noDates(text: String) { #expect(CalendarDate(text) == nil) }

    @Test(
        "§5.2: IVs are numbers of 16 octets",
        arguments: [
            ("0x00000000000000000000000000000001", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            (
                "0XffEEDDCCBBAA99887766554433221100",
                [255, 238, 221, 204, 187, 170, 153, 136, 119, 102, 85, 68, 51, 34, 17, 0]
            ),
            ("10", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16]),
            ("0x0000FF00000000000000000000000000000001", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ] as [(String, [UInt8])]
    )
    func vectors(text: String, bytes: [UInt8]) {
        if text.count > 34 {
            #expect(InitializationVector(hex: text) == nil)
        } else {
            #expect(InitializationVector(hex: text)?.bytes == bytes)
        }
    }

    @Test("§5.2: no IVs", arguments: ["", "0x", "0xG", "0x1 ", "-1", "0x100000000000000000000000000000000"])
    func noVectors(text: String) { #expect(InitializationVector(hex: text) == nil) }

    @Test("§5.2: the implicit IV is the Media Sequence Number, big-endian")
    func implicitVector() {
        #expect(
            InitializationVector(mediaSequenceNumber: 0x0102_0304_0506_0708).bytes == [
                0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
            ]
        )
        #expect(
            InitializationVector(mediaSequenceNumber: .max).bytes == Array(repeating: 0, count: 8)
                + Array(repeating: 255, count: 8)
        )
    }

    @Test("§4.4.4.2: ranges are checked for overflow")
    func ranges() {
        #expect(ByteRange(offset: 0, length: 1)?.end == 1)
        #expect(ByteRange(offset: 0, length: 0) == nil)
        #expect(ByteRange(offset: .max, length: 1) == nil)
        #expect(ByteRange(offset: UInt64(Int64.max), length: 1) == nil)
        #expect(ByteRange(offset: UInt64(Int64.max) - 1, length: 1)?.end == UInt64(Int64.max))
    }

    @Test(
        "Text for terminals",
        arguments: [
            ("plain", "“plain”"), ("\u{1B}]0;x\u{7}", "“\\u{1b}]0;x\\u{7}”"), ("a\u{202E}b", "“a\\u{202e}b”"),
            ("\u{9B}2J", "“\\u{9b}2J”"), ("\u{200B}", "“\\u{200b}”"), ("a\nb", "“a\\u{a}b”"), ("é日", "“é日”"),
        ]
    )
    func display(text: String, expected: String) { #expect(DisplayText.escaped(text) == expected) }
}
