// custom-sink URL [SECONDS]
//
// Converts a stream into memory through a sink of its own, prints what happens, and cancels after SECONDS when given.
import Remux

/// Keeps the output in memory. Made, used and released on the session's thread.
final class MemorySink: ByteSink {
    private var bytes: [UInt8] = []
    private let onEnd: @Sendable (_ isComplete: Bool, _ byteCount: Int, _ fragmentCount: Int) -> Void

    init(onEnd: @escaping @Sendable (_ isComplete: Bool, _ byteCount: Int, _ fragmentCount: Int) -> Void) {
        self.onEnd = onEnd
    }

    var patchableLength: UInt64 { .max }

    func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }

    func patch(_ bytes: [UInt8], at offset: UInt64) {
        self.bytes.replaceSubrange(Int(offset)..<(Int(offset) + bytes.count), with: bytes)
    }

    func finish() { onEnd(true, bytes.count, fragmentCount) }
    func abort() { onEnd(false, bytes.count, fragmentCount) }

    private var fragmentCount: Int {
        var (count, offset) = (0, 0)
        while offset + 8 <= bytes.count {
            let size = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
            if bytes[(offset + 4)..<(offset + 8)].elementsEqual("moof".utf8) { count += 1 }
            offset += max(size, 8)
        }
        return count
    }
}

guard let input = CommandLine.arguments.dropFirst().first else { fatalError("usage: custom-sink URL [SECONDS]") }
let limit = CommandLine.arguments.dropFirst(2).first.flatMap(Double.init)

var configuration = RemuxConfiguration(
    input: input,
    output: .custom {
        MemorySink { isComplete, byteCount, fragmentCount in
            print("sink \(isComplete ? "finished" : "aborted"): \(byteCount) bytes in \(fragmentCount) movie fragments")
        }
    }
)
configuration.jobs = 4

let session = RemuxSession(configuration)
let events = Task {
    for await event in session.events {
        switch event {
        case .planned(let count, let seconds): print("planned: \(count) segments, \(seconds) s")
        case .warning(let text): print("warning: \(text)")
        case .progress, .note, .retry, .gap: break
        }
    }
}
let work = Task { try await session.run() }
if let limit {
    try await Task.sleep(for: .seconds(limit))
    work.cancel()
}
do {
    let summary = try await work.value
    await events.value
    for track in summary.tracks { print("\(track.kind.rawValue) \(track.codec): \(track.sampleCount) samples") }
    print("complete: \(summary.segmentCount) segments")
} catch is CancellationError {
    await events.value
    print("cancelled")
} catch let error as RemuxError {
    await events.value
    print("\(error.code): \(error.message)")
}
