import Testing

@testable import Transport

/// What answers mean for a body that is here in part.
@Suite struct BodyProgressTests {
    private static let range = ByteRange(offset: 100, length: 50)

    /// A head with the ETag "a" and the headers given.
    private static func head(
        _ status: Int,
        _ contentRange: String? = nil,
        length: UInt64? = nil,
        eTag: String? = "\"a\"",
        encoding: String? = nil
    ) -> ResponseHead {
        ResponseHead(
            status: status,
            contentLength: length,
            contentRange: contentRange,
            contentEncoding: encoding,
            eTag: eTag
        )
    }

    /// Progress of `received` bytes from an answer to the first request.
    private static func progress(
        _ range: ByteRange?,
        received: Int,
        eTag: String? = "\"a\""
    ) -> BodyProgress {
        var progress = BodyProgress(range: range)
        if received > 0 {
            _ = progress.judge(head(200, length: 1_000, eTag: eTag), asked: progress.ask)
            progress.accept(received)
        }
        return progress
    }

    /// A short word for a verdict: `take skip repeated(? if compared) wanted`, `changed`, or the failure.
    private static func word(_ verdict: BodyProgress.Verdict) -> String {
        switch verdict {
        case .take(let plan):
            let compared = plan.comparesRepeated ? "?" : ""
            return "take \(plan.skip) \(plan.repeated)\(compared) \(plan.wanted.map { "\($0)" } ?? "-")"
        case .changed: return "changed"
        case .fail(.wrongContentRange): return "range"
        case .fail(.status(let status)): return "status \(status)"
        case .fail(.emptyBody): return "empty"
        }
    }

    /// Range, bytes here, validator of those, answer, verdict.
    static let whole: [(Int, String?, ResponseHead, String)] = [
        (0, nil, head(200, length: 1_000), "take 0 0 1000"),
        (0, nil, head(200), "take 0 0 -"),
        (0, nil, head(203, length: 5), "take 0 0 5"),
        (0, nil, head(206, "bytes 0-999/1000"), "range"),
        (0, nil, head(204), "empty"),
        (0, nil, head(205), "empty"),
        (0, nil, head(304), "status 304"),
        (0, nil, head(416), "status 416"),
        (0, nil, head(200, length: 1_000, encoding: "gzip"), "take 0 0 -"),
        (400, "\"a\"", head(206, "bytes 400-999/1000", length: 600), "take 0 0 600"),
        (400, "\"a\"", head(206, "bytes 400-999/1000", eTag: nil), "take 0 0 600"),
        (400, "\"a\"", head(206, "bytes 400-999/*"), "take 0 0 600"),
        (400, "\"a\"", head(206, "bytes 399-999/1000"), "range"),
        (400, "\"a\"", head(206, "bytes 401-999/1000"), "range"),
        (400, "\"a\"", head(206, "bytes 400-998/1000"), "range"),
        (400, "\"a\"", head(206, "bytes 400-999/1000", length: 601), "range"),
        (400, "\"a\"", head(206), "range"),
        (400, "\"a\"", head(206, "bytes 400-999/1000", encoding: "gzip"), "range"),
        (400, "\"a\"", head(206, "bytes 400-1099/1100"), "changed"),
        (400, "\"a\"", head(206, "bytes 400-999/1000", eTag: "\"b\""), "changed"),
        (400, "\"a\"", head(416), "range"),
        (400, "\"a\"", head(200, length: 1_000), "take 0 400 600"),
        (400, "\"a\"", head(200, length: 1_000, eTag: "\"b\""), "take 0 400? 600"),
        (400, "\"a\"", head(200, length: 999), "changed"),
        (400, "\"a\"", head(200), "take 0 400 -"),
        (400, nil, head(200, length: 1_000, eTag: nil), "take 0 400? 600"),
        (400, nil, head(200, eTag: nil), "take 0 400? -"),
        (400, "W/\"a\"", head(200, length: 1_000, eTag: "W/\"a\""), "take 0 400? 600"),
        (1_000, "\"a\"", head(200, length: 1_000), "take 0 1000 0"),
    ]

    @Test(arguments: whole.indices)
    func answersToTheWhole(index: Int) {
        let (received, eTag, head, expected) = Self.whole[index]
        var progress = Self.progress(nil, received: received, eTag: eTag)
        #expect(Self.word(progress.judge(head, asked: progress.ask)) == expected)
    }

    static let part: [(Int, String?, ResponseHead, String)] = [
        (0, nil, head(206, "bytes 100-149/1000"), "take 0 0 50"),
        (0, nil, head(206, "bytes 100-149/*"), "take 0 0 50"),
        (0, nil, head(206, "bytes 100-150/1000"), "range"),
        (0, nil, head(206, "bytes 100-148/1000"), "range"),
        (0, nil, head(206, "bytes 99-149/1000"), "range"),
        (0, nil, head(200, length: 1_000), "take 100 0 50"),
        (0, nil, head(200), "take 100 0 50"),
        (0, nil, head(200, length: 149), "range"),
        (0, nil, head(200, length: 150), "take 100 0 50"),
        (20, "\"a\"", head(206, "bytes 120-149/1000"), "take 0 0 30"),
        (20, "\"a\"", head(206, "bytes 100-149/1000"), "range"),
        (20, "\"a\"", head(200, length: 1_000), "take 100 20 30"),
        (20, nil, head(206, "bytes 100-149/1000", eTag: nil), "take 0 20? 30"),
        (20, nil, head(200, length: 1_000, eTag: nil), "take 100 20? 30"),
        (50, "\"a\"", head(206, "bytes 149-149/1000"), "take 0 1 0"),
    ]

    @Test func aBodyThatEndsEarlyIsTruncated() throws {
        var plan = BodyProgress.Plan(skip: 2, repeated: 3, wanted: 4)
        let bytes: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        try bytes.withUnsafeBytes { bytes in
            #expect(plan.wantedCount(of: 10) == 4)
            let (repeated, part) = plan.take(UnsafeRawBufferPointer(rebasing: bytes[..<7]))
            #expect(Array(repeated) == [2, 3, 4])
            #expect(Array(part) == [5, 6])
            #expect(throws: TransportError(.truncated(received: 5, expected: 7))) { try plan.checkEnd(received: 5) }
            #expect(Array(plan.take(UnsafeRawBufferPointer(rebasing: bytes[7...])).part) == [7, 8])
            try plan.checkEnd(received: 7)
        }
    }

    @Test(arguments: part.indices)
    func answersToAPart(index: Int) {
        let (received, eTag, head, expected) = Self.part[index]
        var progress = Self.progress(Self.range, received: received, eTag: eTag)
        #expect(Self.word(progress.judge(head, asked: progress.ask)) == expected)
    }

    @Test func aWrongRangeIsNotAskedForAgain() {
        var progress = Self.progress(nil, received: 400)
        #expect(progress.ask == BodyProgress.Ask(first: 400, ifRange: "\"a\""))
        _ = progress.judge(Self.head(206, "bytes 0-9/1000"), asked: progress.ask)
        #expect(progress.ask == BodyProgress.Ask())
        progress.reset()
        #expect(progress.received == 0)
        #expect(progress.ask == BodyProgress.Ask())
    }

    @Test(
        arguments: [
            ("\"a\"", nil, Validator.eTag("\"a\"")), ("\"a\"", "Mon", .eTag("\"a\"")),
            ("W/\"a\"", "Mon", .lastModified("Mon")),
            ("W/\"a\"", nil, nil), ("", nil, nil), ("\"", nil, nil), (nil, "Mon", .lastModified("Mon")),
            (nil, nil, nil),
        ] as [(String?, String?, Validator?)]
    )
    func validators(eTag: String?, lastModified: String?, expected: Validator?) {
        #expect(ResponseHead(status: 200, eTag: eTag, lastModified: lastModified).validator == expected)
    }
}
