import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An HTTP/1.1 origin server on 127.0.0.1 that answers as it is told.
///
/// Serves a folder, bytes in memory, or both (memory first). Every request is logged, and each path can have a script:
/// ```swift
/// let server = OriginServer(resources: ["/seg3.ts": bytes])
/// server.script["/seg3.ts"] = [.status(503), .cut(after: 1000), .normal]
/// try server.start()
/// defer { server.stop() }
/// // … fetch server.url("/seg3.ts") …
/// ```
/// All members may be used from any thread. One thread accepts, each connection has its own; they keep the server
/// alive until `stop()` ends them all.
package final class OriginServer: Sendable {
    /// What holds for all answers of a server.
    package struct Options: Sendable {
        /// Whether ETag and Last-Modified are sent.
        package var sendsValidators = true
        /// After so many requests a connection is closed (and says so in the last answer); `nil`: no limit.
        package var requestsPerConnection: Int?
        /// A delay before the head of every answer, added to the scripted one.
        package var delays: RandomDelays?
        /// The port to listen on; 0: any free one.
        package var port: UInt16 = 0

        /// The defaults.
        package init() {}
    }

    fileprivate struct State {
        var listener: Int32 = -1
        var port: UInt16 = 0
        var isStopping = false
        var openConnections: [Int: Int32] = [:]
        var acceptedConnections = 0
        var threads = 0
        var resources: [String: [UInt8]]
        var script: ScriptTable
        var delays: RandomDelays?
        var released: Set<String> = []
        var requests: [OriginRequest] = []
        var activeRequests = 0
        var peakActiveRequests = 0
        var sentBodyBytes = 0
    }

    /// What holds for all answers.
    package let options: Options
    private let root: String?
    fileprivate let state: Mutex<State>

    /// A server of the files below `root` and of `resources` (by decoded path, `/` first). It listens after `start()`.
    package init(
        root: String? = nil,
        resources: [String: [UInt8]] = [:],
        script: ScriptTable = [:],
        options: Options = Options()
    ) {
        self.root = root
        self.options = options
        state = Mutex(State(resources: resources, script: script, delays: options.delays))
    }

    /// The scripts by path: `server.script["/seg3.ts"] = [.status(503)]`. A change counts from the next request on.
    package var script: ScriptAccess { ScriptAccess(server: self) }

    /// The bytes served from memory by path; changes count from the next request on.
    package subscript(path: String) -> [UInt8]? {
        get { state.withLock { $0.resources[path] } }
        set { state.withLock { $0.resources[path] = newValue } }
    }

    /// The port, once started.
    package var port: UInt16 { state.withLock { $0.port } }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    package var baseURL: String { "http://127.0.0.1:\(port)" }

    /// The URL of a path that begins with `/` and is already percent-encoded.
    package func url(_ path: String) -> String { baseURL + path }
}

// MARK: - Start and end

extension OriginServer {
    /// A call to the system that failed while starting.
    package struct StartError: Error, CustomStringConvertible {
        /// The C function.
        package let function: String
        /// Its errno.
        package let code: Int32
        /// The function and its errno.
        package var description: String { "\(function) failed, errno \(code)" }
    }

    /// Listens and accepts from now on. Throws `StartError`.
    package func start() throws(StartError) {
        let listener = Platform.tcpSocket()
        guard listener >= 0 else { throw StartError(function: "socket", code: errno) }
        Platform.set(listener, SOL_SOCKET, SO_REUSEADDR, 1)
        let isBound = Platform.withLoopback(port: options.port) { bind(listener, $0, $1) == 0 }
        guard isBound, listen(listener, 256) == 0 else {
            let code = errno
            close(listener)
            throw StartError(function: "bind", code: code)
        }
        state.withLock {
            $0.listener = listener
            $0.port = Platform.localPort(of: listener)
            $0.isStopping = false
            $0.threads += 1
        }
        let started = Platform.detachThread {
            self.accept(on: listener)
            self.state.withLock { $0.threads -= 1 }
        }
        guard started else {
            state.withLock {
                $0.threads -= 1
                $0.listener = -1
            }
            close(listener)
            throw StartError(function: "pthread_create", code: errno)
        }
    }

    /// Ends all connections, waiting or not, and returns when the server's threads are done. Again: no effect.
    package func stop() {
        let listener = state.withLock { state in
            let listener = state.listener
            state.listener = -1
            state.isStopping = true
            for descriptor in state.openConnections.values { Platform.shutDown(descriptor) }
            return listener
        }
        guard listener >= 0 else { return }
        // Neither shutdown nor close of a listening socket wakes accept() on every system: a connection does.
        let waker = Platform.tcpSocket()
        _ = Platform.withLoopback(port: port) { connect(waker, $0, $1) }
        while state.withLock({ $0.threads > 0 }) {
            Platform.sleep(milliseconds: 1)
        }
        close(waker)
        close(listener)
    }

    private func accept(on listener: Int32) {
        while true {
            let descriptor = Platform.acceptConnection(on: listener)
            guard descriptor >= 0 else {
                if isStopping { return }
                Platform.sleep(milliseconds: 1)
                continue
            }
            let number: Int? = state.withLock { state in
                guard !state.isStopping else { return nil }
                let number = state.acceptedConnections
                state.acceptedConnections += 1
                state.threads += 1
                state.openConnections[number] = descriptor
                return number
            }
            guard let number else {
                close(descriptor)
                return
            }
            let started = Platform.detachThread {
                Connection(descriptor: descriptor, number: number, server: self).serve()
                self.endConnection(number)
            }
            if !started { endConnection(number) }
        }
    }

    private func endConnection(_ number: Int) {
        state.withLock { state in
            // Closed under the lock: `stop()` must not shut down a descriptor that belongs to someone else by now.
            if let descriptor = state.openConnections.removeValue(forKey: number) { close(descriptor) }
            state.threads -= 1
        }
    }
}

// MARK: - Log

extension OriginServer {
    /// All requests since the start or the last `clearLog()`, in order of arrival.
    package var requests: [OriginRequest] { state.withLock { $0.requests } }

    /// The requests for one decoded path.
    package func requests(for path: String) -> [OriginRequest] { requests.filter { $0.path == path } }

    /// How many requests were being answered at one time, at most.
    package var peakActiveRequests: Int { state.withLock { $0.peakActiveRequests } }

    /// How many connections were accepted.
    package var acceptedConnections: Int { state.withLock { $0.acceptedConnections } }

    /// How many body bytes were handed to the system for sending.
    package var sentBodyBytes: Int { state.withLock { $0.sentBodyBytes } }

    /// Forgets the requests so far.
    package func clearLog() { state.withLock { $0.requests = [] } }

    /// Ends the stalls without duration on this decoded path, present and future.
    package func release(_ path: String) { state.withLock { _ = $0.released.insert(path) } }

    /// Returns `true` once `condition` holds for the log, `false` after `timeout`.
    package func waitForRequests(
        timeout: Duration = .seconds(10),
        _ condition: @Sendable ([OriginRequest]) -> Bool
    ) async -> Bool {
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end {
            if condition(requests) { return true }
            do { try await Task.sleep(for: .milliseconds(1)) } catch { return false }
        }
        return condition(requests)
    }
}

// MARK: - For connections

extension OriginServer {
    var isStopping: Bool { state.withLock { $0.isStopping } }

    func isReleased(_ path: String) -> Bool { state.withLock { $0.released.contains(path) } }

    /// Logs a request and decides its answer, in one step, so that the order of the log is that of the script.
    func begin(_ request: OriginRequest) -> Answer {
        state.withLock { state in
            var request = request
            request.index = state.requests.count
            state.requests.append(request)
            state.activeRequests += 1
            state.peakActiveRequests = max(state.peakActiveRequests, state.activeRequests)
            var answer = state.script.nextAnswer(to: request)
            if let extra = state.delays?.next() { answer.delay += extra }
            return answer
        }
    }

    func end() { state.withLock { $0.activeRequests -= 1 } }

    func countBody(bytes: Int) { state.withLock { $0.sentBodyBytes += bytes } }

    func resource(at path: String) -> Resource? {
        if let bytes = self[path] { return Resource(bytes: bytes) }
        return root.flatMap { Resource(path: path, root: $0) }
    }

    func facts(of resource: Resource) -> ResponsePlan.ResourceFacts {
        ResponsePlan.ResourceFacts(
            size: resource.size,
            etag: options.sendsValidators ? resource.etag : nil,
            lastModified: options.sendsValidators ? HTTPDate.format(secondsSince1970: resource.modified) : nil
        )
    }
}

/// Reads and sets the scripts of a running server, each by one step under its lock.
package struct ScriptAccess: Sendable {
    fileprivate let server: OriginServer

    /// The script of a path: percent-decoded, or with its query as sent, or `ScriptTable.anyPath`.
    /// Setting one starts the count of that path anew.
    package subscript(path: String) -> Script? {
        get { server.state.withLock { $0.script[path] } }
        nonmutating set { server.state.withLock { $0.script[path] = newValue } }
    }
}
