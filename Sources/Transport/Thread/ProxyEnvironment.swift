#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The environment variables that make libcurl use a proxy.
enum ProxyEnvironment {
    /// Whether one of them is set.
    static var isSet: Bool { isSet { name in getenv(name).map { String(cString: $0) } } }

    /// Whether one of them is set where `value` gives a variable's value.
    static func isSet(_ value: (String) -> String?) -> Bool {
        // HTTP_PROXY in capitals is not honoured: a CGI client could set it (httpoxy).
        let names: [String] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        return names.contains { name in value(name).map { !$0.isEmpty } ?? false }
    }
}

extension AddressPolicy {
    /// The user allows private addresses, or the input is a local file.
    static func isOffByInput(_ configuration: TransportConfiguration, _ policy: NetworkPolicy) -> Bool {
        configuration.allowsPrivateAddresses || policy.inputOrigin == nil
    }

    /// A proxy makes the connections: the addresses behind it are not seen here.
    static func isOffByProxy(_ configuration: TransportConfiguration) -> Bool {
        if let proxy = configuration.proxy { return !proxy.isEmpty }
        return configuration.usesProxyEnvironment && ProxyEnvironment.isSet
    }
}
