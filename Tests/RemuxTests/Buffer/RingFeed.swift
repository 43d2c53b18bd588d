import HLS
import Testing

@testable import Remux
@testable import Transport

/// Segments in a ring, as a feeder hands them over, and what demuxers make of them.
enum RingFeed {
    enum Item {
        case segment(SegmentMark, [UInt8])
        case missing(isCut: Bool)
    }

    static func mark(
        _ number: UInt64,
        _ container: SegmentContainer,
        sequence: UInt64 = 0,
        continuity: SegmentMark.Continuity? = nil,
        initialization: InitializationSection? = nil
    ) -> SegmentMark {
        SegmentMark(
            identity: SegmentIdentity(epoch: 0, mediaSequenceNumber: number),
            discontinuitySequence: sequence,
            continuity: continuity ?? (number == 0 ? .newRun : .continues),
            startMicroseconds: Int64(number) * 1_000_000,
            durationMicroseconds: 1_000_000,
            container: container,
            initialization: initialization
        )
    }

    /// - Parameter chunkBytes: of each piece.
    static func ring(_ items: [Item], chunkBytes: Int, end: RingEnd = .complete) async -> ByteRing {
        let ring = ByteRing(capacityBytes: 64 << 20)
        let pool = ChunkPool(limitBytes: 64 << 20)
        for item in items {
            switch item {
            case .missing(let isCut): _ = await ring.write(.missing(isCut: isCut))
            case .segment(let mark, let bytes):
                _ = await ring.write(.segment(mark))
                for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
                    var writer = ChunkWriter(pool: pool)
                    bytes[start..<min(bytes.count, start + chunkBytes)].withUnsafeBytes { writer.append($0) }
                    for chunk in writer.takeFilled(partialFrom: 0) { _ = await ring.write(.chunk(chunk)) }
                }
            }
        }
        ring.finish(end)
        return ring
    }

    /// What a cursor tells of a ring.
    struct Story {
        var samples: [(track: DemuxCursor.TrackKey, bytes: [UInt8], pts: Int64?, dts: Int64?, isKey: Bool)] = []
        var formats: [TrackFormat] = []
        var clocks: [MediaClock] = []
        var damage: [UInt64: SegmentDamage] = [:]
        var passed: [UInt64] = []
        var withoutMedia: [UInt64] = []
        var began: [UInt64] = []
        var leftOut: [String] = []
        var counts = DemuxCounts()
    }

    static func read(_ ring: ByteRing, kinds: Set<TrackFormat.Kind> = [.video, .audio]) throws -> Story {
        let cursor = DemuxCursor(ring: ring, kinds: kinds)
        var story = Story()
        while true {
            switch try cursor.next() {
            case .began(let mark): story.began.append(mark.identity.mediaSequenceNumber)
            case .format(_, let format, let clock):
                story.formats.append(format)
                story.clocks.append(clock)
            case .sample(let key, let sample):
                story.samples.append((key, Array(sample.packet.bytes), sample.pts, sample.dts, sample.isKey))
            case .passed(let mark, let damage):
                story.passed.append(mark.identity.mediaSequenceNumber)
                if damage.finding(in: mark.container) != nil {
                    story.damage[mark.identity.mediaSequenceNumber] = damage
                }
            case .withoutMedia(let mark): story.withoutMedia.append(mark.identity.mediaSequenceNumber)
            case .data: break
            case .leftOut(let text), .warning(let text): story.leftOut.append(text)
            case .finished:
                story.counts = cursor.counts
                return story
            }
        }
    }
}
