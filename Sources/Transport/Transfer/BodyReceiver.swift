/// Where one resource's body goes. Lives on the transport thread, over all attempts.
protocol BodyReceiver: AnyObject {
    /// What the next request asks for.
    var ask: BodyProgress.Ask { get }
    /// The bytes accepted over all attempts.
    var received: UInt64 { get }

    /// The bytes that are still to come of the answer, if its head told.
    var missing: UInt64? { get }

    /// An answer's head is here. Returns the events worth telling.
    func begin(_ head: ResponseHead, asked: BodyProgress.Ask, url: String) throws(TransportError) -> [TransferEvent]
    /// Takes body bytes, all or none.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(TransportError) -> Reception
    /// The answer's body has ended. False: it still waits for its filter.
    func end() throws(TransportError) -> Bool
    /// The body, if it is kept here.
    func loaded(effectiveURL: String, contentType: String?) -> LoadedResource?
}

/// What became of bytes offered to a body.
enum Reception {
    case taken
    /// There is no memory for them now; none was taken.
    case paused
    /// Everything wanted is here.
    case enough
}

/// Collects a small body in memory.
final class CollectingBody: BodyReceiver {
    private let request: TransferRequest
    private var bytes: [UInt8] = []
    private var plan = BodyProgress.Plan()
    private var endIsDeclared = true

    init(request: TransferRequest) {
        self.request = request
    }

    /// Always all of it: small bodies are not continued.
    var ask: BodyProgress.Ask { BodyProgress(range: request.byteRange).ask }

    var received: UInt64 { UInt64(bytes.count) }

    var missing: UInt64? { plan.wanted }

    func begin(
        _ head: ResponseHead,
        asked: BodyProgress.Ask,
        url: String
    ) throws(TransportError) -> [TransferEvent] {
        bytes = []
        endIsDeclared = head.endIsDeclared
        var progress = BodyProgress(range: request.byteRange)
        switch progress.judge(head, asked: asked) {
        case .take(let plan): self.plan = plan
        case .fail(let failure): throw TransportError(verdict: failure)
        case .changed: throw TransportError(.bodyChanged)
        }
        let limit = request.maximumBytes
        guard (plan.wanted ?? 0) <= limit else { throw TransportError(.tooLarge(limit: limit)) }
        bytes.reserveCapacity(Int(min(plan.wanted ?? 0, 1 << 20)))
        return plan.rangeWasIgnored ? [.rangeIgnored(RedactedURL(url))] : []
    }

    func receive(_ input: UnsafeRawBufferPointer) throws(TransportError) -> Reception {
        let part = plan.take(input).part
        guard part.count <= request.maximumBytes - received else {
            throw TransportError(.tooLarge(limit: request.maximumBytes))
        }
        bytes.append(contentsOf: part)
        return plan.rangeWasIgnored && plan.wanted == 0 ? .enough : .taken
    }

    func end() throws(TransportError) -> Bool {
        try plan.checkEnd(received: received)
        if bytes.isEmpty, request.role.mustHaveBytes { throw TransportError(.emptyBody) }
        return true
    }

    func loaded(effectiveURL: String, contentType: String?) -> LoadedResource? {
        LoadedResource(
            bytes: bytes,
            effectiveURL: effectiveURL,
            contentType: contentType,
            endIsDeclared: endIsDeclared
        )
    }
}

extension BodyProgress.Plan {
    /// Splits body bytes into those already known and those wanted, and counts them off.
    mutating func take(
        _ input: UnsafeRawBufferPointer
    ) -> (repeated: UnsafeRawBufferPointer, part: UnsafeRawBufferPointer) {
        var rest = input
        func cut(_ limit: UInt64) -> UnsafeRawBufferPointer {
            let count = Int(min(limit, UInt64(rest.count)))
            defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count)) }
            return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        }
        skip -= UInt64(cut(skip).count)
        let repeatedBytes = cut(repeated)
        repeated -= UInt64(repeatedBytes.count)
        let part = cut(wanted ?? .max)
        if let wanted { self.wanted = wanted - UInt64(part.count) }
        return (repeatedBytes, part)
    }

    /// The count of bytes of an input of `count` bytes that ``take(_:)`` will give as wanted.
    func wantedCount(of count: Int) -> Int {
        let before = skip.addingReportingOverflow(repeated)
        guard !before.overflow, before.partialValue < UInt64(count) else { return 0 }
        return Int(min(UInt64(count) - before.partialValue, wanted ?? .max))
    }

    /// Checks that nothing is missing at the end of the body.
    func checkEnd(received: UInt64) throws(TransportError) {
        let missing = (wanted ?? 0) + repeated
        guard missing == 0, skip == 0 else {
            throw TransportError(.truncated(received: received, expected: received + missing))
        }
    }
}

extension TransportError {
    /// The error for an answer that cannot be taken.
    init(verdict failure: BodyProgress.Verdict.Kind) {
        switch failure {
        case .status(let status): self.init(.status(status), status: status)
        case .emptyBody: self.init(.emptyBody)
        case .wrongContentRange(let text): self.init(.wrongContentRange(text))
        }
    }
}
