import Synchronization
import Testing

@testable import Remux

@Suite struct SharedRequestsTests {
    private struct Failure: Error, Equatable { var number: Int }

    /// Counts loads, and lets them end when told.
    private final class Loader: Sendable {
        private let started = Mutex<[String: Int]>([:])
        let gate: AsyncGate?

        init(gate: AsyncGate? = nil) { self.gate = gate }

        func load(_ name: String) async throws -> Int {
            let number = started.withLock { counts in
                counts[name, default: 0] += 1
                return counts[name] ?? 0
            }
            if let gate {
                await withTaskCancellationHandler {
                    _ = await gate.enter()
                } onCancel: {
                    gate.close()
                }
                try Task.checkCancellation()
            }
            if name.hasPrefix("bad") { throw Failure(number: number) }
            return number
        }

        func count(_ name: String) -> Int { started.withLock { $0[name] ?? 0 } }
    }

    private func requests(_ loader: Loader, maximumAnswers: Int = 3) -> SharedRequests<String, Int> {
        SharedRequests(maximumAnswers: maximumAnswers) { name, _ in try await loader.load(name) }
    }

    @Test("one request answers all who ask at the same time, and later ones; a failure too")
    func shared() async throws {
        let loader = Loader()
        let requests = requests(loader)
        let values = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<50 { group.addTask { try? await requests.value(of: "a", onEvent: { _ in }) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == [Int?](repeating: 1, count: 50))
        #expect(try await requests.value(of: "a", onEvent: { _ in }) == 1)
        for _ in 0..<3 {
            await #expect(throws: Failure(number: 1)) { try await requests.value(of: "bad", onEvent: { _ in }) }
        }
        #expect(loader.count("a") == 1 && loader.count("bad") == 1)
    }

    @Test("the oldest answers are forgotten, and asked for again")
    func eviction() async throws {
        let loader = Loader()
        let requests = requests(loader, maximumAnswers: 2)
        for name in ["a", "b", "c", "c", "b"] { _ = try await requests.value(of: name, onEvent: { _ in }) }
        #expect(loader.count("a") == 1 && loader.count("b") == 1 && loader.count("c") == 1)
        #expect(try await requests.value(of: "a", onEvent: { _ in }) == 2)
        #expect(try await requests.value(of: "c", onEvent: { _ in }) == 1)
        #expect(try await requests.value(of: "b", onEvent: { _ in }) == 2)
    }

    @Test("who gives up ends only its own wait; the last one ends the request, and a later one starts another")
    func cancellation() async throws {
        let gate = AsyncGate(slots: 1)
        _ = await gate.enter()
        let loader = Loader(gate: gate)
        let requests = requests(loader)
        let first = Task { try await requests.value(of: "a", onEvent: { _ in }) }
        let second = Task { try await requests.value(of: "a", onEvent: { _ in }) }
        while loader.count("a") == 0 { await Task.yield() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        gate.leave()
        #expect(try await second.value == 1)
        #expect(loader.count("a") == 1)
    }

    @Test("a request that nobody waits for is cancelled and forgotten")
    func abandoned() async throws {
        let gate = AsyncGate(slots: 1)
        _ = await gate.enter()
        let loader = Loader(gate: gate)
        let requests = requests(loader)
        let only = Task { try await requests.value(of: "a", onEvent: { _ in }) }
        while loader.count("a") == 0 { await Task.yield() }
        only.cancel()
        await #expect(throws: CancellationError.self) { try await only.value }
        // The gate is closed by the cancellation: the next request passes it.
        #expect(try await requests.value(of: "a", onEvent: { _ in }) == 2)
    }

    @Test("a task that is cancelled already starts nothing")
    func cancelledBefore() async throws {
        let loader = Loader()
        let requests = requests(loader)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await requests.value(of: "a", onEvent: { _ in })
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(loader.count("a") == 0)
    }
}
