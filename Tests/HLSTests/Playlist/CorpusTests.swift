import Foundation
import HLS
import Testing

/// Playlists of other projects' test suites, read in place (`../shared/corpus`, or where `HLS2MP4_CORPUS` points).
/// Skipped where they are absent: they are not ours to copy.
@Suite("Corpus of third-party playlists", .enabled(if: Corpus.folder != nil))
struct CorpusTests {
    @Test("valid and lenient are accepted, and say what two other parsers read")
    func acceptedWithExpectedContent() throws {
        for entry in try Corpus.entries() where entry.label == "valid" || entry.label == "lenient" {
            let result = Result { try Corpus.parse(entry) }
            if Corpus.refusedAgainstLabel[entry.file] != nil {
                #expect(throws: PlaylistError.self, "\(entry.file)") { try result.get() }
                continue
            }
            switch result {
            case .failure(let error): Issue.record("\(entry.file): \(error)")
            case .success(.multivariant(let playlist)) where Corpus.emptyMultivariant.contains(entry.file):
                #expect(playlist.variants.isEmpty, "\(entry.file)")
            case .success(let playlist):
                if let expected = entry.expected { expected.compare(with: playlist, entry) }
            }
        }
    }

    @Test("invalid is refused, with a line or the whole playlist named")
    func invalidIsRefused() throws {
        for entry in try Corpus.entries() where entry.label == "invalid" {
            #expect(throws: PlaylistError.self, "\(entry.file)") { try Corpus.parse(entry) }
        }
    }

    @Test("invalid-strict is refused under --strict, and by default only where the draft says MUST fail")
    func invalidStrictIsRefused() throws {
        for entry in try Corpus.entries() where entry.label == "invalid-strict" {
            if Corpus.acceptedAgainstLabel[entry.file] != nil {
                #expect(throws: Never.self, "\(entry.file)") { try Corpus.parse(entry, isStrict: true) }
            } else {
                #expect(throws: PlaylistError.self, "\(entry.file)") { try Corpus.parse(entry, isStrict: true) }
            }
            if Corpus.refusedAlways[entry.file] != nil {
                #expect(throws: PlaylistError.self, "\(entry.file)") { try Corpus.parse(entry) }
            } else {
                #expect(throws: Never.self, "\(entry.file)") { try Corpus.parse(entry) }
            }
        }
    }

    @Test("fuzz neither traps nor hangs, cut anywhere")
    func fuzzIsSurvived() throws {
        for entry in try Corpus.entries() where entry.label == "fuzz" {
            let bytes = try Corpus.bytes(entry)
            for length in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 50)) {
                for isStrict in [false, true] {
                    _ = try? PlaylistParser(options: .init(isStrict: isStrict))
                        .parse(Array(bytes.prefix(length)), uri: Corpus.base())
                }
            }
        }
    }
}

enum Corpus {
    struct Entry: Decodable {
        var file: String
        var label: String
        var expected: Expected?
    }

    /// Labelled `valid`, but the draft wins.
    static let refusedAgainstLabel = [
        "valid/0340.m3u8": "4.4.1.1: no #EXTM3U",
        "valid/0341.m3u8": "4.4.1.1: no #EXTM3U",
        "valid/0096.m3u8": "4.4.4.2: a byte range without offset, and none before it for that URI",
    ]

    /// Labelled `invalid-strict`, but legal by the draft.
    static let acceptedAgainstLabel = [
        "invalid/0003.m3u8": "6.3.1: unknown tags and attributes are ignored",
        "invalid/0004.m3u8": "6.3.1: unknown tags and attributes are ignored",
        "invalid/0046.m3u8": "4.4.3.8: CAN-SKIP-UNTIL does not need CAN-BLOCK-RELOAD",
    ]

    /// Labelled `invalid-strict`, but the draft says that clients MUST fail.
    static let refusedAlways = [
        "invalid/0005.m3u8": "4.4.1.1: no #EXTM3U",
        "invalid/0006.m3u8": "4.4.1.2: two EXT-X-VERSION",
        "invalid/0020.m3u8": "4.4.4.1: a gap without EXTINF has no meaning",
        "invalid/0039.m3u8": "4.4.2.1: two EXT-X-INDEPENDENT-SEGMENTS",
        "invalid/0040.m3u8": "4.4.2.2: two EXT-X-START",
        "invalid/0057.m3u8": "4.4.2.3: a variable defined twice",
        "invalid/0058.m3u8": "4.4.2.3: QUERYPARAM without a value",
    ]

    /// Labelled `media`, but by §4.1 an empty Multivariant Playlist (or one with session tags only, §4.4.6).
    static let emptyMultivariant: Set = ["valid/0008.m3u8", "valid/0268.m3u8", "valid/0269.m3u8", "valid/0333.m3u8"]

    /// What a Multivariant Playlist would have defined (§4.4.2.3: without it these must fail).
    static let imports = ["auth": "?auth_token=1"]

    static func base() throws -> ResourceURI {
        try #require(ResourceURI("http://example.com/corpus/playlist.m3u8?import_1=&Define2=2&token=t"))
    }

    static let folder: URL? = {
        let url =
            ProcessInfo.processInfo.environment["HLS2MP4_CORPUS"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/corpus")
        return FileManager.default.fileExists(atPath: url.appendingPathComponent("index.json").path) ? url : nil
    }()

    static func entries() throws -> [Entry] {
        let folder = try #require(folder)
        return try JSONDecoder().decode(
            [Entry].self,
            from: Data(contentsOf: folder.appendingPathComponent("index.json"))
        )
    }

    static func bytes(_ entry: Entry) throws -> [UInt8] {
        Array(try Data(contentsOf: try #require(folder).appendingPathComponent(entry.file)))
    }

    static func parse(_ entry: Entry, isStrict: Bool = false) throws -> Playlist {
        try PlaylistParser(options: .init(isStrict: isStrict)).parse(try bytes(entry), uri: base(), imports: imports)
    }

    /// What two other parsers agreed on.
    struct Expected: Decodable {
        struct Segment: Decodable {
            var uri: String
            var dur: Double?
            var range: String?
            var disc: Bool
            var gap: Bool
            var key: [String?]?
            var map: [String?]?
        }
        struct Variant: Decodable {
            var uri: String
            var bandwidth: UInt64?
            var codecs: String?
            var resolution: String?
            var audio: String?
        }
        struct Media: Decodable {
            var type: String
            var group: String
            var name: String
            var uri: String?
            var language: String?
        }
        var kind: String
        var target: Double?
        var seq: UInt64?
        var endlist: Bool?
        var segments: [Segment]?
        var variants: [Variant]?
        var media: [Media]?

        func compare(with playlist: Playlist, _ entry: Entry) {
            let name = entry.file
            switch playlist {
            case .media(let playlist):
                #expect(kind == "media", "\(name)")
                // The others take a target duration below 1 for granted; §4.4.3.1 does not.
                if let target, target >= 1 {
                    #expect(Double(playlist.targetDuration) == target.rounded(.up), "\(name)")
                }
                #expect(seq == playlist.mediaSequence, "\(name)")
                #expect(endlist == playlist.hasEndList, "\(name)")
                #expect(segments?.count == playlist.segments.count, "\(name)")
                for (index, (want, got)) in zip(segments ?? [], playlist.segments).enumerated() {
                    compare(want, got, "\(name) segment \(index)")
                }
            case .multivariant(let playlist):
                #expect(kind == "master", "\(name)")
                #expect(variants?.count == playlist.variants.count, "\(name)")
                for (want, got) in zip(variants ?? [], playlist.variants) {
                    #expect(want.uri == got.uri, "\(name)")
                    #expect(want.bandwidth == got.bandwidth, "\(name)")
                    #expect(want.codecs == got.codecs, "\(name)")
                    #expect(want.resolution == got.resolution?.description, "\(name)")
                    #expect(want.audio == got.audioGroupID, "\(name)")
                }
                #expect(media?.count == playlist.renditions.count, "\(name)")
                for (want, got) in zip(media ?? [], playlist.renditions) {
                    #expect(want.type == got.type.rawValue, "\(name)")
                    #expect(want.group == got.groupID, "\(name)")
                    #expect(want.name == got.name, "\(name)")
                    #expect(want.uri == got.uri, "\(name)")
                    #expect(want.language == got.language, "\(name)")
                }
            }
        }

        private func compare(_ want: Segment, _ got: MediaSegment, _ name: String) {
            #expect(want.uri == got.uri, "\(name)")
            if let duration = want.dur, duration >= 0 {
                #expect(abs(duration - Double(got.durationMicroseconds) / 1e6) < 1e-6, "\(name)")
            }
            // Without offset: the others leave it to the reader, ours is explicit.
            let range = got.byteRange.map {
                want.range?.contains("@") == false ? "\($0.length)" : "\($0.length)@\($0.offset)"
            }
            #expect(want.range == range, "\(name)")
            #expect(want.disc == got.hasDiscontinuity, "\(name)")
            #expect(want.gap == got.isGap, "\(name)")
            #expect((want.key?[0] ?? nil) == got.key?.methodName, "\(name)")
            #expect((want.key?[1] ?? nil) == got.key?.uri, "\(name)")
            #expect(
                (want.key?[2] ?? nil)?.lowercased() == got.key?.initializationVectorText?.lowercased(),
                "\(name)"
            )
            #expect((want.map?[0] ?? nil) == got.initializationSection?.uri, "\(name)")
            #expect(
                (want.map?[1] ?? nil) == got.initializationSection?.byteRange.map { "\($0.length)@\($0.offset)" },
                "\(name)"
            )
        }
    }
}
