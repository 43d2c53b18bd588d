import OriginServer
import Remux
import Testing

/// The fault matrix (spec_security.md §3.3): every fault at every place where it makes sense, and what is promised for it.
///
/// Waits between attempts take no time; limits on silence are shortened. `script/reliability` writes what was shown into
/// `docs/reliability.md`.
@Suite(.serialized) struct FaultMatrixTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fault: Fault
        var place: Place
        var promise: Promise
        var testDescription: String { "\(fault.id) \(fault.name), \(place.rawValue)" }
    }

    static let cases: [Case] = FaultMatrix.all.flatMap { fault in
        fault.promises.map { Case(fault: fault, place: $0.place, promise: $0.promise) }
    }

    @Test("as promised", .timeLimit(.minutes(1)), arguments: cases)
    func fault(_ row: Case) async throws {
        for target in row.place.targets {
            let shown = try await run(row, target)
            ReliabilityLog.add(
                row.fault.id,
                row.fault.name,
                row.place.rawValue,
                promised: row.promise.text,
                shown: shown
            )
        }
    }

    private func run(_ row: Case, _ target: Place.Target) async throws -> String {
        let (run, clock, harness) = try await session(row, target, .fail)
        defer { harness.server.stop() }
        if let waits = row.fault.waits { #expect(waits.contains(clock.waited / .seconds(1)), "\(clock.waited)") }
        switch row.promise {
        case .same(let words):
            #expect(run.code == nil, "\(run.message)")
            var clean = try await Gold.shared.bytes(row.fault.gold ?? target.input)[...]
            var bytes = harness.scratch.bytes("out.mp4")[...]
            if row.fault.changesDurations { (clean, bytes) = (Self.fragments(clean), Self.fragments(bytes)) }
            let isSame = clean == bytes
            #expect(isSame, "the output differs: \(run.notes)")
            let says = words.allSatisfy { word in run.notes.contains { $0.contains(word) } }
            #expect(says, "\(run.notes)")
            #expect(run.summary.gaps.isEmpty)
            #expect(run.summary.peakBufferedBytes <= 32 << 20)
            return run.isComplete && isSame && says
                ? Promise.same().text : "exit \(Promise.exitStatus(run.code)), \(run.message)"
        case .ends(let code, let words):
            #expect(run.code == code, "\(run.message)")
            #expect(words.allSatisfy { run.message.contains($0) }, "\(run.message)")
            let isNamed = target.names.contains { run.message.contains($0) }
            #expect(isNamed || row.place == .stream || !row.fault.namesPlace, "\(run.message)")
            #expect(run.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
            #expect(!harness.scratch.names.contains("out.mp4"), "no file under the final name")
            if code == .incomplete, let number = target.number {
                try await expectGap(row, target, number)
            }
            return "exit \(Promise.exitStatus(run.code)): \(Self.stable(run.message))"
        }
    }

    /// With `--on-missing gap` the rest is there, and what is missing is named.
    private func expectGap(_ row: Case, _ target: Place.Target, _ number: UInt64) async throws {
        let (run, _, harness) = try await session(row, target, .gap)
        defer { harness.server.stop() }
        #expect(run.code == .incomplete, "\(run.message)")
        #expect(run.summary.gaps.map(\.mediaSequenceNumber) == [number])
        #expect(run.summary.segmentCount == run.summary.plannedSegmentCount - 1)
        #expect(harness.scratch.names.contains("out.mp4"))
    }

    private func session(
        _ row: Case,
        _ target: Place.Target,
        _ policy: RemuxConfiguration.MissingSegmentPolicy
    ) async throws -> (SessionHarness.Run, ImmediateClock, SessionHarness) {
        let harness = try SessionHarness(options: row.fault.serverOptions)
        if row.place != .stream { harness.server.script[target.path] = row.fault.script(target.body) }
        row.fault.prepare(harness.server, target)
        let clock = ImmediateClock()
        let run = await harness.run(target.input, timeouts: row.fault.timeouts, clock: clock) {
            $0.missingSegments = policy
            row.fault.configure(&$0, harness.server)
        }
        return (run, clock, harness)
    }

    /// The movie fragments: how much room is kept in front of them depends on the durations in the playlist.
    private static func fragments(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let kind = Array("moof".utf8)
        return bytes.dropFirst(bytes.indices.first { bytes[$0...].starts(with: kind) } ?? bytes.count)
    }

    /// A message without what differs from run to run.
    static func stable(_ message: String) -> String {
        var text = ""
        var rest = message[...]
        while let start = rest.firstRange(of: "http://127.0.0.1:")?.upperBound {
            text += rest[..<start] + "…"
            rest = rest[start...].drop(while: \.isNumber)
        }
        return text + rest
    }
}

/// The output of clean runs, each made once.
actor Gold {
    static let shared = Gold()

    private var runs: [String: Task<[UInt8], any Error>] = [:]

    func bytes(_ path: String) async throws -> [UInt8] {
        if let task = runs[path] { return try await task.value }
        let task = Task { try await SessionHarness().clean(path) }
        runs[path] = task
        return try await task.value
    }
}
