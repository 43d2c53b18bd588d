/// Finds transfers that do not move. Time is fed in, so that pauses of ours do not count. Pure.
struct StallDetector {
    let timeouts: TransferTimeouts
    private var isConnected = false
    private var hasBody = false
    private var waited: Duration = .zero
    private var slow: Duration = .zero

    init(timeouts: TransferTimeouts) {
        self.timeouts = timeouts
    }

    /// The connection stands: the wait for the first byte begins.
    mutating func connected() {
        if !isConnected { waited = .zero }
        isConnected = true
    }

    /// Takes in what happened in the last `elapsed` of unpaused time.
    ///
    /// - Parameter bytes: of the body, received in that time.
    /// - Returns: the failure, once a limit is reached.
    mutating func advance(by elapsed: Duration, bytes: Int) -> TransportError.Kind? {
        if bytes > 0 {
            isConnected = true
            hasBody = true
        }
        guard hasBody else {
            waited += elapsed
            if !isConnected { return waited >= timeouts.connect ? .timeout(.connect) : nil }
            return waited >= timeouts.firstByte ? .timeout(.firstByte) : nil
        }
        let seconds = elapsed / .seconds(1)
        if Double(bytes) >= timeouts.stallBytesPerSecond * seconds { slow = .zero } else { slow += elapsed }
        return slow >= timeouts.stall ? .stalled : nil
    }
}
