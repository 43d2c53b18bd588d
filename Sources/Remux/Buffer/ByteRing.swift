import Threading
import Transport

/// The bounded seam between asynchronous fetching and blocking demuxing: an asynchronous writer, a blocking reader.
///
/// Items are whole chunks and the marks between them, so that bytes never cross a mark unseen. One writer, one reader.
final class ByteRing: Sendable {
    enum Item: Sendable {
        case chunk(Chunk)
        /// The chunks behind it belong to this Media Segment.
        case segment(SegmentMark)
        /// A segment is missing here; `isCut` where its beginning was handed over.
        case missing(isCut: Bool)
    }

    /// About 4 MiB a source is the measured optimum: it stays in the processor's cache.
    static let capacityBytes = 4 << 20

    private typealias State = ByteRingState<Item, CheckedContinuation<Void, Never>>
    private let state: Monitor<State>

    init(capacityBytes: Int = ByteRing.capacityBytes) {
        state = Monitor(State(capacityBytes: capacityBytes))
    }

    /// Hands over an item; suspends while the ring is full. `false`: nobody will read it, stop.
    func write(_ item: Item) async -> Bool {
        let byteCount = if case .chunk(let chunk) = item { chunk.count } else { 0 }
        switch state.update({ $0.write(item, byteCount: byteCount) }) {
        case .goOn: return true
        case .stop: return false
        case .wait:
            await withCheckedContinuation { continuation in
                state.withLock { $0.park(continuation) }?.resume()
            }
            return true
        }
    }

    /// Says that nothing more comes.
    func finish(_ end: RingEnd) {
        state.update { $0.finish(end) }?.resume()
    }

    /// The next item, or the end of the stream. Blocks the calling thread (`remux`) until one is known.
    ///
    /// All waiting of the thread happens here and under this name, so that profiles can leave it out.
    func blockingRead() -> ByteRingState<Item, CheckedContinuation<Void, Never>>.ReadResult {
        let (result, writer) = state.blockingWait { state in
            let (result, wake) = state.read()
            return result.map { ($0, wake) }
        }
        writer?.resume()
        return result
    }
}
