/// The bounded queue between a source's feeder and the demuxer, as a pure state machine: methods return what to do after
/// the lock is released.
struct ByteRingState<Item, Writer> {
    /// What the writer does after handing over an item.
    enum WriteAction: Equatable { case goOn, wait, stop }

    private var items: [Item?] = []
    private var head = 0
    private var sizes: [Int] = []
    private(set) var bufferedBytes = 0
    private let capacityBytes: Int
    private var end: RingEnd?
    private var writer: Writer?

    /// - Parameter capacityBytes: the writer waits once this much is buffered, and goes on at half of it.
    init(capacityBytes: Int) {
        self.capacityBytes = capacityBytes
    }

    /// Appends an item that counts `byteCount` bytes.
    mutating func write(_ item: Item, byteCount: Int) -> WriteAction {
        guard end == nil else { return .stop }
        items.append(item)
        sizes.append(byteCount)
        bufferedBytes += byteCount
        return bufferedBytes >= capacityBytes ? .wait : .goOn
    }

    /// Leaves the writer here until there is room; gives it back at once where there already is.
    mutating func park(_ writer: Writer) -> Writer? {
        guard end == nil, bufferedBytes > capacityBytes / 2 else { return writer }
        self.writer = writer
        return nil
    }

    /// The next item, or how the stream ended, or `nil` while neither is known; and the writer to be woken.
    mutating func read() -> (result: ReadResult?, wake: Writer?) {
        if case .stopped = end { return (.end(.stopped), nil) }
        guard head < items.count, let item = items[head] else { return (end.map { .end($0) }, nil) }
        bufferedBytes -= sizes[head]
        items[head] = nil
        head += 1
        if head == items.count || head >= 256 {
            items.removeFirst(head)
            sizes.removeFirst(head)
            head = 0
        }
        return (.item(item), bufferedBytes <= capacityBytes / 2 ? writer.take() : nil)
    }

    enum ReadResult {
        case item(Item)
        case end(RingEnd)
    }

    /// Ends the stream behind what is buffered; `.stopped` drops that too. The first end counts, but a stop always does.
    mutating func finish(_ end: RingEnd) -> Writer? {
        if case .stopped = end {
            self.end = end
            items = []
            sizes = []
            head = 0
            bufferedBytes = 0
        } else if self.end == nil {
            self.end = end
        }
        return writer.take()
    }
}
