import HLS

/// Decides whether a session makes chapters, and of what.
enum ChapterChoice {
    /// The chapters of the Variant Stream's playlist; `nil`: there are none, or none are wanted.
    ///
    /// - Parameter schedules: of `sources`, whole.
    static func plan(
        _ configuration: RemuxConfiguration,
        sources: [SourcePlan],
        schedules: [SegmentSchedule],
        clip: ClipPlan?,
        status: SessionStatus
    ) -> ChapterPlan? {
        guard configuration.takesChapters else { return nil }
        switch configuration.effectiveContainer {
        case .copy: return nil
        case .ts:
            status.warn("a transport stream has no chapters: --chapters has no effect")
            return nil
        case .mp4, .mov, .m4a, .mkv: break
        }
        let index = sources.firstIndex(where: \.takesVideo) ?? 0
        guard sources.indices.contains(index), schedules.indices.contains(index) else { return nil }
        let plan = ChapterPlan(
            sources[index].playlist.dateRanges,
            times: SegmentTimes(of: schedules[index]),
            range: clip?.range
        )
        if plan.isEmpty {
            status.note("there are no chapters: the playlist has neither EXT-X-DATERANGE nor Discontinuities")
            return nil
        }
        if plan.excessCount > 0 {
            status.warn("\(plan.excessCount) chapters beyond \(ChapterPlan.maximumChapters) are left out")
        }
        return plan
    }
}
