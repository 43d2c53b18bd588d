import CFFmpeg
import HLS

/// A part of the presentation: where reading begins, and when it ends.
extension RemuxLoop {
    /// The start of a clip needs what is in front of the segments being read.
    struct EarlierStartNeeded: Error {
        var source: Int
    }

    /// Looks at a sample before the timeline takes it.
    ///
    /// - Throws: ``EarlierStartNeeded`` where the video from here on cannot be decoded up to the start of the clip.
    func locate(_ sample: DemuxedSample, track: Int, of address: TrackAddress) throws {
        let source = sources[address.source]
        guard clip != nil, output == nil, let first90k = source.cursor.firstPts90k[address.key] else {
            return
        }
        let place90k = TimeScale(1_000_000).convert(source.stretchStartMicroseconds, to: .mpeg)
        timeline.locate(track: track, firstPts90k: first90k, segmentStart90k: place90k)
        guard address.key.kind == .video, var probe = source.probe, let scale = tracks[address]?.clock.scale else {
            return
        }
        let accepts = probe.accepts(
            pts90k: sample.pts.map { scale.convert($0, to: .mpeg) },
            dts90k: sample.dts.map { scale.convert($0, to: .mpeg) },
            isKey: sample.isKey,
            firstPts90k: first90k,
            segmentStart90k: place90k
        )
        sources[address.source].probe = probe
        if !accepts { try needEarlierStart(address.source) }
    }

    /// Whether the segments read so far hold no key frame at or before the start of the clip, and others might.
    func lacksKeyFrame(_ index: Int) -> Bool {
        guard let probe = sources[index].probe, output == nil else { return false }
        return !probe.hasKeyFrame && plan.fetch.canBeginEarlier(index)
    }

    /// The segment that holds the start has passed: its key frame must have come.
    func checkStart(behind mark: SegmentMark, source index: Int) throws {
        guard let clip, sources[index].cursor.expectedTracks.contains(where: { $0.kind == .video }) else { return }
        let end90k = TimeScale(1_000_000).convert(mark.startMicroseconds &+ mark.durationMicroseconds, to: .mpeg)
        if end90k > clip.start90k { try needEarlierStart(index) }
    }

    /// - Throws: ``EarlierStartNeeded`` where there is something in front that could help.
    private func needEarlierStart(_ index: Int) throws {
        if lacksKeyFrame(index) { throw EarlierStartNeeded(source: index) }
    }

    /// Audio that begins just too late has its first frames in the segment before: asked for once.
    func checkAudioStart() throws {
        guard let clip, output == nil else { return }
        for (address, track) in tracks where address.key.kind == .audio && clip.beginsShort(track.number) {
            guard plan.fetch.lead(of: address.source) == 0, plan.fetch.canBeginEarlier(address.source) else { continue }
            throw EarlierStartNeeded(source: address.source)
        }
    }

    /// Ends the sources that have passed the end of the clip in all their tracks: what they still hold is not needed.
    func endPastSources() {
        guard let clip, clip.duration90k != nil else { return }
        for index in sources.indices where !sources[index].isFinished {
            let numbers = tracks.filter { $0.key.source == index }.map(\.value.number)
            guard !numbers.isEmpty, numbers.allSatisfy(clip.isPast) else { continue }
            sources[index].isFinished = true
            plan.fetch.rings[index].finish(.stopped)
        }
    }

    /// Samples before the first one heard that a decoder needs to give it right.
    static func primingSamples(_ format: TrackFormat) -> Int {
        switch format.kind {
        case .video, .subtitles: 0
        // The transforms of AAC, MP3, AC-3 and E-AC-3 overlap with the frame before.
        case .audio: 1
        }
    }

    /// In front of a clip there may be pictures that nothing decodes; none of them is missing.
    func withoutFront(_ counts: TimelineCounts) -> TimelineCounts {
        var counts = counts
        if clip != nil { counts.videoBeforeKeyFrame = 0 }
        return counts
    }

    /// The same for what is in front of the first parameter sets.
    func withoutFront(_ counts: DemuxCounts) -> DemuxCounts {
        var counts = counts
        if clip != nil { counts.packetsBeforeFormat = 0 }
        return counts
    }
}
