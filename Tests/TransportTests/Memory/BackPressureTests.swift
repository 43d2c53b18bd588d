import Synchronization
import Testing

@testable import Transport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The memory rules as a whole, without a network: real pool, gate, bodies and queues; a scheduler that does one
/// possible thing after the other in random order. A wake-up that does not come leaves nothing possible: a deadlock.
@Suite struct BackPressureTests {
    @Test(arguments: 0..<200)
    func randomOrdersNeverDeadlockAndKeepTheBound(seed: Int) async throws {
        var random = SplitMix64(state: UInt64(seed))
        let simulation = try Simulation(random: &random)
        try await simulation.run(&random)
    }
}

/// One body on its way: what libcurl, the reader and the ring would do with it.
private final class Line {
    let id: UInt64
    let body: StreamingBody
    let queue: ChunkQueue
    let length: Int
    var sent = 0
    var isStarted = false
    var isPaused = false
    var isEnded = false
    var filterDelay: Int
    var received = 0

    init(
        id: UInt64,
        length: Int,
        filterDelay: Int,
        gate: MemoryGate,
        pool: ChunkPool,
        wake: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.length = length
        self.filterDelay = filterDelay
        let queue = ChunkQueue(wakeTransport: wake)
        self.queue = queue
        let request = TransferRequest(url: "http://test.invalid/\(id)", role: .mediaSegment)
        let makeFilter: @Sendable () -> any BodyFilter = { HoldingFilter() }
        let parts = StreamingBody.Parts(
            queue: queue,
            makeFilter: filterDelay == 0 ? makeFilter : nil,
            makeDigest: nil,
            countReceived: { _ in }
        )
        body = StreamingBody(
            operation: Operation(id: id, request: request, renew: nil, onEvent: { _ in }),
            parts: parts,
            pool: pool
        ) { gate.grant($0) }
    }

    /// The bytes of the body at `position`: a piece of the pattern that starts elsewhere in each line.
    func withBytes<Result>(
        at position: Int,
        count: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try Self.pattern.withUnsafeBytes { pattern in
            let start = Int(id) * 977 + position
            return try body(UnsafeRawBufferPointer(rebasing: pattern[start..<start + count]))
        }
    }

    private static let pattern: [UInt64] = {
        var random = SplitMix64(state: 1)
        return (0..<200_000).map { _ in random.next() }
    }()
}

/// Holds its output until it has seen 600,000 bytes: more than a head of line may have unread.
private final class HoldingFilter: BodyFilter {
    private var seen = 0
    var holdsOutput: Bool { seen < 600_000 }

    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) {
        seen += input.count
        output.append(input)
    }

    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) {}
}

/// Several sources with a window of transfers each; one demuxer, which blocks on one source after the other.
private final class Simulation {
    private let pool: ChunkPool
    private let gate: MemoryGate
    private let wasWoken = Signal()
    private var lines: [[Line]] = []
    private var head: [Int]
    private var rings: [[Chunk]]
    private let window: Int
    private let ringLimit = 3
    private var wanted = 0

    final class Signal: Sendable {
        private let value = Atomic(false)
        func set() { value.store(true, ordering: .relaxed) }
        func take() -> Bool { value.exchange(false, ordering: .relaxed) }
        var isSet: Bool { value.load(ordering: .relaxed) }
    }

    init(random: inout SplitMix64) throws {
        let sources = Int.random(in: 1...3, using: &random)
        window = Int.random(in: 1...4, using: &random)
        pool = ChunkPool(limitBytes: Int.random(in: 1...12, using: &random) * ChunkPool.chunkSize)
        let signal = wasWoken
        gate = MemoryGate(pool: pool) { signal.set() }
        head = Array(repeating: 0, count: sources)
        rings = Array(repeating: [], count: sources)
        var id: UInt64 = 0
        let counts = (0..<sources).map { _ in Int.random(in: 1...5, using: &random) }
        lines = counts.map { _ in [] }
        // Start orders interleave, as the sources' tasks would.
        for place in 0..<5 {
            for source in 0..<sources where place < counts[source] {
                id += 1
                let length = Int.random(in: 1...1_500_000, using: &random)
                let delay = Bool.random(using: &random) ? 0 : Int.random(in: 1...40, using: &random)
                lines[source].append(
                    Line(id: id, length: length, filterDelay: delay, gate: gate, pool: pool) { signal.set() }
                )
            }
        }
    }

    private enum Step {
        case deliver(Line)
        case learnFilter(Line)
        case read(source: Int)
        case demux
        case look
    }

    func run(_ random: inout SplitMix64) async throws {
        for source in lines.indices { try start(source) }
        var steps = 0
        while lines.indices.contains(where: { head[$0] < lines[$0].count || !rings[$0].isEmpty }) {
            steps += 1
            let possible = possibleSteps()
            let step = try #require(possible.randomElement(using: &random), "deadlock after \(steps) steps")
            try await perform(step, &random)
            let exempt = lines.count * 5 + lines.joined().count
            #expect(pool.usedBytes <= pool.limitBytes + exempt * ChunkPool.chunkSize)
        }
        // Everything went back.
        #expect(pool.usedBytes == 0)
        #expect(gate.waiting.isEmpty)
    }

    private func possibleSteps() -> [Step] {
        var steps: [Step] = []
        for line in lines.joined() where line.isStarted && !line.isEnded {
            if !line.isPaused { steps.append(.deliver(line)) }
            // A key comes sooner or later, whatever the rest does.
            if line.filterDelay > 0 { steps.append(.learnFilter(line)) }
        }
        for source in lines.indices where head[source] < lines[source].count {
            let line = lines[source][head[source]]
            if rings[source].count < ringLimit, line.queue.demand.unread > 0 || line.isEnded {
                steps.append(.read(source: source))
            }
        }
        if !rings[wanted].isEmpty || isOver(wanted) { steps.append(.demux) }
        if wasWoken.isSet || gate.needsLook { steps.append(.look) }
        return steps
    }

    private func isOver(_ source: Int) -> Bool {
        head[source] == lines[source].count && rings[source].isEmpty
    }

    private func perform(_ step: Step, _ random: inout SplitMix64) async throws {
        switch step {
        case .deliver(let line):
            // Now and then more than a chunk at once.
            let most = Int.random(in: 0...30, using: &random) == 0 ? 400_000 : 16_384
            try deliver(line, min(line.length - line.sent, Int.random(in: 1...most, using: &random)))
        case .learnFilter(let line):
            line.filterDelay -= 1
            if line.filterDelay == 0, try line.body.setFilter({ HoldingFilter() }) { end(line) }
        case .read(let source):
            let line = lines[source][head[source]]
            guard let chunk = try await line.queue.next() else {
                #expect(line.received == line.length)
                head[source] += 1
                try start(source)
                return
            }
            let isRight = line.withBytes(at: line.received, count: chunk.count) { expected in
                chunk.bytes.baseAddress.map { memcmp($0, expected.baseAddress ?? $0, chunk.count) == 0 } ?? true
            }
            #expect(isRight)
            line.received += chunk.count
            rings[source].append(chunk)
        case .demux:
            if !rings[wanted].isEmpty { rings[wanted].removeFirst() }
            wanted = Int.random(in: 0..<lines.count, using: &random)
        case .look:
            _ = wasWoken.take()
            gate.needsLook = false
            for id in gate.waiting {
                guard let line = lines.joined().first(where: { $0.id == id }) else { continue }
                if line.body.retryGrant() {
                    line.isPaused = false
                    line.queue.setPaused(false)
                }
            }
        }
    }

    /// What libcurl does: the same bytes again after a pause.
    private func deliver(_ line: Line, _ count: Int) throws {
        let reception = try line.withBytes(at: line.sent, count: count) { try line.body.receive($0) }
        switch reception {
        case .taken: line.sent += count
        case .paused:
            line.isPaused = true
            line.queue.setPaused(true)
        case .enough: Issue.record("more than enough")
        }
        if line.sent == line.length, try line.body.end() { end(line) }
    }

    private func end(_ line: Line) {
        line.isEnded = true
        gate.leave(line.id)
    }

    /// Starts the window of a source; its first line becomes head of line.
    private func start(_ source: Int) throws {
        for line in lines[source].dropFirst(head[source]).prefix(window) where !line.isStarted {
            line.isStarted = true
            _ = try line.body.begin(
                ResponseHead(status: 200, contentLength: UInt64(line.length), eTag: "\"x\""),
                asked: line.body.ask,
                url: ""
            )
        }
        if head[source] < lines[source].count { lines[source][head[source]].queue.becomeHeadOfLine() }
    }
}
