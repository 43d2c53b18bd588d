import OriginServer
import Synchronization
import Testing

@testable import Transport

/// A clock that only moves when somebody sleeps on it, and then at once.
final class InstantClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let state = Mutex<(now: Duration, sleeps: [Duration])>((.zero, []))

    var now: Instant { Instant(offset: state.withLock { $0.now }) }
    var minimumResolution: Duration { .nanoseconds(1) }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.sleeps.append(deadline.offset - state.now)
            state.now = max(state.now, deadline.offset)
        }
    }
}

/// What a test collects from several threads.
final class Log<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])
    func append(_ element: Element) { list.withLock { $0.append(element) } }
    var elements: [Element] { list.withLock { $0 } }
}

/// FNV-1a, 64 bit.
final class TestDigest: BodyDigest {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func update(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    var value: [UInt8] { withUnsafeBytes(of: hash) { Array($0) } }
}

/// An origin server, a transport and what they did.
struct Bench {
    let server: OriginServer
    let transport: ResourceLoader
    let memory: ChunkPool
    let clock: InstantClock
    let events: Log<TransferEvent>

    /// Runs `body` with a started server and a transport whose input is a playlist on it; stops both.
    static func run(
        _ server: OriginServer = OriginServer(),
        memoryChunks: Int = 64,
        configure: (inout TransportConfiguration) throws -> Void = { _ in },
        _ body: (Bench) async throws -> Void
    ) async throws {
        try server.start()
        defer { server.stop() }
        var configuration = TransportConfiguration(inputURL: server.url("/index.m3u8"))
        configuration.usesProxyEnvironment = false
        try configure(&configuration)
        let clock = InstantClock()
        let memory = ChunkPool(limitBytes: memoryChunks * ChunkPool.chunkSize)
        let transport = try ResourceLoader(configuration: configuration, memory: memory, clock: clock, jitter: { 0.5 })
        let bench = Bench(server: server, transport: transport, memory: memory, clock: clock, events: Log())
        let result: Result<Void, any Error>
        do { result = .success(try await body(bench)) } catch { result = .failure(error) }
        await transport.shutdown()
        try result.get()
        #expect(memory.usedBytes == 0, "every chunk is back")
    }

    func segment(
        _ path: String,
        range: ByteRange? = nil,
        filter: FilterSource = .none,
        retry: RetryPolicy = .segment,
        digest: Bool = true,
        maximumBytes: UInt64? = nil
    ) -> SegmentDownload {
        let events = events
        let makeDigest: @Sendable () -> any BodyDigest = { TestDigest() }
        return transport.download(
            TransferRequest(
                url: path.hasPrefix("/") ? server.url(path) : path,
                role: .mediaSegment,
                byteRange: range,
                maximumBytes: maximumBytes
            ),
            retry: retry,
            filter: filter,
            makeDigest: digest ? makeDigest : nil,
            onEvent: { events.append($0) }
        )
    }

    func load(
        _ path: String,
        _ role: TransferRequest.Role = .playlist,
        retry: RetryPolicy = .playlist,
        maximumBytes: UInt64? = nil
    ) async throws(TransportError) -> LoadedResource {
        let events = events
        return try await transport.load(
            TransferRequest(
                url: path.hasPrefix("/") ? server.url(path) : path,
                role: role,
                maximumBytes: maximumBytes
            ),
            retry: retry,
            onEvent: { events.append($0) }
        )
    }

    /// The Range headers of the requests for a path, in order.
    func ranges(_ path: String) -> [String?] { server.requests(for: path).map(\.range) }
}

extension SegmentDownload {
    /// Runs the download as head of line and reads all of it: the bytes before the end, and the failure if any.
    func collect() async -> (bytes: [UInt8], failure: TransportError?) {
        becomeHeadOfLine()
        async let run: Void = run()
        var bytes: [UInt8] = []
        var failure: TransportError?
        do throws(TransportError) {
            while let chunk = try await nextChunk() { bytes += chunk.bytes }
        } catch {
            failure = error
        }
        await run
        return (bytes, failure)
    }
}

/// `count` bytes that tell their position.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SplitMix64(state: seed)
    return [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, size in
        for place in stride(from: 0, to: count, by: 8) {
            UnsafeMutableRawBufferPointer(buffer).storeBytes(of: random.next(), toByteOffset: place, as: UInt64.self)
        }
        size = count
    }
}

extension TransportError.Kind {
    /// The case's name, for tables.
    var label: String {
        String("\(self)".prefix { $0 != "(" })
    }
}
