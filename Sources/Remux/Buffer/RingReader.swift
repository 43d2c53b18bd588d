import HLS
import Transport

/// A source's bytes as the demuxer reads them: flat within a run, with an end at every mark that breaks the stream.
/// Confined to the thread `remux`.
final class RingReader {
    enum ReadResult: Equatable {
        case bytes(Int)
        /// The stream breaks here; ``beginNext()`` goes on behind it.
        case boundary
    }

    /// What the next demuxer reads.
    enum Next {
        case stream(SegmentMark)
        case end(RingEnd)
    }

    private let ring: ByteRing
    private var chunk: Chunk?
    private var chunkOffset = 0
    /// What is read before the chunks: the Media Initialization Section of a transport stream (its program tables).
    private var prefix: ArraySlice<UInt8> = []
    private var pending: Next?
    private var starts: [(offset: Int64, mark: SegmentMark)] = []
    /// Bytes read since ``beginNext()``.
    private var offset: Int64 = 0
    private var monitor = TransportStreamMonitor()
    private var watched: SegmentMark?
    /// What was seen of the Media Segments that have passed whole, until it is taken.
    private var finished: [(mark: SegmentMark, damage: TransportStreamMonitor.Damage)] = []
    /// The bytes before the boundary stop in the middle of a segment: what the demuxer still holds is not whole.
    private(set) var isCut = false

    init(ring: ByteRing) {
        self.ring = ring
    }

    /// Passes over the boundary; blocks until the next stream or the end is known.
    func beginNext() -> Next {
        let wasCut = isCut
        while pending == nil { advance() }
        let next = pending.take() ?? .end(.stopped)
        guard case .stream(let mark) = next else {
            pending = next
            isCut = wasCut
            return next
        }
        offset = 0
        starts = [(0, mark)]
        isCut = false
        prefix = mark.container.packetLayout != nil ? mark.initialization?.bytes[...] ?? [] : []
        return next
    }

    /// The Media Segments that have passed since the last call, and how they looked.
    func takeFinishedSegments() -> [(mark: SegmentMark, damage: TransportStreamMonitor.Damage)] {
        defer { finished = [] }
        return finished
    }

    private func watchSegment(_ next: SegmentMark?) {
        monitor.endSegment()
        if let watched { finished.append((watched, monitor.damage)) }
        watched = next
        monitor.beginSegment(next?.container.packetLayout ?? .plain)
    }

    /// Copies the next bytes; blocks until there are some or a boundary is reached.
    func blockingRead(into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        while true {
            if pending != nil { return .boundary }
            if !prefix.isEmpty {
                let count = min(prefix.count, buffer.count)
                buffer.copyBytes(from: prefix.prefix(count))
                prefix = prefix.dropFirst(count)
                offset += Int64(count)
                return .bytes(count)
            }
            guard let chunk else {
                advance()
                continue
            }
            let source = UnsafeRawBufferPointer(rebasing: chunk.bytes.dropFirst(chunkOffset).prefix(buffer.count))
            buffer.copyMemory(from: source)
            chunkOffset += source.count
            offset += Int64(source.count)
            if chunkOffset >= chunk.count { self.chunk = nil }
            return .bytes(source.count)
        }
    }

    /// The segment that holds the byte at `position`, counted from ``beginNext()``.
    func segment(at position: Int64) -> SegmentMark? {
        starts.last { $0.offset <= position }?.mark ?? starts.first?.mark
    }

    /// Forgets segments that end before `position`.
    func forgetSegments(before position: Int64) {
        while starts.count > 1, starts[1].offset <= position { starts.removeFirst() }
    }

    /// The session is being stopped: what was read last may not be whole.
    var isStopped: Bool {
        if case .end(.stopped) = pending { true } else { false }
    }

    private func advance() {
        switch ring.blockingRead() {
        case .item(.chunk(let next)):
            chunk = next.count > 0 ? next : nil
            chunkOffset = 0
            if watched?.container.packetLayout != nil { monitor.watch(next.bytes) }
        case .item(.segment(let mark)):
            watchSegment(mark)
            if let before = starts.last?.mark, mark.joins(before), !isCut {
                starts.append((offset, mark))
            } else {
                pending = .stream(mark)
            }
        case .item(.missing(let isCut)):
            // A segment whose end never came is lost as a whole: how its first bytes looked is no second finding.
            if isCut { watched = nil }
            watchSegment(nil)
            self.isCut = self.isCut || isCut
        case .end(let end):
            if case .stopped = end {
                isCut = true
                watched = nil
            }
            watchSegment(nil)
            pending = .end(end)
        }
    }
}
