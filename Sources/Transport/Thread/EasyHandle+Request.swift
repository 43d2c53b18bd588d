import CCurl

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What all requests of a transport have in common.
struct RequestSettings {
    let configuration: TransportConfiguration
    let fields: RequestFields
    /// The `CURLSH` with cookies and TLS sessions.
    let share: UnsafeMutableRawPointer
    let write: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int
    let openSocket:
        @convention(c) (UnsafeMutableRawPointer?, curlsocktype, UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t
}

extension EasyHandle {
    /// Sets the handle up for the current hop of `transfer`.
    func prepare(for transfer: Transfer, _ settings: RequestSettings) throws(TransportError) {
        let configuration = settings.configuration
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        try reset()
        try restrictProtocols()
        try set(CURLOPT_URL, transfer.url)
        try set(CURLOPT_PRIVATE, context)
        try setWrite(settings.write)
        try set(CURLOPT_WRITEDATA, context)
        try setOpenSocket(settings.openSocket)
        try set(CURLOPT_OPENSOCKETDATA, context)
        try set(CURLOPT_NOPROGRESS, 1)
        try set(CURLOPT_NOSIGNAL, 1)
        // A cancelled transfer does not wait for its name resolver, and nobody waits for the cancelled transfer.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_BUFFERSIZE, 512 * 1024)
        try set(CURLOPT_TCP_NODELAY, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try set(
            CURLOPT_CONNECTTIMEOUT_MS,
            max(1, Int((configuration.timeouts.connect / .milliseconds(1)).rounded(.up)))
        )
        try set(CURLOPT_SHARE, settings.share)
        // The empty name switches the cookie engine on without a file: the share alone does not (7.88).
        try set(CURLOPT_COOKIEFILE, "")
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try setTrust(for: transfer, configuration)
        if let proxy = configuration.proxy ?? (configuration.usesProxyEnvironment ? nil : "") {
            try set(CURLOPT_PROXY, proxy)
        }
        let request = transfer.operation.request
        // A part of a resource is that of its plain bytes.
        let acceptsCompression = request.role.acceptsCompression && request.byteRange == nil
        // Naming an encoding also makes libcurl decode what nobody asked for.
        try set(CURLOPT_ACCEPT_ENCODING, acceptsCompression ? "gzip" : "identity")
        try setIdentity(for: transfer, settings.fields)
    }

    /// Whom to believe, and what to be believed by.
    private func setTrust(
        for transfer: Transfer,
        _ configuration: TransportConfiguration
    ) throws(TransportError) {
        try set(CURLOPT_SSL_VERIFYPEER, configuration.isInsecure ? 0 : 1)
        try set(CURLOPT_SSL_VERIFYHOST, configuration.isInsecure ? 0 : 2)
        if let caFile = configuration.caFile { try set(CURLOPT_CAINFO, caFile) }
        guard transfer.isInputOrigin, let certificate = configuration.clientCertificate else { return }
        let name = certificate.lowercased()
        if name.hasSuffix(".p12") || name.hasSuffix(".pfx") { try set(CURLOPT_SSLCERTTYPE, "P12") }
        try set(CURLOPT_SSLCERT, certificate)
        // Without one, OpenSSL would ask for the password of a key at the terminal.
        try set(CURLOPT_KEYPASSWD, "")
    }

    /// Who asks, and for which part.
    private func setIdentity(for transfer: Transfer, _ fields: RequestFields) throws(TransportError) {
        var lines = fields.linesForEveryHost
        try set(CURLOPT_USERAGENT, fields.userAgent)
        if let referer = fields.referer(isInputOrigin: transfer.isInputOrigin) { try set(CURLOPT_REFERER, referer) }
        if transfer.isInputOrigin {
            lines += fields.linesForInputOrigin
            if let user = fields.user {
                try set(CURLOPT_USERNAME, user)
                try set(CURLOPT_PASSWORD, fields.password ?? "")
            }
        }
        // Not where https has led to http.
        let host = transfer.isDowngrade ? nil : transfer.origin
        if let host { lines += fields.lines(forHostOf: host) }
        if let cookie = fields.cookie(isInputOrigin: transfer.isInputOrigin, hostOf: host) {
            try set(CURLOPT_COOKIE, cookie)
        }
        if let first = transfer.asked.first {
            try set(CURLOPT_RANGE, "\(first)-\(transfer.asked.last.map { "\($0)" } ?? "")")
        }
        if let validator = transfer.asked.ifRange { lines.append("If-Range: \(validator)") }
        try setHeaders(lines)
    }

    /// The head of the answer that is being received.
    func responseHead(now: Int) -> ResponseHead {
        let encoding = header("Content-Encoding")?.lowercased()
        let length = UInt64(exactly: sh_getinfo_off(pointer, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T))
        return ResponseHead(
            status: sh_getinfo_long(pointer, CURLINFO_RESPONSE_CODE),
            contentLength: length,
            contentRange: header("Content-Range"),
            contentType: header("Content-Type"),
            contentEncoding: encoding == "identity" || encoding == "" ? nil : encoding,
            eTag: header("ETag"),
            lastModified: header("Last-Modified"),
            retryAfter: retryAfter(now: now),
            endIsDeclared: length != nil || header("Transfer-Encoding")?.lowercased().contains("chunked") == true
        )
    }

    /// Retry-After (RFC 9110 §10.2.3): seconds, or a date, which counts from the server's own clock if it tells it.
    private func retryAfter(now: Int) -> Duration? {
        guard let value = header("Retry-After") else { return nil }
        if let seconds = Int64(value) { return .seconds(min(max(0, seconds), 1 << 31)) }
        let date = curl_getdate(value, nil)
        guard date >= 0 else { return nil }
        let serverNow = header("Date").map { curl_getdate($0, nil) } ?? -1
        return .seconds(min(max(0, date - (serverNow >= 0 ? serverNow : now)), 1 << 31))
    }

    /// The class of the address that answered; nil if it is not known.
    var peerClass: AddressClass? {
        guard let text = sh_getinfo_string(pointer, CURLINFO_PRIMARY_IP) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return AddressClass(bytes[..<4]) }
        // A zone index (fe80::1%eth0) is no part of the address.
        let address = String(cString: text).prefix { $0 != "%" }
        return inet_pton(AF_INET6, String(address), &bytes) == 1 ? AddressClass(bytes) : nil
    }
}
