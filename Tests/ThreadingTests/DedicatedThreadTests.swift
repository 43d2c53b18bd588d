import Synchronization
import Testing
import Threading

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct DedicatedThreadTests {
    @Test func joinReturnsTheValue() throws {
        let thread = try DedicatedThread(name: "answer") { 42 }
        #expect(thread.join() == 42)
        #expect(thread.join() == 42)
    }

    @Test func valueIsAwaitedByManyTasks() async throws {
        let gate = Monitor(false)
        let thread = try DedicatedThread(name: "gate") {
            gate.blockingWait { $0 ? () : nil }
            return "open"
        }
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<5 { group.addTask { await thread.value } }
            gate.update { $0 = true }
            for await value in group { #expect(value == "open") }
        }
    }

    @Test func theThreadIsNamedAndItsStackIsLarge() throws {
        let thread = try DedicatedThread(name: "transport", stackSize: 4 << 20) {
            // 2 MiB of stack: the default of secondary threads on macOS is 512 KiB.
            let sum = withUnsafeTemporaryAllocation(byteCount: 2 << 20, alignment: 16) { memory in
                memory.initializeMemory(as: UInt8.self, repeating: 1)
                return memory.count
            }
            return (ownThreadName(), sum)
        }
        let (name, sum) = thread.join()
        #expect(name == "transport")
        #expect(sum == 2 << 20)
    }

    @Test func whatTheBodyCapturedIsReleasedBeforeTheValueIsSeen() throws {
        final class Witness: Sendable {
            let isGone: Mutex<Bool>
            let parent: Monitor<Bool>
            init(_ parent: Monitor<Bool>) {
                isGone = Mutex(false)
                self.parent = parent
            }
            deinit { parent.withLock { $0 = true } }
        }
        let isGone = Monitor(false)
        let thread: DedicatedThread<Int> = try {
            let witness = Witness(isGone)
            return try DedicatedThread(name: "release") { witness.isGone.withLock { $0 ? 1 : 0 } }
        }()
        #expect(thread.join() == 0)
        #expect(isGone.withLock { $0 })
    }
}

/// The calling thread's name as the system has it.
private func ownThreadName() -> String {
    var name = [CChar](repeating: 0, count: 64)
    #if canImport(Darwin)
    pthread_getname_np(pthread_self(), &name, name.count)
    #else
    // glibc hides pthread_getname_np from Swift's importer.
    guard let file = fopen("/proc/thread-self/comm", "r") else { return "" }
    defer { fclose(file) }
    fgets(&name, Int32(name.count), file)
    #endif
    return String(decoding: name.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
