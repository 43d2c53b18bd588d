import CCurl

extension TransportError {
    /// The failure that libcurl reports for a transfer.
    ///
    /// - Parameters:
    ///   - proxyStatus: what a proxy answered when it was asked for a connection; 0: it was not, or nothing.
    ///   - viaProxy: a proxy was to be connected to, not the server.
    ///   - hasAnswer: a part of the answer was received.
    ///   - received: the bytes of the body over all attempts.
    ///   - missing: the bytes that were still to come, if known.
    init(
        curl code: CURLcode,
        text: String,
        proxyStatus: Int,
        viaProxy: Bool,
        hasAnswer: Bool,
        received: UInt64,
        missing: UInt64?
    ) {
        let kind: Kind =
            switch code {
            case _ where proxyStatus >= 300: .proxy(status: proxyStatus)
            case CURLE_COULDNT_RESOLVE_PROXY: .proxy(status: nil)
            case CURLE_PROXY: .proxy(status: nil)
            case CURLE_COULDNT_CONNECT where viaProxy: .proxy(status: nil)
            case CURLE_COULDNT_RESOLVE_HOST: .couldNotResolve
            case CURLE_COULDNT_CONNECT: .couldNotConnect
            case CURLE_OPERATION_TIMEDOUT: .timeout(hasAnswer ? .firstByte : .connect)
            case CURLE_PARTIAL_FILE:
                missing.map { .truncated(received: received, expected: received + $0) } ?? .connectionLost
            case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM,
                CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
                .connectionLost
            // A connection that breaks within the handshake is no verdict on the certificate.
            case CURLE_SSL_CONNECT_ERROR where text.contains("SYSCALL") || text.contains("reset"): .connectionLost
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_USE_SSL_FAILED:
                .tls(text)
            case CURLE_URL_MALFORMAT: .invalidURL(text)
            case CURLE_UNSUPPORTED_PROTOCOL: .refusedByPolicy("only http: and https: URLs are fetched")
            default: .internalFailure("code \(code.rawValue)")
            }
        self.init(kind)
        if case .tls = kind { return }
        curl = CurlFailure(code: Int(code.rawValue), text: text)
    }
}
