import OriginServer
import Remux
import Synchronization
import Transport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A clock on which every wait is over at once: what is tested is what is done after it.
final class ImmediateClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let skipped = Mutex(Duration.zero)

    /// All that was waited, had it taken its time. Waits beside each other add up.
    var waited: Duration { skipped.withLock { $0 } }
    var now: Instant { ContinuousClock.now + waited }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        let wait = deadline - now
        if wait > .zero { skipped.withLock { $0 += wait } }
        await Task.yield()
    }
}

/// A folder of its own for each test, removed with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/hls2mp4-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScratchError.failed }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    enum ScratchError: Error { case failed }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// Names in the folder, sorted.
    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func bytes(_ name: String) -> [UInt8] { Files.bytes(path + "/" + name) }

    func write(_ bytes: [UInt8], to name: String) {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = bytes.withUnsafeBytes { Glue.write(descriptor, $0) }
        close(descriptor)
    }
}

enum Glue {
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

enum Files {
    /// `Fixtures/streams` of this package.
    static let fixtures: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts[..<(parts.lastIndex(of: "Tests") ?? 0)].joined(separator: "/") + "/Fixtures/streams"
    }()

    static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }
}

/// Runs sessions against a server of the fixtures.
struct SessionHarness {
    let server: OriginServer
    let scratch: Scratch

    init(options: OriginServer.Options = OriginServer.Options()) throws {
        server = OriginServer(root: Files.fixtures, options: options)
        scratch = try Scratch()
        try server.start()
    }

    /// What a session did.
    struct Run {
        var result: Result<RemuxSummary, any Error>
        var summary: RemuxSummary
        var notes: [String]

        var error: RemuxError? { if case .failure(let error) = result { error as? RemuxError } else { nil } }
        var code: RemuxError.Code? { error?.code }
        var message: String { error?.message ?? "" }
        var isComplete: Bool { if case .success = result { true } else { false } }
    }

    var out: String { scratch.path + "/out.mp4" }

    /// Runs a session to its end; waits between attempts take no time.
    func run(
        _ path: String,
        output: RemuxConfiguration.Output? = nil,
        cancelAfter: Duration? = nil,
        timeouts: TransferTimeouts = TransferTimeouts(),
        clock: ImmediateClock = ImmediateClock(),
        _ change: (inout RemuxConfiguration) -> Void = { _ in },
        cancelWhen: (@Sendable (RemuxProgress) -> Bool)? = nil
    ) async -> Run {
        let input = path.hasPrefix("/") ? server.url(path) : path
        var configuration = RemuxConfiguration(input: input, output: output ?? .file(path: out))
        change(&configuration)
        var environment = SessionEnvironment()
        environment.clock = clock
        environment.timeouts = timeouts
        let session = RemuxSession(configuration, environment: environment)
        let listener = Task {
            var notes: [String] = []
            for await event in session.events {
                switch event {
                case .note(let text), .warning(let text): notes.append(text)
                case .retry(let retry): notes.append(retry.message)
                case .planned, .progress, .gap: break
                }
            }
            return notes
        }
        let work = Task { try await session.run() }
        if let cancelAfter {
            try? await Task.sleep(for: cancelAfter)
            work.cancel()
        }
        if let cancelWhen {
            while !cancelWhen(session.progress), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            work.cancel()
        }
        let result = await work.result
        return Run(result: result, summary: session.summary, notes: await listener.value)
    }

    /// The output of an undisturbed run of a fixture.
    func clean(_ path: String) async throws -> [UInt8] {
        let other = try SessionHarness()
        defer { other.server.stop() }
        let run = await other.run(path)
        guard run.isComplete else { throw run.error ?? RemuxError(.internalError, "the clean run failed") }
        return other.scratch.bytes("out.mp4")
    }
}

/// Top-level boxes of an MP4, read here without the code that wrote them.
enum Boxes {
    static func types(_ bytes: [UInt8]) -> [String] {
        var (types, offset) = ([String](), 0)
        while offset + 8 <= bytes.count {
            let size = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
            types.append(String(decoding: bytes[(offset + 4)..<(offset + 8)], as: UTF8.self))
            guard size >= 8, offset + size <= bytes.count else { return types + ["(cut)"] }
            offset += size
        }
        return types
    }
}
