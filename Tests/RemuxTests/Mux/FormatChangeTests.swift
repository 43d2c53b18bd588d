import CFFmpeg
import Testing

@testable import Remux

@Suite struct FormatChangeTests {
    private static let sps: [UInt8] = [0x67, 0x64, 0, 30, 1]
    private static let otherSPS: [UInt8] = [0x67, 0x4D, 0, 30, 2]
    private static let pps: [UInt8] = [0x68, 1]

    private static func avc(_ sequenceSets: [[UInt8]], _ pictureSets: [[UInt8]], width: Int = 320) -> TrackFormat {
        var record: [UInt8] = [1, 0x64, 0, 30, 0xFF, 0xE0 | UInt8(sequenceSets.count)]
        for set in sequenceSets { record += [0, UInt8(set.count)] + set }
        record.append(UInt8(pictureSets.count))
        for set in pictureSets { record += [0, UInt8(set.count)] + set }
        var format = TrackFormat(kind: .video, codec: AV_CODEC_ID_H264)
        format.extradata = record
        format.width = width
        return format
    }

    private static func video(_ codec: AVCodecID, _ extradata: [UInt8], width: Int = 320) -> TrackFormat {
        var format = TrackFormat(kind: .video, codec: codec)
        format.extradata = extradata
        format.width = width
        return format
    }

    private static func audio(_ codec: AVCodecID, rate: Int = 48_000, channels: Int = 2, _ extradata: [UInt8] = [])
        -> TrackFormat
    {
        var format = TrackFormat(kind: .audio, codec: codec)
        format.extradata = extradata
        format.sampleRate = rate
        format.channelCount = channels
        return format
    }

    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var old: @Sendable () -> TrackFormat
        var new: @Sendable () -> TrackFormat
        var change: FormatChange
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "the same", old: { avc([sps], [pps]) }, new: { avc([sps], [pps]) }, change: .none),
        Row(
            name: "another PPS",
            old: { avc([sps], [pps]) },
            new: { avc([sps], [pps, [0x68, 2]]) },
            change: .addition
        ),
        Row(name: "another SPS", old: { avc([sps], [pps]) }, new: { avc([otherSPS], [pps]) }, change: .carried),
        Row(
            name: "another size",
            old: { avc([sps], [pps]) },
            new: { avc([sps, otherSPS], [pps], width: 640) },
            change: .carried
        ),
        Row(name: "no parameter sets", old: { avc([sps], [pps]) }, new: { avc([], []) }, change: .otherTrack),
        Row(
            name: "H.264, H.265",
            old: { avc([sps], [pps]) },
            new: { video(AV_CODEC_ID_HEVC, [0, 0, 0, 1, 0x42, 1]) },
            change: .otherTrack
        ),
        Row(
            name: "H.265, another size",
            old: { video(AV_CODEC_ID_HEVC, [0, 0, 0, 1, 0x42, 1]) },
            new: { video(AV_CODEC_ID_HEVC, [0, 0, 0, 1, 0x42, 2], width: 640) },
            change: .carried
        ),
        Row(
            name: "MPEG-2, another size",
            old: { video(AV_CODEC_ID_MPEG2VIDEO, [1]) },
            new: { video(AV_CODEC_ID_MPEG2VIDEO, [2], width: 640) },
            change: .carried
        ),
        Row(
            name: "AV1, another sequence header",
            old: { video(AV_CODEC_ID_AV1, [1]) },
            new: { video(AV_CODEC_ID_AV1, [2]) },
            change: .otherTrack
        ),
        Row(
            name: "AAC, another rate",
            old: { audio(AV_CODEC_ID_AAC, [0x11, 0x90]) },
            new: { audio(AV_CODEC_ID_AAC, rate: 44_100, [0x12, 0x10]) },
            change: .otherTrack
        ),
        Row(
            name: "AAC, mono",
            old: { audio(AV_CODEC_ID_AAC, [0x11, 0x90]) },
            new: { audio(AV_CODEC_ID_AAC, channels: 1, [0x11, 0x88]) },
            change: .otherTrack
        ),
        Row(
            name: "AC-3, more channels",
            old: { audio(AV_CODEC_ID_AC3) },
            new: { audio(AV_CODEC_ID_AC3, channels: 6) },
            change: .carried
        ),
        Row(
            name: "AC-3, another rate",
            old: { audio(AV_CODEC_ID_AC3) },
            new: { audio(AV_CODEC_ID_AC3, rate: 32_000) },
            change: .otherTrack
        ),
        Row(name: "AAC, AC-3", old: { audio(AV_CODEC_ID_AAC) }, new: { audio(AV_CODEC_ID_AC3) }, change: .otherTrack),
    ]

    @Test("what a change means for a track", arguments: rows)
    func change(_ row: Row) {
        let change = FormatChange(from: row.old(), to: row.new())
        #expect(change == row.change)
    }

    @Test("what is done about it")
    func action() {
        func actions(_ change: FormatChange) -> [FormatAction] {
            [.inBand, .split, .fail].map { FormatAction(change, policy: $0) }
        }
        #expect(actions(.none) == [.goOn, .goOn, .goOn])
        #expect(actions(.addition) == [.carry, .carry, .carry])
        #expect(actions(.carried) == [.carry, .split, .refuse])
        #expect(actions(.otherTrack) == [.refuse, .split, .refuse])
    }

    @Test(
        "names of further files",
        arguments: [
            ("film.mp4", "film-3.mp4"), ("a.b/film", "a.b/film-3"), ("/x/a.b.mp4", "/x/a.b-3.mp4"), (".mp4", ".mp4-3"),
            ("x/.mp4", "x/.mp4-3"),
        ]
    )
    func names(_ path: String, _ third: String) {
        #expect(OutputFiles.path(path, number: 1) == path)
        #expect(OutputFiles.path(path, number: 3) == third)
    }

    @Test("samples in another form, and what does not fit")
    func forms() throws {
        let units: [[UInt8]] = [[0x67, 1, 2], [UInt8](repeating: 0x65, count: 300)]
        let forms: [NALForm] = [.startCodes, .lengths(2), .lengths(3), .lengths(4)]
        for source in forms {
            for target in forms {
                let bytes = source.joined(units)
                let packet = try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
                #expect(try source.rewrite(packet, as: target))
                let isRight = Array(packet.bytes) == target.joined(units)
                #expect(isRight)
            }
            let bytes = source.joined(units)
            let packet = try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
            // A unit of 300 bytes behind a length of one byte.
            #expect(try !source.rewrite(packet, as: .lengths(1)))
            let isUnchanged = Array(packet.bytes) == bytes
            #expect(isUnchanged)
        }
        for damaged: [UInt8] in [[0], [0, 0, 0], [0, 0, 0, 5, 1], [0xFF, 0xFF, 0xFF, 0xFF, 1]] {
            let packet = try Packet(count: damaged.count) { $0.copyBytes(from: damaged) }
            #expect(try !NALForm.lengths(4).rewrite(packet, as: .startCodes))
        }
    }

    @Test("a key frame with parameter sets of its own is told from one without")
    func ownSets() {
        let format = Self.avc([Self.sps], [Self.pps])
        let form = NALForm.lengths(4)
        for (units, has) in [
            ([Self.sps, [0x65, 1]], true), ([[0x09, 1], [0x65, 1]], false), ([Self.pps, [0x65]], false),
        ] {
            form.joined(units).withUnsafeBytes { #expect(format.hasParameterSets($0, form: form) == has) }
        }
    }
}
