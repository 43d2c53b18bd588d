import OriginServer
import Remux
import Testing

/// Segments of every format that are damaged, or are not what they should be: each has its exit code and its sentence, and
/// `--on-missing gap` keeps what is intact.
@Suite struct SegmentFaultTests {
    /// What is done to the stream `fmp4` (`init.mp4`, `0.m4s` … `2.m4s`, one second each).
    struct Fault: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var path: String
        var change: @Sendable ([UInt8]) -> [UInt8]
        var code: RemuxError.Code
        /// Words of the message.
        var words: [String]
        /// Seconds of video that are kept at least.
        var kept: Double

        init(
            _ name: String,
            _ path: String,
            _ code: RemuxError.Code,
            _ words: [String],
            kept: Double,
            _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
        ) {
            testDescription = name
            self.path = "/fmp4/" + path
            self.change = change
            self.code = code
            self.words = words
            self.kept = kept
        }
    }

    private static func bytes(_ path: String) -> [UInt8] { Files.bytes(Files.fixtures + path) }

    /// The offset of the first box of this type, wherever it is.
    private static func find(_ type: String, in bytes: [UInt8]) -> Int {
        let code = Array(type.utf8)
        return bytes.indices.dropFirst(4).first { bytes[$0...].starts(with: code) }.map { $0 - 4 } ?? 0
    }

    private static func put(_ value: UInt32, _ offset: Int, into bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index)) }
        return bytes
    }

    static let faults: [Fault] = [
        Fault("a section that is a page", "init.mp4", .incomplete, ["an HTML page", "init.mp4"], kept: 0) { _ in
            Array("<!DOCTYPE html><html><body>no</body></html>".utf8)
        },
        Fault("a section that is cut", "init.mp4", .media, ["Media Initialization Section"], kept: 0) {
            Array($0.prefix($0.count / 2))
        },
        Fault("a moov of noise", "init.mp4", .media, ["Media Initialization Section"], kept: 0) { bytes in
            let start = find("moov", in: bytes) + 8
            return bytes.prefix(start) + bytes.dropFirst(start).indices.map { UInt8(truncatingIfNeeded: $0 &* 151) }
        },
        Fault("a moof that is cut", "1.m4s", .media, ["Media Segment 1"], kept: 1.9) { Array($0.prefix(100)) },
        Fault("media that is cut", "1.m4s", .media, ["Media Segment 1", "cut off"], kept: 2) {
            Array($0.prefix($0.count * 3 / 4))
        },
        Fault("a moof of noise, of the right size", "1.m4s", .media, ["Media Segment 1"], kept: 1.9) { bytes in
            let end = find("mdat", in: bytes)
            return bytes[..<8] + (8..<end).map { UInt8(truncatingIfNeeded: $0 &* 151) } + bytes[end...]
        },
        Fault("sizes beyond the media", "1.m4s", .media, ["Media Segment 1", "outside"], kept: 2) { bytes in
            // The last sample of the first run.
            let run = find("trun", in: bytes)
            let count = bytes[(run + 12)..<(run + 16)].reduce(0) { $0 << 8 | Int($1) }
            return put(0x00FF_FFFF, run + 20 + 16 * (count - 1) + 4, into: bytes)
        },
        Fault("2^32 - 1 samples", "1.m4s", .media, ["Media Segment 1", "samples"], kept: 1.9) { bytes in
            put(UInt32.max, find("trun", in: bytes) + 12, into: bytes)
        },
        Fault("2^32 - 1 samples without fields", "1.m4s", .media, ["Media Segment 1", "samples"], kept: 1.9) { bytes in
            let run = find("trun", in: bytes)
            return put(1, run + 8, into: put(UInt32.max, run + 12, into: bytes))
        },
        Fault("a moof of 4 GiB", "1.m4s", .media, ["Media Segment 1", "bytes"], kept: 1.9) { bytes in
            [0, 0, 0, 1] + bytes[4..<8] + [0, 0, 0, 1, 0, 0, 0, 0] + bytes[8...]
        },
        Fault("a moof that says 15 MiB", "1.m4s", .media, ["Media Segment 1"], kept: 1.9) {
            put(15 << 20, 0, into: $0)
        },
        Fault("a moof to the end", "1.m4s", .media, ["Media Segment 1"], kept: 1.9) { put(0, 0, into: $0) },
        Fault("a movie fragment without its media", "1.m4s", .media, ["Media Segment 1", "is missing"], kept: 1.9) {
            bytes in
            Array(bytes[..<find("mdat", in: bytes)])
        },
        Fault("media smaller than its header", "1.m4s", .media, ["Media Segment 1"], kept: 1.9) { bytes in
            put(7, find("mdat", in: bytes), into: bytes)
        },
        Fault("a thousand boxes in boxes", "1.m4s", .media, ["Media Segment 1"], kept: 1.9) { bytes in
            var nested: [UInt8] = []
            for depth in 0..<1000 {
                let size = UInt32(8 * (1000 - depth))
                nested += put(size, 0, into: [0, 0, 0, 0] + Array((depth == 0 ? "moof" : "traf").utf8))
            }
            return nested + bytes[find("mdat", in: bytes)...]
        },
        Fault(
            "an ordinary MP4 in place of movie fragments",
            "1.m4s",
            .media,
            ["Media Segment 1", "describes"],
            kept: 1.9
        ) { _ in
            bytes("/../sources/av.mp4")
        },
        Fault("a segment that is empty", "1.m4s", .incomplete, ["Media Segment 1", "no bytes"], kept: 1.9) { _ in [] },
        Fault("a segment that is another playlist", "1.m4s", .incomplete, ["Media Segment 1", "playlist"], kept: 1.9) {
            _ in
            Array("#EXTM3U\n#EXT-X-VERSION:3\n".utf8)
        },
    ]

    @Test("the fault is named, and without it the rest is kept", arguments: faults)
    func fault(_ fault: Fault) async throws {
        for policy in RemuxConfiguration.MissingSegmentPolicy.allCases {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            harness.server[fault.path] = fault.change(Self.bytes(fault.path))
            let run = await harness.run("/fmp4/index.m3u8") { $0.missingSegments = policy }
            #expect(run.code == (policy == .fail ? fault.code : .incomplete), "\(run.message)")
            let texts = [run.message] + run.summary.warnings
            #expect(texts.contains { text in fault.words.allSatisfy(text.contains) }, "\(texts)")
            guard policy == .gap else { continue }
            #expect(harness.scratch.names.contains("out.mp4") == (fault.kept > 0))
            #expect((run.summary.tracks.first?.endSeconds ?? 0) >= fault.kept - 0.001, "\(run.summary.tracks)")
            #expect(!run.summary.gaps.isEmpty)
        }
    }

    @Test("a section that is not there is asked for again, then its segments are lost; those of another one are kept")
    func missingSection() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/fmp4-maps/1-init.mp4"] = .always(.status(404))
        let run = await harness.run("/fmp4-maps/index.m3u8") { $0.missingSegments = .gap }
        #expect(run.code == .incomplete)
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [3, 4])
        #expect(harness.server.requests(for: "/fmp4-maps/1-init.mp4").count == 4)
        #expect(run.summary.tracks.first?.sampleCount == 150)
        let strict = try SessionHarness()
        defer { strict.server.stop() }
        strict.server.script["/fmp4-maps/1-init.mp4"] = .always(.status(404))
        let failed = await strict.run("/fmp4-maps/index.m3u8")
        #expect(failed.code == .incomplete)
        #expect(failed.message.contains("Media Segment 3") && failed.message.contains("404"), "\(failed.message)")
    }

    @Test("a section that comes at the third attempt is no loss")
    func lateSection() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server.script["/fmp4/init.mp4"] = [.status(503), .cut(after: 100)]
        let run = await harness.run("/fmp4/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        let isEqual = try await harness.clean("/fmp4/index.m3u8").elementsEqual(harness.scratch.bytes("out.mp4"))
        #expect(isEqual)
    }

    @Test("many large segments whose section is missing end, with little memory")
    func largeSegments() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let segment =
            Self.bytes("/fmp4/0.m4s") + [0, 0x50, 0, 0] + Array("free".utf8)
            + [UInt8](repeating: 0, count: 0x50_0000 - 8)
        var lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", "#EXT-X-MAP:URI=\"nothing.mp4\""]
        for number in 0..<40 {
            harness.server["/large/\(number).m4s"] = segment
            lines += ["#EXTINF:1,", "\(number).m4s"]
        }
        harness.server["/large/index.m3u8"] = Array((lines + ["#EXT-X-ENDLIST", ""]).joined(separator: "\n").utf8)
        let run = await harness.run("/large/index.m3u8") {
            $0.missingSegments = .gap
            $0.maximumMemoryBytes = 4 << 20
        }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.summary.gaps.count == 40)
    }

    private func playlist(_ lines: [String]) -> [UInt8] {
        let head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2"]
        return Array((head + lines + ["#EXT-X-ENDLIST", ""]).joined(separator: "\n").utf8)
    }

    @Test("another section whose times start anew without a discontinuity is placed as behind one, with a warning")
    func jump() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let folder = "/fmp4-maps-discontinuity/"
        let lines = String(decoding: Self.bytes(folder + "index.m3u8"), as: UTF8.self)
        let joined = lines.replacing("#EXT-X-DISCONTINUITY\n", with: "")
        harness.server[folder + "joined.m3u8"] = Array(joined.utf8)
        let run = await harness.run(folder + "joined.m3u8")
        #expect(run.isComplete, "\(run.message)")
        #expect(run.notes.contains { $0.contains("Media Segment 3") && $0.contains("EXT-X-DISCONTINUITY") })
        let tagged = try await harness.clean(folder + "index.m3u8")
        let isSame = harness.scratch.bytes("out.mp4") == tagged
        #expect(isSame)
    }

    @Test("movie fragments without any section")
    func noSection() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/none.m3u8"] = playlist(["#EXTINF:1,", "fmp4/0.m4s", "#EXTINF:1,", "fmp4/1.m4s"])
        let run = await harness.run("/none.m3u8")
        #expect(run.code == .media)
        #expect(run.message.contains("Media Segment 0") && run.message.contains("EXT-X-MAP"), "\(run.message)")
    }

    @Test("transport stream and movie fragments take turns at discontinuities", arguments: [false, true])
    func containers(_ beginsWithFragments: Bool) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let fragments = ["#EXT-X-MAP:URI=\"fmp4/init.mp4\"", "#EXTINF:1,", "fmp4/0.m4s", "#EXTINF:1,", "fmp4/1.m4s"]
        let packets = ["#EXTINF:1,", "disguised-png/0.jpg", "#EXTINF:1,", "disguised-png/1.jpg"]
        let parts = beginsWithFragments ? [fragments, packets, fragments] : [packets, fragments, packets]
        harness.server["/turns.m3u8"] = playlist(Array(parts.joined(separator: ["#EXT-X-DISCONTINUITY"])))
        let run = await harness.run("/turns.m3u8")
        #expect(run.isComplete, "\(run.message)")
        #expect(run.summary.tracks.map(\.kind) == [.video, .audio])
        #expect(run.summary.tracks.first?.sampleCount == 150)
        #expect(abs((run.summary.tracks.first?.endSeconds ?? 0) - 6) < 0.05, "\(run.summary.tracks)")
    }

    @Test("transport stream and movie fragments without a discontinuity: no crash, and no exit 0 without a word")
    func containersInMidRun() async throws {
        for missing in RemuxConfiguration.MissingSegmentPolicy.allCases {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            harness.server["/turns.m3u8"] = playlist([
                "#EXT-X-MAP:URI=\"fmp4/init.mp4\"", "#EXTINF:1,", "fmp4/0.m4s", "#EXTINF:1,", "disguised-png/1.jpg",
                "#EXTINF:1,", "fmp4/2.m4s",
            ])
            let run = await harness.run("/turns.m3u8") { $0.missingSegments = missing }
            #expect(run.isComplete || run.code == .media || run.code == .incomplete, "\(run.message)")
            #expect(!run.isComplete || !run.summary.warnings.isEmpty)
        }
    }

    @Test("damage to packets of 192 and 204 bytes is counted, and costs what it hits", arguments: [192, 204])
    func otherPackets(_ size: Int) async throws {
        for policy in RemuxConfiguration.MissingSegmentPolicy.allCases {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            var bytes = Self.bytes("/ts-\(size)/1.ts")
            bytes.removeSubrange((20 * size)..<(30 * size))
            harness.server["/ts-\(size)/1.ts"] = bytes
            let run = await harness.run("/ts-\(size)/index.m3u8") { $0.missingSegments = policy }
            #expect(run.code == (policy == .fail ? .media : .incomplete), "\(run.message)")
            #expect(([run.message] + run.summary.warnings).contains { $0.contains("transport packets are missing") })
        }
    }

    @Test(
        "a transport stream whose first packets are damaged is one, and is counted as such",
        arguments: ["the first sync byte", "three of the first five", "77 bytes of junk in front"]
    )
    func damagedHead(_ damage: String) async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        var bytes = Self.bytes("/clear/002.ts")
        switch damage {
        case "the first sync byte": bytes[0] ^= 0x10
        case "three of the first five": for packet in [0, 2, 3] { bytes[188 * packet] ^= 0x10 }
        default: bytes = [UInt8](repeating: 0xAA, count: 77) + bytes
        }
        harness.server["/clear/002.ts"] = bytes
        let run = await harness.run("/clear/index.m3u8") { $0.missingSegments = .gap }
        #expect(run.isComplete || run.code == .incomplete, "\(run.message)")
        #expect(run.summary.warnings.contains { $0.contains("Media Segment 2 is damaged") }, "\(run.summary.warnings)")
        #expect((run.summary.tracks.first?.sampleCount ?? 0) >= 145)
    }

    @Test("a first segment of a single frame, which only the next one confirms")
    func singleFrame() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let bytes = Self.bytes("/packed-aac/0.aac")
        let start = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xF1 })
        let end = start + Int(bytes[start + 3] & 3) << 11 + Int(bytes[start + 4]) << 3 + Int(bytes[start + 5]) >> 5
        let playlist = Files.text(Files.fixtures + "/packed-aac/index.m3u8")
            .replacing("#EXTINF:1.002667,\n0.aac", with: "#EXTINF:0.0213,\none.aac\n#EXTINF:0.9813,\nrest.aac")
        harness.server["/packed-aac/index.m3u8"] = Array(playlist.utf8)
        harness.server["/packed-aac/one.aac"] = Array(bytes[..<end])
        harness.server["/packed-aac/rest.aac"] = Array(bytes[end...])
        let run = await harness.run("/packed-aac/index.m3u8")
        #expect(run.isComplete, "\(run.message)")
        // In front of the fragments stands an index with room for one segment more.
        func fragments(_ file: [UInt8]) -> ArraySlice<UInt8> {
            file.indices.dropLast(4).first { file[$0..<$0 + 4].elementsEqual("moof".utf8) }.map { file[$0...] } ?? []
        }
        let clean = try await harness.clean("/packed-aac/index.m3u8")
        let isSame = fragments(harness.scratch.bytes("out.mp4")) == fragments(clean)
        #expect(isSame)
    }

    @Test("packed audio behind a tag of 200 MB, and behind a tag nothing that is audio")
    func packedAudio() async throws {
        let tag: [UInt8] = Array("ID3".utf8) + [4, 0, 0, 0x60, 0, 0, 0]
        for (bytes, words) in [
            (tag + [UInt8](repeating: 0, count: 100_000), "ID3 tag of 201"),
            (
                Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x55, count: 20_000),
                "audio that is known"
            ),
        ] {
            for policy in RemuxConfiguration.MissingSegmentPolicy.allCases {
                let harness = try SessionHarness()
                defer { harness.server.stop() }
                harness.server["/packed-aac/1.aac"] = bytes
                let run = await harness.run("/packed-aac/index.m3u8") { $0.missingSegments = policy }
                #expect(run.code == (policy == .fail ? .media : .incomplete), "\(run.message)")
                let texts = [run.message] + run.summary.warnings
                #expect(texts.contains { $0.contains(words) && $0.contains("Media Segment 1") }, "\(texts)")
                if policy == .gap { #expect(abs((run.summary.tracks.first?.endSeconds ?? 0) - 3.02) < 0.05) }
            }
        }
    }

    @Test("packed audio that changes its codec is refused, naming both")
    func packedAudioChange() async throws {
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        harness.server["/mixed.m3u8"] = playlist(["#EXTINF:1,", "packed-aac/0.aac", "#EXTINF:1,", "packed-ac3/1.ac3"])
        let run = await harness.run("/mixed.m3u8")
        #expect(run.code == .media)
        #expect(run.message.contains("aac") && run.message.contains("ac3"), "\(run.message)")
    }

    @Test(
        "tags between frames are passed over; a segment that is cut on its way keeps whole frames only",
        arguments: ["aac", "mp3", "ac3", "eac3"]
    )
    func longPackedAudio(_ codec: String) async throws {
        let (folder, name) = ("/packed-\(codec)/", codec == "eac3" ? "ec3" : codec)
        let segments = (0..<3).map { Self.bytes("\(folder)\($0).\(name)") }
        let long = segments[1] + segments[2] + segments[0] + segments[1] + segments[2] + segments[0]
        func run(_ script: Script? = nil) async throws -> (run: SessionHarness.Run, count: Int) {
            let harness = try SessionHarness()
            defer { harness.server.stop() }
            harness.server["\(folder)1.\(name)"] = long
            harness.server["/one.m3u8"] = playlist(["#EXTINF:2,", "\(folder.dropFirst())1.\(name)"])
            if let script { harness.server.script["\(folder)1.\(name)"] = script }
            let run = await harness.run("/one.m3u8") { $0.missingSegments = .gap }
            return (run, run.summary.tracks.first?.sampleCount ?? 0)
        }
        let harness = try SessionHarness()
        defer { harness.server.stop() }
        let lines = (0..<3).flatMap { ["#EXTINF:1,", "\(folder.dropFirst())\($0).\(name)"] }
        harness.server["/three.m3u8"] = playlist(lines)
        let plain = await harness.run("/three.m3u8").summary.tracks.first?.sampleCount ?? 0
        let whole = try await run()
        #expect(whole.run.isComplete, "\(whole.run.message)")
        #expect(whole.count == 2 * plain)
        #expect(whole.run.summary.warnings.isEmpty, "\(whole.run.summary.warnings)")
        let cut = try await run(Script([.cut(after: long.count / 2 + 5)], then: .status(404)))
        #expect(cut.run.code == .incomplete, "\(cut.run.message)")
        // The frames in front of the cut, less what waits for the start of the next one.
        #expect((plain - 2...plain).contains(cut.count), "\(cut.count) of \(plain)")
    }
}
