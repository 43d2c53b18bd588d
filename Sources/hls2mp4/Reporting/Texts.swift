import Remux

/// Times as people read them: `0:07`, `1:02:33`.
enum ClockText {
    static func text(seconds: Double) -> String {
        let total = seconds.isFinite ? Int(min(max(0, seconds), 359_999_999)) : 0
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// Sizes as people read them: `912 kB`, `48.2 MB`.
enum SizeText {
    static func text(bytes: Double) -> String {
        var value = max(0, bytes.isFinite ? bytes : 0) / 1000
        for unit in ["kB", "MB", "GB", "TB"] {
            if value < 1000 || unit == "TB" {
                return value < 100 && unit != "kB" ? "\(tenths(value)) \(unit)" : "\(Int(min(value, 1e15))) \(unit)"
            }
            value /= 1000
        }
        return ""
    }

    private static func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(scaled % 10)"
    }
}

/// Bit rates as people read them: `128 kbit/s`, `6.2 Mbit/s`.
enum BitRateText {
    static func text(bitsPerSecond: UInt64) -> String {
        let kilobits = (bitsPerSecond / 100 + 5) / 10
        guard kilobits >= 1000 else { return bitsPerSecond < 1000 ? "\(bitsPerSecond) bit/s" : "\(kilobits) kbit/s" }
        let tenths = (kilobits + 50) / 100
        return "\(tenths / 10).\(tenths % 10) Mbit/s"
    }
}

/// The one line at the end.
enum SummaryLine {
    static func text(_ summary: RemuxSummary, label: String) -> String {
        var tracks: [String] = []
        for track in summary.tracks {
            let text =
                switch track.kind {
                case .video: "\(track.codec) \(track.width)x\(track.height)"
                case .audio: "\(track.codec) \(track.sampleRate) Hz"
                case .subtitles: "subtitles" + (track.language.map { " \($0)" } ?? "")
                }
            // Of several files each has its tracks.
            if summary.files.isEmpty || !tracks.contains(text) { tracks.append(text) }
        }
        let seconds = summary.elapsedSeconds
        let files = summary.sidecars.map { sidecar in
            "\(sidecar.path.split(separator: "/").last ?? "") (\(sidecar.cueCount) cues)"
        }
        let names = summary.files.map { file in
            "\(file.path.split(separator: "/").last ?? "") (\(ClockText.text(seconds: file.durationSeconds)))"
        }.joined(separator: " + ")
        var parts: [String] = []
        if !summary.tracks.isEmpty || files.isEmpty {
            parts += [
                "\(names.isEmpty ? label : names): \(ClockText.text(seconds: summary.durationSeconds))",
                SizeText.text(bytes: Double(summary.outputBytes)),
            ]
            if !tracks.isEmpty { parts.append(tracks.joined(separator: " + ")) }
        }
        parts += files
        let planned = summary.plannedSegmentCount
        let count = summary.segmentCount < planned ? "\(summary.segmentCount) of \(planned)" : "\(summary.segmentCount)"
        parts.append(
            "\(count) segments in \(ClockText.text(seconds: seconds))"
                + (seconds > 0 ? " (\(SizeText.text(bytes: Double(summary.receivedBytes) / seconds))/s)" : "")
        )
        if summary.retryCount > 0 { parts.append("\(summary.retryCount) retries") }
        if summary.lostSegmentCount > 0 { parts.append("\(summary.lostSegmentCount) lost") }
        if !summary.subtitleGaps.isEmpty { parts.append("\(summary.subtitleGaps.count) lost of subtitles") }
        parts.append("buffer at most \(SizeText.text(bytes: Double(summary.peakBufferedBytes)))")
        return Terminal.safe(parts.joined(separator: ", "))
    }
}

/// A gap in one line.
enum GapText {
    static func text(_ gap: RemuxSummary.Gap) -> String {
        let place = gap.rendition.map { "Rendition \($0): " } ?? ""
        let end = gap.startSeconds + gap.durationSeconds
        let times = "\(ClockText.text(seconds: gap.startSeconds)) to \(ClockText.text(seconds: end))"
        return "\(place)Media Segment \(gap.mediaSequenceNumber), \(times): \(gap.cause)"
    }
}
