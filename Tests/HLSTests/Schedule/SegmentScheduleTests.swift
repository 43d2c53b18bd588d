import Testing

@testable import HLS

@Suite("Schedule")
struct SegmentScheduleTests {
    private func orders(_ schedule: inout SegmentSchedule) -> [SegmentOrder] {
        var orders: [SegmentOrder] = []
        while let order = schedule.next() { orders.append(order) }
        return orders
    }

    private func orders(_ text: String) throws -> [SegmentOrder] {
        var schedule = SegmentSchedule()
        try schedule.ingest(parseMedia(text))
        return orders(&schedule)
    }

    @Test("§5.2: each segment's own Media Sequence Number is its IV; an explicit one holds for all")
    func vectors() throws {
        let orders = try orders(
            media(
                "#EXT-X-MEDIA-SEQUENCE:7",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"k?t=1\"",
                "#EXTINF:1,",
                "a",
                "#EXTINF:1,",
                "b",
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"",
                "#EXTINF:1,",
                "c",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x9",
                "#EXTINF:1,",
                "d",
                "#EXTINF:1,",
                "e",
                "#EXT-X-KEY:METHOD=AES-256-GCM,URI=\"k\"",
                "#EXTINF:1,",
                "f",
                "#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"k\"",
                "#EXTINF:1,",
                "g",
                "#EXT-X-KEY:METHOD=NONE"
            )
        )
        let key = try #require(ResourceURI("https://h.example/v/k"))
        let tokenKey = try #require(ResourceURI("https://h.example/v/k?t=1"))
        func iv(_ number: UInt64) -> InitializationVector { InitializationVector(mediaSequenceNumber: number) }
        #expect(
            orders.map(\.encryption) == [
                .identity(method: .aes128, keyURI: tokenKey, iv: iv(7)),
                .identity(method: .aes128, keyURI: tokenKey, iv: iv(8)),
                .identity(method: .sampleAES, keyURI: key, iv: iv(9)),
                .identity(method: .aes128, keyURI: key, iv: iv(9)), .identity(method: .aes128, keyURI: key, iv: iv(9)),
                .identity(method: .aes256GCM, keyURI: key, iv: nil),
                .identity(method: .sampleAESCTR, keyURI: key, iv: nil), .none,
            ]
        )
    }

    @Test("§4.4.4.4: a KEY holds until the next of its KEYFORMAT or NONE; identity wins; DRM is named")
    func keyScope() throws {
        let orders = try orders(
            media(
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\",KEYFORMAT=\"com.apple.streamingkeydelivery\"",
                "#EXTINF:1,",
                "a",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1",
                "#EXTINF:1,",
                "b",
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://y\",KEYFORMAT=\"com.apple.streamingkeydelivery\"",
                "#EXTINF:1,",
                "c",
                "#EXT-X-KEY:METHOD=NONE",
                "#EXTINF:1,",
                "d",
                "#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"data:,x\",KEYFORMAT=\"urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed\"",
                "#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"data:,x\",KEYFORMAT=\"com.microsoft.playready\"",
                "#EXTINF:1,",
                "e",
                "#EXT-X-KEY:METHOD=NONE",
                "#EXT-X-KEY:METHOD=ROT-13,URI=\"k\"",
                "#EXTINF:1,",
                "f",
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://z\"",
                "#EXTINF:1,",
                "g",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0xZ"
            )
        )
        let key = try #require(ResourceURI("https://h.example/v/k"))
        let identity = SegmentEncryption.identity(method: .aes128, keyURI: key, iv: InitializationVector(hex: "1"))
        #expect(
            orders.map(\.encryption) == [
                .unsupported(systems: ["FairPlay"], method: .sampleAES, iv: InitializationVector(hex: "0")),
                identity, identity, .none,
                .unsupported(systems: ["Widevine", "PlayReady"], method: .sampleAESCTR, iv: nil),
                .unsupported(systems: ["METHOD “ROT-13”"], method: nil, iv: nil),
                .unsupported(systems: ["FairPlay"], method: .sampleAES, iv: InitializationVector(hex: "6")),
                .unsupported(systems: ["an unreadable IV"], method: nil, iv: nil),
            ]
        )
    }

    @Test("§4.4.4.5: an initialization section has the keys of its tag, and no implicit IV")
    func initializationSections() throws {
        let orders = try orders(
            media(
                "#EXT-X-MEDIA-SEQUENCE:3",
                "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"",
                "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"5@6\"",
                "#EXT-X-KEY:METHOD=NONE",
                "#EXTINF:1,",
                "a",
                "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"5@6\"",
                "#EXTINF:1,",
                "b",
                "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"5@6\""
            )
        )
        let sections = orders.map(\.initializationSection)
        let key = try #require(ResourceURI("https://h.example/v/k"))
        #expect(sections[0]?.encryption == .identity(method: .aes128, keyURI: key, iv: nil))
        #expect(
            sections[0]?.uri.text == "https://h.example/v/i"
                && sections[0]?.byteRange == ByteRange(offset: 6, length: 5)
        )
        #expect(sections[0] != sections[1])
        // Equal by value: need not be fetched again.
        #expect(sections[1] == sections[2])
    }

    @Test("Times add up, gaps included; numbers, dates and lines go along")
    func fields() throws {
        let orders = try orders(
            media(
                "#EXT-X-DISCONTINUITY-SEQUENCE:4",
                "#EXTINF:1.5,t",
                "x y.ts?a=1",
                "#EXT-X-GAP",
                "#EXTINF:2,",
                "b",
                "#EXT-X-DISCONTINUITY",
                "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01Z"
            )
        )
        #expect(orders.map(\.startMicroseconds) == [0, 1_500_000, 3_500_000])
        #expect(orders.map(\.index) == [0, 1, 2])
        #expect(orders.map(\.isGap) == [false, true, false])
        #expect(orders.map(\.discontinuitySequence) == [4, 4, 5])
        #expect(orders.map(\.hasDiscontinuity) == [false, false, true])
        #expect(orders.map(\.programDateTime?.date.millisecondsSince1970) == [nil, nil, 1000])
        #expect(
            orders[0].uri.text == "https://h.example/v/x%20y.ts?a=1" && orders[0].title == "t" && orders[0].line == 6
        )
    }

    @Test("§6.3.3: dates are extrapolated backward from the first, forward from the last")
    func dates() throws {
        func date(_ second: Int) -> String { "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:\(second)Z" }
        let text = media(
            "#EXTINF:1.0005,",
            "a",
            "#EXTINF:2,",
            "b",
            date(10),
            "#EXTINF:3,",
            "c",
            "#EXTINF:4,",
            "d",
            date(30)
        )
        #expect(try orders(text).map(\.date?.millisecondsSince1970) == [6999, 8000, 10_000, 13_000, 30_000])
        #expect(try orders(media("#EXTINF:1,", "a")).map(\.date) == [nil, nil])
        // In a live plan: on through the next snapshot, anew after a hole.
        var schedule = SegmentSchedule()
        try schedule.ingest(parseMedia("#EXTM3U\n#EXT-X-TARGETDURATION:1\n\(date(10))\n#EXTINF:1,\na\n"))
        try schedule.ingest(window(0..<2))
        try schedule.ingest(window(5..<6, date(40) + "\n#EXTINF:1,\n6.ts\n"))
        #expect(self.orders(&schedule).map(\.date?.millisecondsSince1970) == [10_000, 11_000, 39_000, 40_000])
    }

    @Test("§6.3.7: a Playlist Delta Update is refused until it is merged")
    func deltaUpdate() throws {
        var schedule = SegmentSchedule()
        let playlist = try parseMedia(media("#EXT-X-SKIP:SKIPPED-SEGMENTS=3"))
        #expect(throws: PlaylistError.self) { try schedule.ingest(playlist) }
    }

    private func window(_ range: Range<Int>, _ extra: String = "") throws -> MediaPlaylist {
        try parseMedia(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:\(range.lowerBound)\n"
                + range.map { "#EXTINF:1,\n\($0).ts\n" }.joined() + extra
        )
    }

    @Test("§6.3.5: a live window: growth, no change, an older copy, a slip, a restart, the end")
    func liveWindow() throws {
        var schedule = SegmentSchedule()
        #expect(try schedule.ingest(window(5..<8)) == .init(appended: 3))
        #expect(!schedule.isComplete)
        #expect(try schedule.ingest(window(6..<9)) == .init(appended: 1))
        #expect(try schedule.ingest(window(6..<9)) == .init())
        #expect(try schedule.ingest(window(5..<8)) == .init())
        #expect(try schedule.ingest(window(11..<13)) == .init(appended: 2, missed: 2))
        // A lagging copy that lies wholly before the window is a restart only if it says so by ending before it.
        #expect(try schedule.ingest(window(0..<2)) == .init(appended: 2, isReset: true))
        #expect(try schedule.ingest(window(1..<3, "#EXT-X-ENDLIST\n")) == .init(appended: 1))
        #expect(schedule.isComplete)
        #expect(schedule.plannedSegmentCount == 9)
        #expect(schedule.plannedDurationMicroseconds == 9_000_000)
        let orders = orders(&schedule)
        #expect(orders.map(\.identity.mediaSequenceNumber) == [5, 6, 7, 8, 11, 12, 0, 1, 2])
        #expect(orders.map(\.identity.epoch) == [0, 0, 0, 0, 0, 0, 1, 1, 1])
        #expect(orders.map(\.hasDiscontinuity) == [false, false, false, false, true, false, true, false, false])
        #expect(orders.map(\.index) == Array(0..<9))
        #expect(Set(orders.map(\.identity)).count == 9)
    }

    @Test("An older copy does not take back the end")
    func olderCopyKeepsEnd() throws {
        var schedule = SegmentSchedule()
        try schedule.ingest(window(1..<4, "#EXT-X-ENDLIST\n"))
        try schedule.ingest(window(0..<3))
        #expect(schedule.isComplete)
    }

    @Test("Any order of snapshots gives what a slow model gives", arguments: 0..<30)
    func matchesModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var schedule = SegmentSchedule()
        var model: [Int] = []
        var taken: [Int] = []
        var start = 0
        var end = 0
        for _ in 0..<40 {
            end += Int.random(in: 0...3, using: &generator)
            start = min(end, max(start, end - Int.random(in: 1...6, using: &generator)))
            // Now and then a cache that lags by less than the window.
            let lag =
                Bool.random(using: &generator) ? 0 : Int.random(in: 0...max(0, end - start - 1), using: &generator)
            let snapshot = max(0, start - lag)..<(end - lag)
            try schedule.ingest(window(snapshot))
            model += snapshot.filter { number in model.last.map { number > $0 } ?? true }
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                if let order = schedule.next() { taken.append(Int(order.identity.mediaSequenceNumber)) }
            }
            #expect(schedule.plannedSegmentCount == model.count)
        }
        taken += orders(&schedule).map { Int($0.identity.mediaSequenceNumber) }
        #expect(taken == model)
    }

    /// A random playlist written from a list of segments, read back through parser and schedule.
    @Test("What a random playlist says, its orders say", arguments: 0..<40)
    func randomPlaylists(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 1000)
        func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &generator) == 0 }
        var text = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n"
        let first = UInt64.random(in: 0...1000, using: &generator)
        var discontinuity = UInt64.random(in: 0...9, using: &generator)
        text += "#EXT-X-MEDIA-SEQUENCE:\(first)\n#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuity)\n"
        var key: (uri: Int, iv: UInt64?)?
        var map: Int?
        var end: [String: UInt64] = [:]
        var time: Int64 = 0
        struct Want: Equatable {
            var uri, range, key, map: String
            var number, discontinuity: UInt64
            var duration, start: Int64
            var isGap: Bool
        }
        var wants: [Want] = []
        for index in 0..<Int.random(in: 1...60, using: &generator) {
            if chance(8) { text += "#EXT-X-DISCONTINUITY\n"; discontinuity += 1 }
            if chance(6) {
                if chance(3) {
                    key = nil; text += "#EXT-X-KEY:METHOD=NONE\n"
                } else {
                    let uri = Int.random(in: 0..<9, using: &generator)
                    let iv = chance(2) ? UInt64.random(in: 0...99, using: &generator) : nil
                    key = (uri, iv)
                    text +=
                        "#EXT-X-KEY:METHOD=AES-128,URI=\"../k\(uri)\""
                        + (iv.map { ",IV=0x" + String($0, radix: 16) } ?? "") + "\n"
                }
            }
            if chance(9) { map = index; text += "#EXT-X-MAP:URI=\"/m\(index)\"\n" }
            let isGap = chance(7)
            if isGap { text += "#EXT-X-GAP\n" }
            let duration = Int64.random(in: 0...9_000_000, using: &generator)
            let fraction = String(duration % 1_000_000)
            text += "#EXTINF:\(duration / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction),\n"
            let file = "s\(Int.random(in: 0..<3, using: &generator)).ts"
            var range = ""
            if chance(2) {
                let length = UInt64.random(in: 1...100, using: &generator)
                if let offset = end[file], chance(2) {
                    text += "#EXT-X-BYTERANGE:\(length)\n"
                    range = "\(offset)..<\(offset + length)"
                    end[file] = offset + length
                } else {
                    let offset = UInt64.random(in: 0...100, using: &generator)
                    text += "#EXT-X-BYTERANGE:\(length)@\(offset)\n"
                    range = "\(offset)..<\(offset + length)"
                    end[file] = offset + length
                }
            }
            text += file + "\n"
            let number = first + UInt64(index)
            let keyText = key.map { "https://h.example/k\($0.uri) \($0.iv ?? number)" } ?? ""
            wants.append(
                Want(
                    uri: "https://h.example/v/" + file,
                    range: range,
                    key: keyText,
                    map: map.map { "https://h.example/m\($0)" } ?? "",
                    number: number,
                    discontinuity: discontinuity,
                    duration: duration,
                    start: time,
                    isGap: isGap
                )
            )
            time += duration
        }
        let got = try orders(text).map { order in
            var keyText = ""
            if case .identity(_, let uri, let iv) = order.encryption {
                let value = iv?.bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } ?? 0
                keyText = "\(uri.text) \(value)"
            }
            return Want(
                uri: order.uri.text,
                range: order.byteRange.map { "\($0.offset)..<\($0.end)" } ?? "",
                key: keyText,
                map: order.initializationSection?.uri.text ?? "",
                number: order.identity.mediaSequenceNumber,
                discontinuity: order.discontinuitySequence,
                duration: order.durationMicroseconds,
                start: order.startMicroseconds,
                isGap: order.isGap
            )
        }
        #expect(got == wants)
    }
}
