import CCurl

/// libcurl's process-wide state.
enum CurlGlobal {
    /// The oldest version that has all that is used here, as libcurl packs it: 7.88.0.
    static let oldestVersion: UInt32 = 0x07_58_00

    private static let initCode = curl_global_init(Int(CURL_GLOBAL_ALL)).rawValue

    /// Initialises libcurl, once. Thread-safe.
    static func initialise() throws(TransportError) {
        guard initCode == CURLE_OK.rawValue else { throw TransportError(.internalFailure("curl_global_init")) }
        guard let version = curl_version_info(CURLVERSION_FIRST)?.pointee, version.version_num >= oldestVersion
        else {
            throw TransportError(.internalFailure("this libcurl is older than 7.88"))
        }
    }
}

/// libcurl's version line, with its TLS library, for `--version`.
package func curlVersion() -> String {
    curl_version().map { String(cString: $0) } ?? "libcurl"
}
