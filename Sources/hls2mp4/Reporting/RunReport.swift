import Remux

/// What `--report` says: schema and version are in `docs/report.md` and `docs/report.schema.json`.
///
/// A name that is there stays what it is; others may be added in the same version.
struct RunReport {
    static let schema = "hls2mp4-report"
    static let version = 1
    /// How every report begins.
    static let signature = "\"schema\": \"\(schema)\""

    var startedAt: UTCTime
    /// `nil` while the run goes on.
    var end: (time: UTCTime, conclusion: Conclusion)?
    /// Where the output is meant to go; `nil`: standard output.
    var outputPath: String?
    var summary: RemuxSummary

    var json: JSONValue {
        let fields: KeyValuePairs<String, JSONValue> = [
            "schema": .string(Self.schema),
            "version": .int(Self.version),
            "program": .string("hls2mp4 \(Version.number)"),
            "state": .string(end == nil ? "running" : "ended"),
            "startedAt": .string("\(startedAt)"),
            "endedAt": end.map { .string("\($0.time)") } ?? .null,
            "exitStatus": end.map { .int(Int($0.conclusion.status.rawValue)) } ?? .null,
            "result": end.map { .string($0.conclusion.status.word) } ?? .null,
            "message": end?.conclusion.message.map { .string($0) } ?? .null,
            "input": .string(summary.input),
            "selection": selection,
            "files": .array(files),
            "tracks": .array(summary.tracks.map(Self.value)),
            "sidecars": .array(summary.sidecars.map(Self.value)),
            "segments": segments,
            "gaps": .array((summary.gaps + summary.subtitleGaps).map(Self.value)),
            "seconds": .object([
                ("planned", .double(summary.plannedSeconds)), ("output", .double(summary.durationSeconds)),
                ("elapsed", .double(summary.elapsedSeconds)),
            ]),
            "bytes": .object([
                ("received", .unsigned(summary.receivedBytes)), ("written", .unsigned(summary.outputBytes)),
            ]),
            "retries": .int(summary.retryCount),
            "memory": .object([
                ("bufferLimitBytes", .int(summary.bufferLimitBytes)),
                ("bufferPeakBytes", .int(summary.peakBufferedBytes)),
                ("residentPeakBytes", .unsigned(summary.peakResidentBytes)),
            ]),
            "warnings": .array(summary.warnings.map { .string($0) }),
            "warningsOmitted": .int(summary.omittedWarningCount),
        ]
        return .object(fields.map { ($0.key, $0.value) })
    }

    private var selection: JSONValue {
        .object([
            ("startSeconds", summary.part.map { .double($0.startSeconds) } ?? .null),
            ("endSeconds", summary.part?.endSeconds.map { .double($0) } ?? .null),
            ("sources", .array(summary.sources.map(Self.value))),
        ])
    }

    private var segments: JSONValue {
        .object([
            ("planned", .int(summary.plannedSegmentCount)), ("done", .int(summary.segmentCount)),
            ("lost", .int(summary.lostSegmentCount)), ("lostSubtitles", .int(summary.subtitleGaps.count)),
            ("announcedGaps", .int(summary.gaps.count(where: \.isAnnounced))),
        ])
    }

    /// Each file that media was written to; none where nothing was.
    private var files: [JSONValue] {
        guard summary.outputBytes > 0 else { return [] }
        guard summary.files.isEmpty else {
            return summary.files.map {
                file($0.path, startSeconds: $0.startSeconds, seconds: $0.durationSeconds, bytes: $0.byteCount)
            }
        }
        let path = summary.outputPath ?? outputPath
        return [file(path, startSeconds: 0, seconds: summary.durationSeconds, bytes: summary.outputBytes)]
    }

    /// Before the output is finished, a file is its `.part`; a pipe has none.
    private func file(_ path: String?, startSeconds: Double, seconds: Double, bytes: UInt64) -> JSONValue {
        let part = path.map { $0 + ".part" }
        let hasPart = !summary.isOutputFinished && part.flatMap(FilePlace.status) != nil
        return .object([
            ("path", (hasPart ? part : path).map { .string($0) } ?? .null),
            ("isFinished", .bool(summary.isOutputFinished)),
            ("startSeconds", .double(startSeconds)),
            ("durationSeconds", .double(seconds)),
            ("bytes", .unsigned(bytes)),
        ])
    }

    private static func value(_ source: RemuxSummary.Source) -> JSONValue {
        .present([
            "kind": source.kind.rawValue.json,
            "url": source.url.json,
            "name": source.name?.json,
            "language": source.language?.json,
            "bandwidth": source.bandwidth.map(JSONValue.unsigned),
            "resolution": source.resolution?.json,
            "codecs": source.codecs?.json,
            "segments": .int(source.segmentCount),
            "durationSeconds": .double(source.durationSeconds),
        ])
    }

    private static func value(_ track: RemuxSummary.Track) -> JSONValue {
        .present([
            "kind": track.kind.rawValue.json,
            "codec": track.codec.json,
            "width": track.kind == .video ? .int(track.width) : nil,
            "height": track.kind == .video ? .int(track.height) : nil,
            "sampleRate": track.kind == .audio ? .int(track.sampleRate) : nil,
            "channels": track.kind == .audio ? .int(track.channelCount) : nil,
            "language": track.language?.json,
            "samples": .int(track.sampleCount),
            "endSeconds": .double(track.endSeconds),
        ])
    }

    private static func value(_ sidecar: RemuxSummary.Sidecar) -> JSONValue {
        .present(["path": sidecar.path.json, "language": sidecar.language?.json, "cues": .int(sidecar.cueCount)])
    }

    /// Also what `--progress json` says of a gap.
    static func value(_ gap: RemuxSummary.Gap) -> JSONValue {
        .present([
            "kind": .string(gap.isOfSubtitles ? "subtitles" : "media"),
            "mediaSequenceNumber": .unsigned(gap.mediaSequenceNumber),
            "startSeconds": .double(gap.startSeconds),
            "endSeconds": .double(gap.startSeconds + gap.durationSeconds),
            "url": gap.url?.json,
            "rendition": gap.rendition?.json,
            "cause": gap.cause.json,
            "announced": .bool(gap.isAnnounced),
        ])
    }
}
