import Testing
import Threading

@testable import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A reader decides when the output goes on, but not when the session ends.
@Suite struct DescriptorSinkTests {
    /// A pipe, closed with the test.
    private final class Pipe: Sendable {
        let reader: Int32
        let writer: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            _ = pipe(&ends)
            (reader, writer) = (ends[0], ends[1])
        }

        deinit {
            close(reader)
            close(writer)
        }
    }

    private static let payload = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }

    private func readAll(_ descriptor: Int32, _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 10_007)
        while bytes.count < count {
            let length = read(descriptor, &buffer, buffer.count)
            guard length > 0 else { break }
            bytes += buffer[..<length]
        }
        return bytes
    }

    @Test("through a descriptor that others share: every byte arrives, its flags stay as they were")
    func shared() async throws {
        let pipe = Pipe()
        let flags = fcntl(pipe.writer, F_GETFL)
        let thread = try DedicatedThread(name: "reader") { readAll(pipe.reader, Self.payload.count) }
        let sink = DescriptorSink.shared(pipe.writer, stop: SinkStop())
        try Self.payload.withUnsafeBytes { try sink.write($0) }
        #expect(await thread.value == Self.payload)
        #expect(fcntl(pipe.writer, F_GETFL) == flags)
    }

    @Test("through a named pipe whose reader comes late: every byte arrives")
    func named() async throws {
        let folder = try SinkFolder()
        mkfifo(folder["pipe"], 0o600)
        let thread = try DedicatedThread(name: "reader") {
            usleep(150_000)
            let descriptor = open(folder["pipe"], O_RDONLY)
            defer { close(descriptor) }
            return readAll(descriptor, Self.payload.count)
        }
        let sink = try DescriptorSink.device(at: folder["pipe"], stop: SinkStop())
        try Self.payload.withUnsafeBytes { try sink.write($0) }
        #expect(await thread.value == Self.payload)
    }

    @Test("a stop ends the wait for a reader that does not read", arguments: [false, true])
    func blocked(_ isNamed: Bool) async throws {
        let folder = try SinkFolder()
        let pipe = Pipe()
        let stop = SinkStop()
        mkfifo(folder["pipe"], 0o600)
        let reader = open(folder["pipe"], O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let thread = try DedicatedThread(name: "writer") { () -> (SinkError?, ContinuousClock.Instant) in
            do {
                let sink =
                    isNamed
                    ? try DescriptorSink.device(at: folder["pipe"], stop: stop) : .shared(pipe.writer, stop: stop)
                try Self.payload.withUnsafeBytes { try sink.write($0) }
                return (nil, .now)
            } catch {
                return (error as? SinkError, .now)
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        let stopped = ContinuousClock.now
        stop.request()
        let (error, ended) = await thread.value
        #expect(error == .stopped)
        // It was blocked till then, and not for long after it.
        #expect(ended > stopped)
        #expect(ended - stopped < .seconds(5))
    }

    @Test("a stop ends the wait for a reader that does not come")
    func alone() throws {
        let folder = try SinkFolder()
        mkfifo(folder["pipe"], 0o600)
        let stop = SinkStop()
        stop.request()
        #expect(throws: SinkError.stopped) { _ = try DescriptorSink.device(at: folder["pipe"], stop: stop) }
    }

    @Test("a stop does not cut off a reader that reads")
    func reading() async throws {
        let pipe = Pipe()
        let stop = SinkStop()
        stop.request()
        let thread = try DedicatedThread(name: "reader") { readAll(pipe.reader, 300_000) }
        let sink = DescriptorSink.shared(pipe.writer, stop: stop)
        try Self.payload[..<300_000].withUnsafeBytes { try sink.write($0) }
        #expect(await thread.value.count == 300_000)
    }
}
