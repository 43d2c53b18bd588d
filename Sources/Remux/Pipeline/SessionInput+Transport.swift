import HLS
import Transport

/// What Transport is told.
extension SessionInput {
    /// A loader under the rules of this input. Whoever gets it shuts it down.
    ///
    /// - Throws: ``RemuxError``.
    func makeLoader(
        _ configuration: RemuxConfiguration,
        environment: SessionEnvironment,
        memory: ChunkPool
    ) throws(RemuxError) -> ResourceLoader {
        var transport = transport(configuration)
        transport.timeouts = Self.timeouts(configuration, environment)
        if let path = configuration.cookieFile { transport.cookieLines = try CookieFile.read(path) }
        if let proxy = configuration.proxy { transport.proxy = try Self.proxy(proxy) }
        do throws(TransportError) {
            return try ResourceLoader(configuration: transport, memory: memory, clock: environment.clock)
        } catch {
            let code: RemuxError.Code =
                switch error.kind {
                case .internalFailure: .internalError
                case .invalidURL: .configuration
                default: .playlistRefused
                }
            throw RemuxError(code, "\(error)", underlying: error)
        }
    }

    private func transport(_ configuration: RemuxConfiguration) -> TransportConfiguration {
        var transport = TransportConfiguration(inputURL: networkURI?.text ?? uri.text)
        transport.headers = configuration.headers.map(\.field)
        transport.hostHeaders = configuration.hostHeaders.map(\.field)
        transport.userAgent = configuration.userAgent
        transport.referer = configuration.referer
        transport.caFile = configuration.caFile
        transport.clientCertificate = configuration.clientCertificate
        transport.isInsecure = configuration.isInsecure
        transport.jobs = min(max(configuration.jobs, 1), 64)
        transport.bytesPerSecond = configuration.maximumBytesPerSecond
        transport.allowsPrivateAddresses = configuration.allowsPrivateAddresses
        return transport
    }

    private static func timeouts(
        _ configuration: RemuxConfiguration,
        _ environment: SessionEnvironment
    ) -> TransferTimeouts {
        var timeouts = environment.timeouts
        if let seconds = configuration.stallSeconds, seconds > 0, seconds.isFinite {
            timeouts.stall = .seconds(min(seconds, 86_400))
            timeouts.firstByte = timeouts.stall
        }
        return timeouts
    }

    private static func proxy(_ text: String) throws(RemuxError) -> String {
        do {
            return try ProxyURL(text).text
        } catch {
            throw RemuxError(.configuration, "\(error)", underlying: error)
        }
    }
}
