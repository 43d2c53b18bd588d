import HLS
import Transport

/// Reads the WebVTT segments of one Rendition from its ring. Confined to the thread `remux`.
final class SubtitleSource {
    enum Event {
        /// A segment that arrived whole.
        case segment(SegmentMark, WebVTTSegment)
        case finished(RingEnd)
    }

    private let ring: ByteRing
    private var mark: SegmentMark?
    private var bytes: [UInt8] = []
    private var end: RingEnd?

    init(ring: ByteRing) {
        self.ring = ring
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
        return .segment(mark, WebVTTParser.parse((mark.initialization?.bytes ?? []) + [0x0A] + bytes))
    }
}
