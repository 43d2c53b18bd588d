import HLS

/// Walks through one source: opens a demuxer for each stretch of its bytes, and passes on what that tells. Confined to the
/// thread `remux`.
final class DemuxCursor {
    enum Event {
        /// Another stretch of timestamps begins: a new Discontinuity Sequence, or the same one after a gap.
        case began(SegmentMark)
        /// A track has shown its format, or another one than before in this run; its first sample comes behind.
        case format(TrackKey, TrackFormat, MediaClock)
        /// A sample of a track.
        case sample(TrackKey, DemuxedSample)
        /// Timed data beside the tracks.
        case data(TimedData)
        /// A Media Segment has passed, and what its bytes looked like.
        case passed(SegmentMark, SegmentDamage)
        /// A Media Segment that has passed holds no media, unlike others of its Discontinuity Sequence.
        case withoutMedia(SegmentMark)
        /// A stream is left out: what it is.
        case leftOut(String)
        /// A person should know this.
        case warning(String)
        /// The source has ended.
        case finished(RingEnd)
    }

    /// A track of the source: the n-th of its kind, whatever its PID is in this run.
    struct TrackKey: Hashable {
        var kind: TrackFormat.Kind
        var ordinal: Int
    }

    private let reader: RingReader
    private let kinds: Set<TrackFormat.Kind>
    private let takesData: Bool
    private let history = SourceHistory()
    private var demuxer: (any StretchDemuxer)?
    private var queue: [Event] = []
    private var queueHead = 0
    private var lastMark: SegmentMark?
    private var endedCounts = DemuxCounts()
    private var empties = EmptySegments()

    /// - Parameters:
    ///   - kinds: streams of other kinds are left out.
    ///   - takesData: timed data of transport streams is not.
    init(ring: ByteRing, kinds: Set<TrackFormat.Kind>, takesData: Bool = false) {
        reader = RingReader(ring: ring)
        self.kinds = kinds
        self.takesData = takesData
    }

    /// The tracks that the container promises for this stretch, in order.
    var expectedTracks: [TrackKey] { demuxer?.expectedTracks ?? history.expectedTracks }

    /// The Media Segment that reading has got to.
    var currentSegment: SegmentMark? { demuxer?.currentSegment ?? lastMark }

    /// The first presentation time of each track since the last ``Event/began(_:)``, also where nothing could be read yet.
    var firstPts90k: [TrackKey: Int64] { history.firstPts90k }

    /// Of all stretches that have ended.
    var counts: DemuxCounts { endedCounts }

    /// The next event. Blocks while the ring is empty.
    ///
    /// - Throws: ``RemuxError`` where the bytes cannot be demuxed.
    func next() throws -> Event {
        while queueHead == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueHead = 0
            if let demuxer { try read(demuxer) } else { try open() }
        }
        defer { queueHead += 1 }
        return queue[queueHead]
    }

    private func open() throws {
        let next = reader.beginNext()
        reportPassedSegments()
        switch next {
        case .end(let end):
            queue.append(.finished(end))
        case .stream(let mark):
            if mark.continuity != .continues || lastMark == nil {
                history.firstPts90k = [:]
                queue.append(.began(mark))
            }
            lastMark = mark
            demuxer = try makeDemuxer(mark)
        }
    }

    private func makeDemuxer(_ mark: SegmentMark) throws -> any StretchDemuxer {
        switch mark.container {
        case .transportStream:
            try TransportStreamDemuxer(
                reader: reader,
                mark: mark,
                kinds: kinds,
                takesData: takesData,
                history: history
            )
        case .fragmentedMP4:
            FragmentedMP4Demuxer(reader: reader, mark: mark, kinds: kinds, history: history)
        case .packedAudio:
            PackedAudioDemuxer(reader: reader, mark: mark, kinds: kinds, history: history)
        case .webVTT:
            throw RemuxError(
                .media,
                "Media Segment \(mark.identity.mediaSequenceNumber) is WebVTT where video or audio is expected",
                context: .init(stage: "Demux", mediaSequenceNumber: mark.identity.mediaSequenceNumber)
            )
        }
    }

    private func read(_ demuxer: any StretchDemuxer) throws {
        let goesOn = try demuxer.read { queue.append($0) }
        if !goesOn {
            history.expectedTracks = demuxer.expectedTracks
            lastMark = demuxer.currentSegment
            endedCounts += demuxer.counts
            self.demuxer = nil
        }
        reportPassedSegments()
    }

    private func reportPassedSegments() {
        for segment in reader.takeFinishedSegments() {
            let damage = history.takeDamage(of: segment.mark) ?? .packets(segment.damage)
            queue.append(.passed(segment.mark, damage))
            guard segment.mark.container.packetLayout != nil, segment.damage.packets > 0 else { continue }
            let lost = empties.take(segment.mark, hasMedia: segment.damage.hasMedia)
            queue += lost.map { .withoutMedia($0) }
        }
    }
}

/// What a source's demuxers leave to those after them.
final class SourceHistory {
    /// Of the stretch before.
    var expectedTracks: [DemuxCursor.TrackKey] = []
    /// Of this source, in any run.
    var tracksWithSamples: Set<DemuxCursor.TrackKey> = []
    /// The program that was taken of a transport stream with several.
    var program: Int?
    /// Of this stretch of timestamps, by track.
    var firstPts90k: [DemuxCursor.TrackKey: Int64] = [:]
    /// The last Media Initialization Section, understood.
    var movie: MovieFormats?
    /// Where the last movie fragment of each track ended, for those that do not say when they begin.
    var fragmentEnds: [DemuxCursor.TrackKey: (ticks: Int64, scale: TimeScale)] = [:]
    private var damage: [SegmentIdentity: SegmentDamage] = [:]

    /// Notes that a segment cannot be read whole; the first finding counts.
    func note(_ text: String, of mark: SegmentMark) {
        if damage[mark.identity] == nil { damage[mark.identity] = .boxes(text) }
    }

    func takeDamage(of mark: SegmentMark) -> SegmentDamage? { damage.removeValue(forKey: mark.identity) }
}

/// What was wrong with the bytes of a Media Segment that has passed.
enum SegmentDamage: Equatable {
    case packets(TransportStreamMonitor.Damage)
    /// Boxes that contradict themselves: the rest of the segment could not be read.
    case boxes(String)

    /// What to tell; `nil`: nothing was wrong.
    func finding(in container: SegmentContainer) -> String? {
        switch self {
        case .packets(let damage):
            guard container.packetLayout != nil, damage.damagedPackets > 0 || damage.packets == 0 else { return nil }
            return
                "\(damage.damagedPackets) of \(damage.packets + damage.damagedPackets) transport packets are missing or "
                + "unreadable"
        case .boxes(let text): return text
        }
    }

    /// The segment counts as lost from here on, unless a gap is allowed (DESIGN §7).
    var isBeyondLimit: Bool {
        switch self {
        case .packets(let damage): damage.isBeyondLimit || damage.packets == 0
        case .boxes: true
        }
    }
}
