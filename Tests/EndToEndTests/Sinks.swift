import Remux
import Synchronization

/// Bytes that a sink leaves for the test.
final class Store: Sendable {
    private let state = Mutex([UInt8]())
    var bytes: [UInt8] { state.withLock { $0 } }
    func append(_ bytes: UnsafeRawBufferPointer) {
        let copy = Array(bytes)
        state.withLock { $0 += copy }
    }
}

/// A sink that cannot be patched.
final class PipeSink: ByteSink {
    private let store: Store
    init(_ store: Store) { self.store = store }
    func write(_ bytes: UnsafeRawBufferPointer) { store.append(bytes) }
    func finish() {}
    func abort() {}
}

/// A sink that fails after some bytes.
final class FailingSink: ByteSink {
    struct Failure: Error, CustomStringConvertible { var description: String { "the tape is full" } }
    private var room: Int
    init(room: Int) { self.room = room }
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        room -= bytes.count
        if room < 0 { throw Failure() }
    }
    func finish() {}
    func abort() {}
}
