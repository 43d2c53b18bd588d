import HLS
import Testing

@testable import Remux

@Suite("What containers hold")
struct ContainerRulesTests {
    typealias Container = RemuxConfiguration.Container

    static let named: [(String, Container?)] = [
        ("film.mp4", .mp4), ("film.M4V", .mp4), ("a.b/film.mov", .mov), ("film.mkv", .mkv), ("x.mka", .mkv),
        ("film.ts", .ts),
        ("song.m4a", .m4a), ("song.M4B", .m4a), ("film", nil), ("film.webm", nil), (".mkv", nil), ("film.ts/", nil),
        ("folder.mkv/film", nil), ("", nil), ("film.", nil),
    ]

    @Test("the extension of a name", arguments: named)
    func names(_ row: (String, Container?)) {
        #expect(Container(fileName: row.0) == row.1)
    }

    static let choices: [(String, Container?, Container, Bool)] = [
        ("a.mkv", nil, .mkv, false), ("a.mkv", .ts, .ts, false), ("a.xyz", nil, .mp4, false),
        ("a.m4a", nil, .m4a, true),
        ("a.m4a", .mp4, .mp4, false), ("a.mp4", .m4a, .m4a, true), ("a.mka", nil, .mkv, true),
        ("a.mka", .ts, .ts, false),
    ]

    @Test("the option goes before the name; names of audio leave video out", arguments: choices)
    func effective(_ row: (String, Container?, Container, Bool)) {
        var configuration = RemuxConfiguration(input: "x", output: .file(path: row.0))
        configuration.container = row.1
        #expect(configuration.effectiveContainer == row.2)
        #expect(configuration.leavesVideoOut == row.3)
        #expect((configuration.effectiveSelection.video == .none) == row.3)
    }

    /// Codec by codec: mp4 mov mkv ts m4a.
    static let table: [(String, String)] = [
        ("h264", "mp4 mov mkv ts"), ("hevc", "mp4 mov mkv ts"), ("av1", "mp4 mkv"), ("vp9", "mp4 mkv"),
        ("aac", "mp4 mov mkv ts m4a"), ("ac3", "mp4 mov mkv ts m4a"), ("eac3", "mp4 mov mkv ts m4a"),
        ("mp3", "mp4 mov mkv ts m4a"), ("opus", "mp4 mkv ts m4a"), ("flac", "mp4 mkv m4a"), ("alac", "mp4 mov mkv m4a"),
        ("wvtt", "mp4 mov mkv"), ("stpp", "mp4"), ("never-heard-of", "mp4 mkv"),
    ]

    @Test("the table, and a refusal that names who can", arguments: table)
    func holds(_ row: (String, String)) {
        let able = row.1.split(separator: " ").map(String.init)
        for container in Container.allCases where container != .copy {
            #expect(ContainerRules.holds(row.0, in: container) == able.contains(container.rawValue))
            let refusal = ContainerRules.refusal(row.0, in: container)
            #expect((refusal == nil) == able.contains(container.rawValue))
            guard let refusal else { continue }
            #expect(refusal.contains(row.0) && refusal.contains(container.rawValue))
            #expect(able.allSatisfy(refusal.contains))
        }
        #expect(ContainerRules.holds(row.0, in: .copy))
    }

    @Test("what CODECS tells: streams are left out that the container cannot hold, unless their part is not taken")
    func selection() {
        func reasons(_ container: Container, _ change: (inout RemuxConfiguration) -> Void = { _ in }) -> [String:
            String]
        {
            var configuration = RemuxConfiguration(input: "x", output: .standardOutput)
            configuration.container = container
            change(&configuration)
            return ContainerChoice.preferences(configuration).unmuxableCodecs
        }
        #expect(reasons(.mp4).isEmpty)
        #expect(reasons(.copy).isEmpty)
        #expect(reasons(.ts)["vp09"] == "cannot be written into ts; --format mp4 or mkv can")
        #expect(reasons(.ts)["stpp"] == nil)
        #expect(reasons(.ts) { $0.selection.audio = .none }["fLaC"] == nil)
        #expect(reasons(.ts)["fLaC"] != nil)
        #expect(reasons(.m4a)["avc1"] == nil)
    }
}
