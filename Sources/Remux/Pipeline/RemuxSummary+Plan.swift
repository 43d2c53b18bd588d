import HLS

/// What a summary says of the plan.
extension RemuxSummary.Source {
    init(_ plan: SourcePlan, _ schedule: SegmentSchedule) {
        kind =
            if plan.takesSubtitles {
                .subtitles
            } else if plan.isOfRendition {
                plan.takesVideo ? .video : .audio
            } else {
                .variant
            }
        url = plan.playlist.uri.description
        name = plan.rendition?.name
        language = plan.rendition?.language
        bandwidth = plan.variant?.bandwidth
        resolution = plan.variant?.resolution?.description
        codecs = plan.variant?.codecs
        segmentCount = schedule.plannedSegmentCount
        durationSeconds = Double(plan.playlist.durationMicroseconds) / 1_000_000
    }
}

extension RemuxSummary.Part {
    init(_ range: PresentationRange) {
        startSeconds = Double(range.startMicroseconds) / 1_000_000
        endSeconds = range.endMicroseconds.map { Double($0) / 1_000_000 }
    }
}
