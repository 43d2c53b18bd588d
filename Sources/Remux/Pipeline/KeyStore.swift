import Decryption
import HLS
import Synchronization
import Transport

/// The keys of a session: one request for each key URI, with its own retries, while segments keep arriving.
/// Thread-safe.
///
/// A request belongs to the store, not to the segment that came first: a segment that is given up ends only its own wait,
/// and the request goes on for the others. It is cancelled with the last wait, so that none outlives its session.
final class KeyStore: Sendable {
    private let loader: ResourceLoader
    private let fixedKey: DecryptionKey?
    private let localInput: LocalInput?
    private let state = Mutex(KeyStoreState())

    /// - Parameter fixedKey: replaces every key of the playlists (`--key`); nothing is requested then.
    init(loader: ResourceLoader, fixedKey: DecryptionKey?, localInput: LocalInput?) {
        self.loader = loader
        self.fixedKey = fixedKey
        self.localInput = localInput
    }

    /// The 16-byte key at a URI. What a request brought, the key or its failure, answers every later call.
    ///
    /// - Parameter onEvent: told what the request meets, if it is this call that starts it; must not wait.
    /// - Throws: ``RemuxError`` with code `key`; `CancellationError` when the calling task was cancelled.
    func key(
        at uri: ResourceURI,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> DecryptionKey {
        if let fixedKey { return fixedKey }
        let wait = state.withLock { $0.makeWait() }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let action = state.withLock { state in
                    // Under the lock: a cancellation from here on finds the wait and ends it.
                    Task.isCancelled
                        ? .answer([continuation], .failure(CancellationError()))
                        : state.join(uri, wait: wait, continuation)
                }
                perform(action, uri: uri, onEvent: onEvent)
            }
        } onCancel: {
            perform(state.withLock { $0.leave(uri, wait: wait) }, uri: uri, onEvent: onEvent)
        }
        return try answer.get()
    }

    private func perform(
        _ action: KeyStoreState.Action,
        uri: ResourceURI,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) {
        switch action {
        case .none: break
        case .request(let number):
            let task = Task {
                let answer: KeyStoreState.Answer
                do {
                    answer = .success(try await load(uri, onEvent: onEvent))
                } catch {
                    answer = .failure(error)
                }
                perform(state.withLock { $0.end(uri, request: number, answer) }, uri: uri, onEvent: onEvent)
            }
            if !state.withLock({ $0.started(uri, request: number, task) }) { task.cancel() }
        case .cancel(let task, let waiters):
            task?.cancel()
            for waiter in waiters { waiter.resume(returning: .failure(CancellationError())) }
        case .answer(let waiters, let answer):
            for waiter in waiters { waiter.resume(returning: answer) }
        }
    }

    private func load(
        _ uri: ResourceURI,
        onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) async throws -> DecryptionKey {
        let context = RemuxError.Context(stage: "Decrypt", url: uri.description)
        let bytes: [UInt8]
        if uri.scheme == "data" {
            do {
                bytes = try DataURI.decode(uri, maximumBytes: 4096)
            } catch {
                throw RemuxError(.key, "the key cannot be read: \(error)", context: context, underlying: error)
            }
        } else {
            do {
                let request = try TransferRequest(resource: uri, role: .key, localInput: localInput)
                bytes = try await loader.load(request, retry: .key, onEvent: onEvent).bytes
            } catch {
                throw RemuxError(.key, "the key could not be loaded: \(error)", context: context, underlying: error)
            }
        }
        do {
            let key = try DecryptionKey(keyFile: bytes)
            guard key.byteCount == 16 else {
                throw DecryptionError.unsuitableKey(expected: 16, actual: key.byteCount)
            }
            return key
        } catch {
            throw RemuxError(.key, "the key is not usable: \(error) (\(uri))", context: context, underlying: error)
        }
    }
}

/// The store as a value: each change returns what is to be done after the unlock.
private struct KeyStoreState {
    typealias Answer = Result<DecryptionKey, any Error>
    typealias Waiter = CheckedContinuation<Answer, Never>

    enum Action {
        case none
        /// Start the request with this number.
        case request(UInt64)
        /// Nobody waits for the request any more.
        case cancel(Task<Void, Never>?, [Waiter])
        case answer([Waiter], Answer)
    }

    private struct Request {
        let number: UInt64
        /// Nil until it is started.
        var task: Task<Void, Never>?
        var waiters: [UInt64: Waiter] = [:]
    }

    private var requests: [ResourceURI: Request] = [:]
    private var answers: [ResourceURI: Answer] = [:]
    private var lastNumber: UInt64 = 0

    /// Names a wait.
    mutating func makeWait() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func join(_ uri: ResourceURI, wait: UInt64, _ waiter: Waiter) -> Action {
        if let answer = answers[uri] { return .answer([waiter], answer) }
        if requests[uri] != nil {
            requests[uri]?.waiters[wait] = waiter
            return .none
        }
        requests[uri] = Request(number: wait, waiters: [wait: waiter])
        return .request(wait)
    }

    /// False: the request was given up before it was started, or has ended already.
    mutating func started(_ uri: ResourceURI, request number: UInt64, _ task: Task<Void, Never>) -> Bool {
        guard requests[uri]?.number == number else { return false }
        requests[uri]?.task = task
        return true
    }

    mutating func leave(_ uri: ResourceURI, wait: UInt64) -> Action {
        guard var request = requests[uri], let waiter = request.waiters.removeValue(forKey: wait) else { return .none }
        guard request.waiters.isEmpty else {
            requests[uri] = request
            return .cancel(nil, [waiter])
        }
        // Forgotten, not answered: a segment that asks later starts another one.
        requests[uri] = nil
        return .cancel(request.task, [waiter])
    }

    mutating func end(_ uri: ResourceURI, request number: UInt64, _ answer: Answer) -> Action {
        guard let request = requests[uri], request.number == number else { return .none }
        requests[uri] = nil
        answers[uri] = answer
        return .answer(Array(request.waiters.values), answer)
    }
}
