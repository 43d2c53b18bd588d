import CFFmpeg
import HLS

/// Walks through one source: opens a demuxer for each run, names its tracks, and gives out samples. Confined to the
/// thread `remux`.
final class DemuxCursor {
    enum Event {
        /// Another stretch of bytes begins: a new Discontinuity Sequence, or the same one after a gap.
        case began(SegmentMark)
        /// A track has shown its format, or another one than before in this run; its first sample comes behind.
        case format(TrackKey, TrackFormat)
        /// A sample of a track.
        case sample(TrackKey, DemuxedSample)
        /// A Media Segment has passed, and what the transport stream's packets looked like.
        case passed(SegmentMark, TransportStreamMonitor.Damage)
        /// A stream is left out: what it is.
        case leftOut(String)
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
        var codecName: String
    }

    private let reader: RingReader
    private let kinds: Set<TrackFormat.Kind>
    private var demuxer: Demuxer?
    private var streams: [Int: Stream] = [:]
    private var knownStreams = 0
    /// Of this source, in any run.
    private var tracksWithSamples: Set<TrackKey> = []
    private var queue: [Event] = []
    private var queueHead = 0
    /// At a cut the last packet of each stream is not whole: it is held back until the kind of the end is known.
    private var last: [Int: Demuxer.Output] = [:]
    private var hasReachedBoundary = false
    /// The first presentation time of each track since the last ``Event/began(_:)``, also where nothing could be read yet.
    private(set) var firstPts: [TrackKey: Int64] = [:]
    private(set) var counts = DemuxCounts()
    /// The Media Segment that the demuxer has got to.
    private(set) var currentSegment: SegmentMark?

    /// - Parameter kinds: streams of other kinds are left out.
    init(ring: ByteRing, kinds: Set<TrackFormat.Kind>) {
        reader = RingReader(ring: ring)
        self.kinds = kinds
    }

    /// The tracks that the run's container promises, in order.
    var expectedTracks: [TrackKey] {
        streams.sorted { $0.key < $1.key }.map(\.value.key)
    }

    /// The next event. Blocks while the ring is empty.
    ///
    /// - Throws: ``RemuxError`` where the bytes cannot be demuxed.
    func next() throws -> Event {
        while queueHead == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueHead = 0
            if demuxer == nil {
                try open()
            } else {
                try read()
            }
        }
        defer { queueHead += 1 }
        return queue[queueHead]
    }

    private func reportPassedSegments() {
        for segment in reader.takeFinishedSegments() { queue.append(.passed(segment.mark, segment.damage)) }
    }

    private func open() throws {
        let next = reader.beginNext()
        reportPassedSegments()
        switch next {
        case .end(let end):
            queue.append(.finished(end))
        case .stream(let mark):
            currentSegment = mark
            hasReachedBoundary = false
            streams = [:]
            firstPts = [:]
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
        defer { reportPassedSegments() }
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
        // At a cut the last payload of a stream is not whole; those before it are, also where a reader holds one.
        let isWhole = !reader.isCut && !reader.isStopped
        for output in last.values.sorted(by: { $0.stream < $1.stream }) where isWhole { try accept(output) }
        last = [:]
        for stream in streams.sorted(by: { $0.key < $1.key }).map(\.value) {
            try stream.reader.finish { emit($0, of: stream) }
            let counts = stream.reader.counts
            let unreadable = counts.unreadablePackets + counts.packetsBeforeFormat
            if isWhole, unreadable > 0, !tracksWithSamples.contains(stream.key) {
                throw mediaError("none of the packets of the \(stream.codecName) stream can be read")
            }
            self.counts += counts
        }
        demuxer = nil
        queue.append(.ended)
    }

    private func accept(_ output: Demuxer.Output) throws {
        guard let stream = streams[output.stream] else { return }
        if firstPts[stream.key] == nil { firstPts[stream.key] = output.packet.pts }
        if let position = output.position {
            currentSegment = reader.segment(at: position) ?? currentSegment
            reader.forgetSegments(before: position - Int64(InputIO.bufferBytes) * 64)
        }
        try stream.reader.accept(output.packet) { emit($0, of: stream) }
    }

    private func emit(_ sample: DemuxedSample, of stream: Stream) {
        tracksWithSamples.insert(stream.key)
        if let format = stream.reader.takeNewFormat() { queue.append(.format(stream.key, format)) }
        queue.append(.sample(stream.key, sample))
    }

    /// Finds readers for streams that have appeared.
    private func learnStreams() throws {
        guard let demuxer, demuxer.streamCount > knownStreams else { return }
        for index in knownStreams..<demuxer.streamCount {
            guard let (parameters, _) = demuxer.stream(index), let kind = StreamReaders.kind(of: parameters) else {
                queue.append(.leftOut("a stream of type \(demuxer.codecName(index)) is left out"))
                demuxer.discard(index)
                continue
            }
            guard kinds.contains(kind) else {
                demuxer.discard(index)
                continue
            }
            guard let reader = try StreamReaders.reader(for: parameters.codec_id) else {
                throw mediaError("the stream holds \(demuxer.codecName(index)), which is not supported yet")
            }
            streams[index] = Stream(
                key: try key(for: kind),
                reader: reader,
                codecName: demuxer.codecName(index)
            )
        }
        knownStreams = demuxer.streamCount
    }

    /// The key of a new stream: that of one whose PID the program map has given up, else the next of its kind.
    private func key(for kind: TrackFormat.Kind) throws -> TrackKey {
        let vanished = streams.filter { $0.value.key.kind == kind && demuxer?.isListed($0.key) == false }
        if let old = vanished.min(by: { $0.value.key.ordinal < $1.value.key.ordinal }) {
            try old.value.reader.finish { emit($0, of: old.value) }
            counts += old.value.reader.counts
            streams[old.key] = nil
            demuxer?.discard(old.key)
            return old.value.key
        }
        return TrackKey(kind: kind, ordinal: streams.values.filter { $0.key.kind == kind }.count)
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
