import HLS

extension SessionStatus {
    /// What the bytes of a segment looked like: beyond its limit it counts as lost, less is a warning.
    ///
    /// - Throws: ``RemuxError`` with code `media` where a loss ends the session.
    func judge(
        _ mark: SegmentMark,
        _ damage: SegmentDamage,
        source: SourcePlan?,
        policy: RemuxConfiguration.MissingSegmentPolicy
    ) throws(RemuxError) {
        let label = source?.label ?? ""
        guard let finding = damage.finding(in: mark.container) else { return }
        let number = mark.identity.mediaSequenceNumber
        let text = "\(label)Media Segment \(number) is damaged: \(finding)"
        guard damage.isBeyondLimit else { return warn(text) }
        guard policy == .gap else {
            throw RemuxError(
                .media,
                text + "; --on-missing gap keeps what is intact",
                context: RemuxError.Context(stage: "Demux", mediaSequenceNumber: number)
            )
        }
        lost(mark, text, source)
    }

    /// A segment without media counts as lost.
    ///
    /// - Throws: ``RemuxError`` with code `incomplete` where a loss ends the session.
    func lostMedia(
        of mark: SegmentMark,
        source: SourcePlan,
        policy: RemuxConfiguration.MissingSegmentPolicy
    ) throws(RemuxError) {
        let number = mark.identity.mediaSequenceNumber
        let text = "\(source.label)Media Segment \(number) is lost: it holds no media, only tables and stuffing"
        guard policy == .gap else {
            throw RemuxError(
                .incomplete,
                text + "; --on-missing gap goes on without it",
                context: RemuxError.Context(stage: "Demux", mediaSequenceNumber: number)
            )
        }
        lost(mark, text, source)
    }

    private func lost(_ mark: SegmentMark, _ text: String, _ source: SourcePlan?) {
        warn(text)
        lost(
            RemuxSummary.Gap(
                mediaSequenceNumber: mark.identity.mediaSequenceNumber,
                startSeconds: Double(mark.startMicroseconds) / 1_000_000,
                durationSeconds: Double(mark.durationMicroseconds) / 1_000_000,
                cause: text,
                isAnnounced: false,
                url: mark.uri?.description,
                rendition: source.flatMap { $0.isOfRendition ? $0.rendition?.name : nil }
            )
        )
    }
}
