/// Collects bytes of a connection and cuts request heads out of them.
struct RequestParser {
    /// Heads longer than this are refused.
    static let maximumHeadBytes = 64 * 1024

    /// What the bytes so far hold.
    enum Result {
        /// Not yet a whole head.
        case incomplete
        /// A head; its bytes are consumed.
        case request(OriginRequest)
        /// Not HTTP/1.x, or too long.
        case malformed
    }

    private var buffer: [UInt8] = []

    /// Adds received bytes.
    mutating func append(_ bytes: ArraySlice<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// Takes the next head out of the buffer. Bodies are not expected: GET and HEAD have none.
    mutating func next() -> Result {
        guard let end = headEnd() else {
            return buffer.count > Self.maximumHeadBytes ? .malformed : .incomplete
        }
        let head = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end)
        return Self.parse(head).map(Result.request) ?? .malformed
    }

    /// The index after the empty line, if it has arrived.
    private func headEnd() -> Int? {
        guard buffer.count >= 4 else { return nil }
        for index in 3..<buffer.count where buffer[index] == 0x0A {
            if buffer[index - 1] == 0x0D, buffer[index - 2] == 0x0A, buffer[index - 3] == 0x0D { return index + 1 }
        }
        return nil
    }

    private static func parse(_ head: String) -> OriginRequest? {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard let first = lines.first else { return nil }
        let words = first.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), !words[1].isEmpty else { return nil }
        var headers: [HeaderField] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append(HeaderField(name: String(line[..<colon]), value: String(value)))
        }
        let target = String(words[1])
        let connection = headers.first { $0.name.lowercased() == "connection" }?.value.lowercased()
        return OriginRequest(
            method: String(words[0]),
            target: target,
            path: PercentEncoding.decodedPath(of: target) ?? "",
            headers: headers,
            isPersistent: words[2] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
        )
    }
}
