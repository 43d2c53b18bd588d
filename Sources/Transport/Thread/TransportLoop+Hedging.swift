import CCurl

/// The second request for a transfer that everything waits for. It takes the first one's place when its body begins and the
/// first still lags; until then it touches nothing.
extension TransportLoop {
    /// Requests what a transfer still lacks a second time.
    func hedge(_ transfer: Transfer) {
        let second = Transfer(second: transfer, body: transfer.body)
        second.asked = second.body.ask
        // In the middle of a body only a validator says that both are the same.
        guard hedges[transfer.id] == nil, transfer.body.received == 0 || second.asked.ifRange != nil else { return }
        hedges[transfer.id] = second
        do throws(TransportError) {
            try startHop(second, to: CurlURL(second.url), previous: nil)
            transfer.report(.hedged)
        } catch {
            dropHedge(transfer.id)
        }
    }

    /// The second request is not needed, or failed.
    func dropHedge(_ id: UInt64) {
        guard let second = hedges.removeValue(forKey: id) else { return }
        if case .network(let easy) = second.source { giveBack(easy) }
        second.source = .none
    }

    /// The body of a second request begins: it takes over, or is given up.
    ///
    /// - Returns: whether it took over.
    func promote(_ second: Transfer) -> Bool {
        guard let first = transfers[second.id], !first.isPaused, let easy = second.easy,
            second.asked.ifRange != nil || first.body.received == 0
        else { return false }
        let status = sh_getinfo_long(easy.pointer, CURLINFO_RESPONSE_CODE)
        guard status == 206 || status == 200 && first.body.received == 0 else { return false }
        hedges[second.id] = nil
        second.takePlace(of: first)
        transfers[second.id] = second
        superseded.append(first)
        return true
    }

    /// Ends the first requests whose place was taken: libcurl forbids it from within its callbacks.
    func endSuperseded() {
        for first in superseded {
            if case .network(let easy) = first.source { giveBack(easy) }
            first.source = .none
        }
        superseded = []
    }
}
