/// One attempt at one resource, redirects included. Lives on the transport thread.
final class Transfer {
    /// Where its bytes come from.
    enum Source {
        case none
        case network(EasyHandle)
        case file(FileSource)
    }

    /// Lives longer than its transfers.
    unowned let loop: TransportLoop
    let operation: Operation
    let body: any BodyReceiver
    /// The bytes of the body that earlier attempts brought.
    private(set) var receivedBefore: UInt64
    /// Nil while this is a second request that has not taken the first one's place.
    private var reply: CheckedContinuation<AttemptOutcome, Never>?

    var source = Source.none
    /// Where the current hop goes.
    var url: String
    var origin: Origin?
    var isInputOrigin = false
    /// It goes over http although https led here.
    var isDowngrade = false
    var redirects = 0
    var asked = BodyProgress.Ask()

    /// The head of the current hop's answer was looked at.
    var isJudged = false
    /// The body says nothing: a redirect's or an error's. Counts its bytes.
    var discarded: Int?
    var status: Int?
    var contentType: String?
    var failure: TransportError?
    var hasEnough = false
    /// A connection was refused by the address policy.
    var hasRefusedAddress = false

    var detector: StallDetector
    var pace = HedgePolicy.Pace()
    /// A second request has taken its place.
    private(set) var isSuperseded = false
    var isPaused = false
    /// Paused at some time since the last tick.
    var wasPaused = false
    var bytesSinceTick = 0

    init(
        loop: TransportLoop,
        operation: Operation,
        body: any BodyReceiver,
        timeouts: TransferTimeouts,
        reply: CheckedContinuation<AttemptOutcome, Never>
    ) {
        self.loop = loop
        self.operation = operation
        self.body = body
        self.reply = reply
        receivedBefore = body.received
        url = operation.url
        detector = StallDetector(timeouts: timeouts)
    }

    /// A second request for what `first` is fetching.
    init(second first: Transfer, body: any BodyReceiver) {
        loop = first.loop
        operation = first.operation
        self.body = body
        reply = nil
        receivedBefore = first.receivedBefore
        url = first.operation.url
        detector = StallDetector(timeouts: first.detector.timeouts)
    }

    /// It has not taken the first one's place.
    var isHedge: Bool { reply == nil && !isSuperseded }

    /// Answers the task that waits for `first` from now on.
    func takePlace(of first: Transfer) {
        (reply, first.reply) = (first.reply, nil)
        first.isSuperseded = true
        pace = first.pace
    }

    var id: UInt64 { operation.id }

    var stream: StreamingBody? { body as? StreamingBody }

    var easy: EasyHandle? {
        if case .network(let easy) = source { easy } else { nil }
    }

    /// Answers the waiting task; once.
    func finish(_ result: Result<LoadedResource?, TransportError>) {
        let reply = reply.take()
        switch result {
        case .success(let resource):
            reply?.resume(returning: .completed(resource))
        case .failure(let error) where error.isCancellation:
            reply?.resume(returning: .cancelled)
        case .failure(var error):
            error.url = error.url ?? RedactedURL(url)
            error.status = error.status ?? status
            // A body that starts over made no progress.
            let received = max(body.received, receivedBefore) - receivedBefore
            reply?.resume(returning: .failed(error, received: received))
        }
    }

    func report(_ event: TransferEvent) {
        operation.onEvent(event)
    }

    /// Back to the state before an answer, for the next hop.
    func prepareHop() {
        isJudged = false
        discarded = nil
        status = nil
        failure = nil
        detector = StallDetector(timeouts: detector.timeouts)
    }
}
