import CCurl

/// A `CURL*`: reused from transfer to transfer, freed with the last reference. Lives on the transport thread.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init() throws(TransportError) {
        guard let pointer = curl_easy_init() else { throw TransportError(.internalFailure("curl_easy_init")) }
        self.pointer = pointer
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// Forgets all options; connections stay with the multi handle.
    func reset() throws(TransportError) {
        // curl_easy_reset leaks the list of cookie files (7.88); with a shared engine, no cookie is lost here.
        try check(sh_setopt_string(pointer, CURLOPT_COOKIEFILE, nil), "CURLOPT_COOKIEFILE")
        curl_easy_reset(pointer)
        curl_slist_free_all(headers)
        headers = nil
        errorText[0] = 0
        try check(sh_setopt_pointer(pointer, CURLOPT_ERRORBUFFER, errorText), "CURLOPT_ERRORBUFFER")
    }

    func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try check(sh_setopt_long(pointer, option, value), "option \(option.rawValue)")
    }

    func set(_ option: CURLoption, _ value: String) throws(TransportError) {
        try check(sh_setopt_string(pointer, option, value), "option \(option.rawValue)")
    }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(TransportError) {
        try check(sh_setopt_pointer(pointer, option, value), "option \(option.rawValue)")
    }

    func setWrite(_ callback: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int)
        throws(TransportError)
    {
        try check(sh_setopt_write(pointer, callback), "CURLOPT_WRITEFUNCTION")
    }

    func setOpenSocket(
        _ callback:
            @convention(c) (UnsafeMutableRawPointer?, curlsocktype, UnsafeMutablePointer<curl_sockaddr>?)
            -> curl_socket_t
    ) throws(TransportError) {
        try check(sh_setopt_opensocket(pointer, callback), "CURLOPT_OPENSOCKETFUNCTION")
    }

    /// Sends `lines` (`Name: value`) with the request.
    func setHeaders(_ lines: [String]) throws(TransportError) {
        for line in lines {
            guard let list = curl_slist_append(headers, line) else {
                throw TransportError(.internalFailure("curl_slist_append"))
            }
            headers = list
        }
        if let headers { try set(CURLOPT_HTTPHEADER, headers) }
    }

    /// The first value of a header of the response.
    func header(_ name: String) -> String? {
        sh_header(pointer, name).map { String(cString: $0) }
    }

    /// libcurl's words on the failure of the last transfer.
    func text(of code: CURLcode) -> String {
        if errorText[0] != 0 { return String(cString: errorText) }
        return curl_easy_strerror(code).map { String(cString: $0) } ?? ""
    }

    private func check(_ code: CURLcode, _ option: @autoclosure () -> String) throws(TransportError) {
        guard code == CURLE_OK else { throw TransportError(.internalFailure("\(option()) gave code \(code.rawValue)")) }
    }
}
