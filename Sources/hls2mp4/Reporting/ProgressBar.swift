import Remux

/// The line that a person watches.
///
/// ```
/// film.mp4  62% ━━━━━━━━━━━━╸─────── 0:37:12/1:00:00  48.2 MB/s  ETA 0:07  buf 12 MB
/// ```
struct ProgressBar {
    let isUnicode: Bool
    /// Columns of the terminal.
    let columns: Int

    /// How much is done, 0…1.
    static func fraction(_ progress: RemuxProgress) -> Double {
        let bySegments =
            progress.plannedSegmentCount > 0
            ? Double(progress.segmentCount + progress.lostSegmentCount) / Double(progress.plannedSegmentCount) : 0
        let byTime = progress.plannedSeconds > 0 ? progress.positionSeconds / progress.plannedSeconds : 0
        return min(1, max(0, (bySegments + byTime) / 2))
    }

    func text(_ progress: RemuxProgress, label: String, bytesPerSecond: Double) -> String {
        let head = "\(label.prefix(24))  \(percent(progress)) "
        let tail = " " + numbers(progress, bytesPerSecond: bytesPerSecond)
        let room = columns - 1 - head.count - tail.count
        guard room >= 6 else { return String((head + tail).prefix(max(0, columns - 1))) }
        // Without box-drawing characters the bar has brackets.
        return head + bar(Self.fraction(progress), width: min(isUnicode ? room : room - 2, 40)) + tail
    }

    /// The same without a bar, for a log.
    func plain(_ progress: RemuxProgress, bytesPerSecond: Double) -> String {
        percent(progress) + "  " + numbers(progress, bytesPerSecond: bytesPerSecond)
    }

    private func percent(_ progress: RemuxProgress) -> String {
        let text = "\(Int(Self.fraction(progress) * 100))%"
        return String(repeating: " ", count: max(0, 4 - text.count)) + text
    }

    private func numbers(_ progress: RemuxProgress, bytesPerSecond: Double) -> String {
        var parts = [
            ClockText.text(seconds: progress.positionSeconds) + "/" + ClockText.text(seconds: progress.plannedSeconds),
            SizeText.text(bytes: bytesPerSecond) + "/s",
        ]
        let done = Self.fraction(progress)
        if done > 0.005, done < 1, bytesPerSecond > 0, progress.segmentCount > 0 {
            let perSegment = Double(progress.receivedBytes) / Double(progress.segmentCount)
            let left = Double(max(0, progress.plannedSegmentCount - progress.segmentCount))
            parts.append("ETA " + ClockText.text(seconds: left * perSegment / bytesPerSecond))
        }
        parts.append("buf " + SizeText.text(bytes: Double(progress.bufferedBytes)))
        if progress.retryCount > 0 { parts.append("\(progress.retryCount) retries") }
        if progress.lostSegmentCount > 0 { parts.append("\(progress.lostSegmentCount) lost") }
        return parts.joined(separator: "  ")
    }

    private func bar(_ fraction: Double, width: Int) -> String {
        let halves = Int(fraction * Double(width) * 2)
        let full = halves / 2
        let hasHalf = halves % 2 == 1
        let rest = width - full - (hasHalf ? 1 : 0)
        guard isUnicode else {
            return "[" + String(repeating: "#", count: max(0, full))
                + String(repeating: "-", count: max(0, width - full)) + "]"
        }
        return String(repeating: "━", count: full) + (hasHalf ? "╸" : "") + String(repeating: "─", count: max(0, rest))
    }
}
