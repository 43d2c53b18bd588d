import CPlatform
import Synchronization

/// A named thread that may block, runs one function, and must be joined.
///
/// Joined by ``join()`` (blocking), or by awaiting ``value``. Blocks all signals: they go to the program's own threads.
package final class DedicatedThread<Value: Sendable>: Sendable {
    /// The name that profilers and debuggers show.
    package let name: String
    private let completion: Completion<Value>
    private let handle: Mutex<UInt?>

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes are shown on Linux.
    ///   - stackSize: in bytes.
    ///   - body: runs on the new thread; what it captures is handed over to it.
    /// - Throws: ``ThreadStartError`` when the system refuses a further thread.
    package init(
        name: String,
        stackSize: Int = 1 << 20,
        body: sending @escaping () -> Value
    ) throws(ThreadStartError) {
        self.name = name
        completion = Completion()
        let start = ThreadStart(name: name, completion: completion, body: body)
        let context = Unmanaged.passRetained(start)
        var thread: UInt = 0
        let code = hls2mp4_thread_start(
            { context in
                let start = Unmanaged<AnyThreadStart>.fromOpaque(context).takeRetainedValue()
                hls2mp4_set_thread_name(start.name)
                start.run()
            },
            context.toOpaque(),
            stackSize,
            &thread
        )
        handle = Mutex(code == 0 ? thread : nil)
        if code != 0 {
            context.release()
            throw ThreadStartError(name: name, code: code)
        }
    }

    deinit {
        let unjoined = handle.withLock { $0.take() }
        assert(unjoined == nil, "thread \(name) was not joined")
        if let unjoined { hls2mp4_thread_detach(unjoined) }
    }

    /// Blocks the calling thread until the thread has ended, and returns what its function returned.
    @discardableResult
    package func join() -> Value {
        joinHandle()
        return completion.blockingValue()
    }

    /// Waits without blocking until the thread's function has returned, and joins the thread.
    package var value: Value {
        get async {
            let value = await completion.value
            // The function has returned: what is left of the thread takes microseconds.
            joinHandle()
            return value
        }
    }

    private func joinHandle() {
        guard let thread = handle.withLock({ $0.take() }) else { return }
        let code = hls2mp4_thread_join(thread)
        precondition(code == 0, "thread \(name) was joined by itself or twice")
    }
}

/// The system refused to start a thread.
package struct ThreadStartError: Error, Equatable, CustomStringConvertible {
    /// The name of the thread.
    package let name: String
    /// The errno of `pthread_create`.
    package let code: Int32

    package var description: String {
        "the thread \"\(name)\" could not be started (errno \(code)): raise the limit of threads or memory"
    }
}

/// What the C entry point knows about a thread.
private class AnyThreadStart {
    let name: String

    init(name: String) {
        self.name = name
    }

    func run() {}
}

private final class ThreadStart<Value: Sendable>: AnyThreadStart {
    private let completion: Completion<Value>
    private var body: (() -> Value)?

    init(name: String, completion: Completion<Value>, body: @escaping () -> Value) {
        self.completion = completion
        self.body = body
        super.init(name: name)
    }

    override func run() {
        guard let body else { return }
        // What the function captured dies on this thread, before anybody hears that it is done.
        self.body = nil
        completion.complete(body())
    }
}
