import CFFmpeg
import HLS

/// Walks through one source: opens a demuxer for each run, names its tracks, and gives out samples. Confined to the
/// thread `remux`.
final class DemuxCursor {
    enum Event {
        /// Another stretch of bytes begins: a new Discontinuity Sequence, or the same one after a gap.
        case began(SegmentMark)
        /// A sample of a track, counted within its kind from 0.
        case sample(TrackKey, DemuxedSample)
        /// The stretch has ended.
        case ended
        /// The source has ended.
        case finished(RingEnd)
    }

    /// A track of the source: the n-th of its kind, whatever its PID is in this run.
    struct TrackKey: Hashable {
        var kind: TrackFormat.Kind
        var ordinal: Int
    }

    private struct Stream {
        var key: TrackKey
        var reader: any StreamReader
    }

    private let reader: RingReader
    private let kinds: Set<TrackFormat.Kind>
    private var demuxer: Demuxer?
    private var streams: [Int: Stream] = [:]
    private var knownStreams = 0
    private var queue: [Event] = []
    /// At a cut the last packet of each stream is not whole: it is held back until the kind of the end is known.
    private var last: [Int: Demuxer.Output] = [:]
    private var hasReachedBoundary = false
    private(set) var counts = DemuxCounts()
    /// The Media Segment that the demuxer has got to.
    private(set) var currentSegment: SegmentMark?

    /// - Parameter kinds: streams of other kinds are left out.
    init(ring: ByteRing, kinds: Set<TrackFormat.Kind>) {
        reader = RingReader(ring: ring)
        self.kinds = kinds
    }

    /// The format of a track as far as it has shown itself in this run.
    func format(of key: TrackKey) -> TrackFormat? {
        streams.values.first { $0.key == key }?.reader.format
    }

    /// The tracks that the run's container promises, in order.
    var expectedTracks: [TrackKey] {
        streams.sorted { $0.key < $1.key }.map(\.value.key)
    }

    /// The next event. Blocks while the ring is empty.
    ///
    /// - Throws: ``RemuxError`` where the bytes cannot be demuxed.
    func next() throws -> Event {
        while queue.isEmpty {
            if demuxer == nil {
                try open()
            } else {
                try read()
            }
        }
        return queue.removeFirst()
    }

    private func open() throws {
        switch reader.beginNext() {
        case .end(let end):
            queue.append(.finished(end))
        case .stream(let mark):
            currentSegment = mark
            hasReachedBoundary = false
            streams = [:]
            knownStreams = 0
            do {
                demuxer = try Demuxer(format: "mpegts") { [reader, unowned self] buffer in
                    guard case .bytes(let count) = reader.blockingRead(into: buffer) else {
                        hasReachedBoundary = true
                        return 0
                    }
                    return count
                }
            } catch {
                throw mediaError("no transport stream can be read from here", underlying: error)
            }
            queue.append(.began(mark))
            try learnStreams()
        }
    }

    private func read() throws {
        let output: Demuxer.Output?
        do {
            output = try demuxer?.next()
        } catch {
            throw mediaError("the transport stream cannot be read on", underlying: error)
        }
        try learnStreams()
        guard let output else {
            try end()
            return
        }
        guard hasReachedBoundary else {
            try accept(output)
            return
        }
        // Behind the boundary libavformat empties itself: what comes now may be half of a packet.
        if let held = last.updateValue(output, forKey: output.stream) { try accept(held) }
    }

    private func end() throws {
        let isWhole = !reader.isCut && !reader.isStopped
        for output in last.values.sorted(by: { $0.stream < $1.stream }) where isWhole { try accept(output) }
        last = [:]
        for stream in streams.sorted(by: { $0.key < $1.key }).map(\.value) {
            if isWhole { try stream.reader.finish { queue.append(.sample(stream.key, $0)) } }
            counts += stream.reader.counts
        }
        demuxer = nil
        queue.append(.ended)
    }

    private func accept(_ output: Demuxer.Output) throws {
        guard let stream = streams[output.stream] else { return }
        if let position = output.position {
            currentSegment = reader.segment(at: position) ?? currentSegment
            reader.forgetSegments(before: position - Int64(InputIO.bufferBytes) * 64)
        }
        try stream.reader.accept(output.packet) { queue.append(.sample(stream.key, $0)) }
    }

    /// Finds readers for streams that have appeared.
    private func learnStreams() throws {
        guard let demuxer, demuxer.streamCount > knownStreams else { return }
        for index in knownStreams..<demuxer.streamCount {
            guard let (parameters, _) = demuxer.stream(index), let kind = StreamReaders.kind(of: parameters),
                kinds.contains(kind)
            else {
                demuxer.discard(index)
                continue
            }
            guard let reader = try StreamReaders.reader(for: parameters.codec_id) else {
                throw mediaError("the stream holds \(demuxer.codecName(index)), which is not supported yet")
            }
            let ordinal = streams.values.filter { $0.key.kind == kind }.count
            streams[index] = Stream(key: TrackKey(kind: kind, ordinal: ordinal), reader: reader)
        }
        knownStreams = demuxer.streamCount
    }

    private func mediaError(_ text: String, underlying: (any Error)? = nil) -> RemuxError {
        let number = currentSegment?.identity.mediaSequenceNumber
        let place = number.map { "Media Segment \($0): " } ?? ""
        return RemuxError(
            .media,
            place + text + (underlying.map { " (\($0))" } ?? ""),
            context: RemuxError.Context(stage: "Demux", mediaSequenceNumber: number),
            underlying: underlying
        )
    }
}
