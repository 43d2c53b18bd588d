import Foundation
import Remux
import Testing

@testable import hls2mp4

/// `list --json` of other projects' playlists (`../shared/corpus`, or where `HLS2MP4_CORPUS` points), by the keys that its
/// README binds; compared with what two other parsers read. Skipped where they are absent.
@Suite(.enabled(if: ListCorpus.folder != nil)) struct ListCorpusTests {
    /// Labelled `valid`, but the draft wins.
    private static let refused: Set = [
        "valid/0340.m3u8",  // §4.4.1.1: no #EXTM3U
        "valid/0341.m3u8",  // §4.4.1.1: no #EXTM3U
        "valid/0096.m3u8",  // §4.4.4.2: a byte range without offset, and none before it for that URI
        "valid/0101.m3u8",  // §4.4.2.3: IMPORT without a Multivariant Playlist
    ]
    /// Labelled `media`, but by §4.1 an empty Multivariant Playlist (or one with session tags only, §4.4.6).
    private static let emptyMultivariant: Set = [
        "valid/0008.m3u8", "valid/0268.m3u8", "valid/0269.m3u8", "valid/0333.m3u8",
    ]

    private struct Entry: Decodable {
        var file: String
        var label: String
        var expected: Expected?
    }

    private struct Expected: Decodable {
        struct Segment: Decodable {
            var uri: String
            var dur: Double?
            var range: String?
            var disc: Bool
            var gap: Bool
            var key: [String?]?
            var map: [String?]?
        }
        struct Variant: Decodable, Equatable {
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
    }

    /// The keys that the README of the corpus names.
    private struct Document: Decodable {
        struct Segment: Decodable {
            struct Key: Decodable {
                var method: String
                var uri: String
                var iv: String?
                var keyFormat: String?
            }
            struct Map: Decodable {
                var uri: String
                var byteRange: String?
            }
            var uri: String
            var duration: Double
            var byteRange: String?
            var discontinuity: Bool
            var gap: Bool
            var programDateTime: String?
            var key: Key?
            var map: Map?
        }
        struct Rendition: Decodable {
            var type: String
            var groupId: String
            var name: String
            var language: String?
            var uri: String?
            var `default`: Bool
            var forced: Bool
            var channels: String?
        }
        var kind: String
        var targetDuration: UInt64?
        var mediaSequence: UInt64?
        var discontinuitySequence: UInt64?
        var playlistType: String?
        var endList: Bool?
        var segments: [Segment]?
        var variants: [Expected.Variant]?
        var renditions: [Rendition]?
    }

    @Test("what is valid or lenient is listed as two other parsers read it")
    func listed() async throws {
        let folder = try #require(ListCorpus.folder)
        let index = try Data(contentsOf: URL(fileURLWithPath: folder + "/index.json"))
        var compared = 0
        for entry in try JSONDecoder().decode([Entry].self, from: index) {
            guard ["valid", "lenient"].contains(entry.label) else { continue }
            var configuration = RemuxConfiguration(input: folder + "/" + entry.file, output: .standardOutput)
            // Some define variables by query parameters.
            configuration.baseURL = "http://example.com/corpus/playlist.m3u8?import_1=&Define2=2&token=t"
            guard !Self.refused.contains(entry.file) else {
                await #expect(throws: RemuxError.self, "\(entry.file)") { try await StreamListing.load(configuration) }
                continue
            }
            let listing = try await StreamListing.load(configuration)
            let text = ListingJSON(listing: listing).document
            let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
            _ = ListingTable(listing: listing, width: 80).lines
            if Self.emptyMultivariant.contains(entry.file) {
                #expect(document.variants?.isEmpty == true, "\(entry.file)")
            } else if let expected = entry.expected {
                compare(expected, document, entry.file)
                compared += 1
            }
        }
        #expect(compared > 250)
    }

    private func compare(_ want: Expected, _ got: Document, _ file: String) {
        #expect(got.kind == (want.kind == "master" ? "multivariant" : "media"), "\(file)")
        if want.kind == "master" {
            #expect(want.variants == got.variants, "\(file)")
            #expect(want.media?.map(\.type) == got.renditions?.map(\.type), "\(file)")
            #expect(want.media?.map(\.group) == got.renditions?.map(\.groupId), "\(file)")
            #expect(want.media?.map(\.name) == got.renditions?.map(\.name), "\(file)")
            #expect(want.media?.map(\.uri) == got.renditions?.map(\.uri), "\(file)")
            #expect(want.media?.map(\.language) == got.renditions?.map(\.language), "\(file)")
            return
        }
        // The others take a target duration below 1 for granted; §4.4.3.1 does not.
        if let target = want.target, target >= 1 {
            #expect(got.targetDuration.map { Double($0) } == target.rounded(.up), "\(file)")
        }
        #expect(want.seq == got.mediaSequence && want.endlist == got.endList, "\(file)")
        #expect(want.segments?.count == got.segments?.count, "\(file)")
        for (index, (want, got)) in zip(want.segments ?? [], got.segments ?? []).enumerated() {
            let place = "\(file) segment \(index)"
            if let duration = want.dur, duration >= 0 { #expect(abs(duration - got.duration) < 1e-6, "\(place)") }
            // Without offset: the others leave it to the reader, ours is explicit.
            let range = got.byteRange.map {
                want.range?.contains("@") == false ? String($0.prefix { $0 != "@" }) : $0
            }
            #expect(want.uri == got.uri && want.range == range, "\(place)")
            #expect(want.disc == got.discontinuity && want.gap == got.gap, "\(place)")
            #expect((want.key?[0] ?? nil) == got.key?.method && (want.key?[1] ?? nil) == got.key?.uri, "\(place)")
            #expect((want.key?[2] ?? nil)?.lowercased() == got.key?.iv?.lowercased(), "\(place)")
            #expect((want.map?[0] ?? nil) == got.map?.uri && (want.map?[1] ?? nil) == got.map?.byteRange, "\(place)")
        }
    }
}

enum ListCorpus {
    static let folder: String? = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let path = ProcessInfo.processInfo.environment["HLS2MP4_CORPUS"] ?? root + "/shared/corpus"
        return FileManager.default.fileExists(atPath: path + "/index.json") ? path : nil
    }()
}

extension ListingJSON {
    /// The whole document.
    var document: String {
        var document = ""
        write { (text: String) throws(Never) in document += text }
        return document
    }
}
