import HLS
import Transport

/// Reads the segments of one Rendition of subtitles from its ring. Confined to the thread `remux`.
final class SubtitleSource {
    enum Event {
        /// A segment that arrived whole.
        case segment(SegmentMark, Content)
        case finished(RingEnd)
    }

    /// What a segment holds.
    enum Content {
        case cues(WebVTTSegment)
        /// Samples of a track in fragmented MP4, with its times in 90 kHz; `damagedCount`: those that cannot be read.
        case samples([WebVTTSegment.TimedSample], damagedCount: Int)

        var count: Int {
            switch self {
            case .cues(let segment): segment.cues.count
            case .samples(let samples, _): samples.count
            }
        }
    }

    private let ring: ByteRing
    /// Samples of `wvtt` are given out as cues.
    private let makesCues: Bool
    private var textTrack: (section: InitializationSection, track: TextTrack?)?
    private var mark: SegmentMark?
    private var bytes: [UInt8] = []
    private var end: RingEnd?

    init(ring: ByteRing, makesCues: Bool) {
        self.ring = ring
        self.makesCues = makesCues
    }

    /// The next segment. Blocks while the ring is empty.
    func blockingNext() -> Event {
        while true {
            if let end { return .finished(end) }
            switch ring.blockingRead() {
            case .item(.chunk(let chunk)):
                // Its transfer is bounded as well; this bounds what the ring's two ends agree on.
                if bytes.count + chunk.count <= WebVTTLimits.segmentBytes { bytes += chunk.bytes }
            case .item(.segment(let next)):
                if let segment = takeSegment(next: next) { return segment }
            case .item(.missing):
                if let segment = takeSegment(next: nil) { return segment }
            case .end(let end):
                self.end = end
                if case .stopped = end { break }
                if let segment = takeSegment(next: nil) { return segment }
            }
        }
    }

    private func takeSegment(next: SegmentMark?) -> Event? {
        defer {
            mark = next
            bytes = []
        }
        guard let mark else { return nil }
        guard let section = mark.initialization, case .fragmentedMP4 = SegmentFormat(head: section.bytes) else {
            return .segment(mark, .cues(WebVTTParser.parse((mark.initialization?.bytes ?? []) + [0x0A] + bytes)))
        }
        return .segment(mark, samples(of: mark, section))
    }

    private func samples(of mark: SegmentMark, _ section: InitializationSection) -> Content {
        if textTrack?.section != section { textTrack = (section, try? TextTrack(section.bytes)) }
        guard let track = textTrack?.track else { return .samples([], damagedCount: 1) }
        let playlistStart = TimeScale(1_000_000).convert(mark.startMicroseconds, to: track.scale)
        let (found, damagedCount) = track.samples(of: bytes, playlistStart: playlistStart)
        let samples = found.map { sample in
            (
                start90k: track.scale.convert(sample.start, to: .mpeg),
                end90k: track.scale.convert(sample.start &+ sample.duration, to: .mpeg),
                payload: sample.payload
            )
        }
        guard makesCues else { return .samples(samples, damagedCount: damagedCount) }
        var segment = WebVTTSegment(samples: samples)
        segment.counts.damagedCues += damagedCount
        return .cues(segment)
    }
}
