import CCurl

extension EasyHandle {
    /// Restricts the handle to http and https, redirects included.
    func restrictProtocols() throws(TransportError) {
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
    }

    /// Shows that the restriction holds in the library that is in use: a `file:` URL has to fail.
    ///
    /// - Throws: ``TransportError/Kind/internalFailure(_:)`` if it is fetched.
    static func assertFilesAreRefused() throws(TransportError) {
        let handle = try EasyHandle()
        try handle.reset()
        try handle.restrictProtocols()
        try handle.set(CURLOPT_URL, "file:///dev/null")
        try handle.set(CURLOPT_NOSIGNAL, 1)
        guard curl_easy_perform(handle.pointer) == CURLE_UNSUPPORTED_PROTOCOL else {
            throw TransportError(.internalFailure("this libcurl does not refuse file: URLs when told to"))
        }
    }
}
