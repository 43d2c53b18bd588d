import CCurl

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What libcurl tells about a transfer.
extension TransportLoop {
    /// The most bytes of an error page or a redirect's body that are read to keep the connection.
    private static let maximumDiscardedBytes = 64 * 1024

    /// Body bytes: returns the count that libcurl is told.
    func received(_ transfer: Transfer, _ bytes: UnsafeRawBufferPointer) -> Int {
        guard !transfer.isSuperseded else { return Self.refuse }
        transfer.bytesSinceTick += bytes.count
        if transfer.isHedge, !transfer.isJudged, !promoteOrRedirect(transfer) { return Self.refuse }
        if !transfer.isJudged { judge(transfer) }
        if let discarded = transfer.discarded {
            transfer.discarded = discarded + bytes.count
            return discarded + bytes.count <= Self.maximumDiscardedBytes ? bytes.count : Self.refuse
        }
        let isThrottled = transfer.stream != nil && throttle != nil
        if isThrottled, let throttle, !throttle.allows(transfer.id) {
            transfer.bytesSinceTick -= bytes.count
            pause(transfer)
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        do throws(TransportError) {
            switch try transfer.body.receive(bytes) {
            case .taken:
                if isThrottled { throttle?.spend(bytes.count) }
                return bytes.count
            case .paused:
                // These bytes will come again.
                transfer.bytesSinceTick -= bytes.count
                pause(transfer)
                return Int(CURL_WRITEFUNC_PAUSE)
            case .enough:
                transfer.hasEnough = true
                return Self.refuse
            }
        } catch {
            transfer.failure = error
            return Self.refuse
        }
    }

    /// Whether a connection may be made; the socket if so.
    func openSocket(_ transfer: Transfer, _ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = Int(sh_address_bytes(address, &bytes))
        guard addresses.allows(AddressClass(bytes[..<count]), isInputOrigin: transfer.isInputOrigin) else {
            transfer.hasRefusedAddress = true
            return curl_socket_t(CURL_SOCKET_BAD)
        }
        return sh_open_socket(address)
    }

    /// A second request has an answer: it takes the first one's place, or it is led elsewhere. False: it is of no use.
    private func promoteOrRedirect(_ second: Transfer) -> Bool {
        guard let easy = second.easy else { return false }
        let status = sh_getinfo_long(easy.pointer, CURLINFO_RESPONSE_CODE)
        if Self.redirects.contains(status) {
            second.isJudged = true
            second.discarded = 0
            return true
        }
        return promote(second)
    }

    private static let redirects: Set<Int> = [301, 302, 303, 307, 308]

    /// libcurl is done with a hop.
    func networkEnded(_ transfer: Transfer, _ code: CURLcode) {
        guard !transfer.isSuperseded, let easy = transfer.easy else { return }
        if transfer.isHedge {
            // Its answer may have no body at all.
            let isRedirect = code == CURLE_OK && (transfer.discarded != nil || promoteOrRedirect(transfer))
            guard isRedirect, transfer.isHedge else {
                if transfer.isHedge { return dropHedge(transfer.id) }
                return networkEnded(transfer, code)
            }
            return follow(transfer, easy)
        }
        if code == CURLE_OK, !transfer.isJudged { judge(transfer) }
        if let failure = transfer.failure {
            finish(transfer, .failure(failure))
        } else if transfer.hasEnough {
            bodyEnded(transfer)
        } else if transfer.discarded != nil {
            follow(transfer, easy)
        } else if code == CURLE_OK {
            bodyEnded(transfer)
        } else if transfer.hasRefusedAddress, !transfer.isJudged {
            let rule = "a public stream does not reach private addresses (--allow-private)"
            finish(transfer, .failure(TransportError(.refusedByPolicy(rule))))
        } else {
            let text = easy.text(of: code)
            // libcurl tells which of the two did not answer by naming it.
            let server = transfer.origin.map { "\($0.host) port \($0.port) " } ?? ""
            let error = TransportError(
                curl: code,
                text: text,
                proxyStatus: sh_getinfo_long(easy.pointer, CURLINFO_HTTP_CONNECTCODE),
                viaProxy: mayUseProxy && !text.contains(server),
                hasAnswer: sh_getinfo_off(easy.pointer, CURLINFO_PRETRANSFER_TIME_T) > 0,
                received: transfer.body.received,
                missing: transfer.body.missing
            )
            // After some failures (a proxy's name that does not resolve) a handle takes no options any more (7.88).
            discardsHandle = true
            finish(transfer, .failure(error))
            discardsHandle = false
        }
    }

    /// Looks at the head of an answer, once, before its body.
    private func judge(_ transfer: Transfer) {
        guard let easy = transfer.easy else { return }
        transfer.isJudged = true
        if transfer.isInputOrigin, let peer = easy.peerClass { addresses.learn(peer) }
        let head = easy.responseHead(now: time(nil))
        transfer.status = head.status
        transfer.contentType = head.contentType
        if head.status == 429 || head.status == 503, transfer.stream != nil {
            let isPlain = head.status == 429 || head.retryAfter != nil
            parallelism.refused(operation: transfer.id, isPlain: isPlain, at: uptime)
        }
        if Self.redirects.contains(head.status) {
            transfer.discarded = 0
            return
        }
        let url = RedactedURL(transfer.url)
        do throws(TransportError) {
            let events = try transfer.body.begin(head, asked: transfer.asked, url: transfer.url)
            for event in events { transfer.report(event) }
            if let encoding = head.contentEncoding, !transfer.operation.request.role.acceptsCompression {
                transfer.report(.contentEncodingUnasked(DisplayText.escaped(encoding), url))
            }
        } catch {
            var failure = error
            failure.retryAfter = head.retryAfter
            failure.status = head.status
            transfer.failure = failure
            transfer.discarded = 0
        }
    }

    /// Goes where a redirect points.
    private func follow(_ transfer: Transfer, _ easy: EasyHandle) {
        do throws(TransportError) {
            guard let location = easy.header("Location") else { throw TransportError(.invalidRedirect) }
            guard transfer.redirects < NetworkPolicy.maximumRedirects else {
                throw TransportError(.tooManyRedirects(NetworkPolicy.maximumRedirects))
            }
            var url = try CurlURL(transfer.url)
            try url.resolve(location)
            let previous = transfer.origin
            transfer.redirects += 1
            transfer.prepareHop()
            try startHop(transfer, to: url, previous: previous)
        } catch {
            if transfer.isHedge { return dropHedge(transfer.id) }
            finish(transfer, .failure(error))
        }
    }

    private static let refuse = -1
}

/// `CURLOPT_WRITEFUNCTION`. Runs on the transport thread, inside `curl_multi_perform` or `curl_easy_pause`.
func writeCallback(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return -1 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.loop.received(transfer, UnsafeRawBufferPointer(start: bytes, count: size * count))
}

/// `CURLOPT_OPENSOCKETFUNCTION`. Runs on the transport thread, inside `curl_multi_perform`.
func openSocketCallback(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address else { return curl_socket_t(CURL_SOCKET_BAD) }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.loop.openSocket(transfer, address)
}
