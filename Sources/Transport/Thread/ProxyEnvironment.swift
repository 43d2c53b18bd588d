#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The environment variables that make libcurl use a proxy.
enum ProxyEnvironment {
    /// Whether one of them is set.
    static var isSet: Bool {
        // HTTP_PROXY in capitals is not honoured: a CGI client could set it (httpoxy).
        let names: [String] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        return names.contains { name in getenv(name).map { $0[0] != 0 } ?? false }
    }
}
