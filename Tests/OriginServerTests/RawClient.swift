@testable import OriginServer

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A socket that says what a test tells it and shows the bytes that come back, so that no HTTP library hides a fault.
final class RawClient {
    private let descriptor: Int32

    /// How the peer ended a connection.
    enum End: Equatable { case open, closed, reset }

    init(port: UInt16) {
        descriptor = Platform.tcpSocket()
        // A test that waits for bytes that never come fails by this, and does not hang.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        _ = Platform.withLoopback(port: port) { connect(descriptor, $0, $1) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Platform.sendBytes(descriptor, $0) }
    }

    func get(_ target: String, _ headers: String...) {
        send("GET \(target) HTTP/1.1\r\nHost: x\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    /// Reads until `count` bytes are there or the connection ends.
    func read(_ count: Int) -> (bytes: [UInt8], end: End) {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var piece = [UInt8](repeating: 0, count: count - bytes.count)
            let got = piece.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if got == 0 { return (bytes, .closed) }
            if got < 0 { return (bytes, errno == ECONNRESET ? .reset : .open) }
            bytes += piece[..<got]
        }
        return (bytes, .open)
    }

    /// Reads a head, byte by byte: its lines without the empty one.
    func head() -> [String] {
        var bytes: [UInt8] = []
        while !bytes.hasSuffix([13, 10, 13, 10]) {
            let next = read(1)
            guard !next.bytes.isEmpty else { break }
            bytes += next.bytes
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    /// Asks, and reads the answer with its body as Content-Length says: the lines of its head.
    func exchange(_ target: String, _ headers: String...) -> [String] {
        send("GET \(target) HTTP/1.1\r\nHost: x\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n")
        let lines = head()
        let length = lines.first { $0.hasPrefix("Content-Length: ") }?.dropFirst(16)
        _ = read(length.flatMap { Int($0) } ?? 0)
        return lines
    }

    /// Reads everything to the end of the connection.
    func rest() -> (text: String, end: End) {
        let all = read(1 << 20)
        return (String(decoding: all.bytes, as: UTF8.self), all.end)
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}

/// Starts a server with the resource `/a.ts`, gives it to `body`, and stops it.
func withServer(
    _ script: Script? = nil,
    body bytes: String = "0123456789",
    options: OriginServer.Options = .init(),
    _ use: (OriginServer, RawClient) async throws -> Void
) async throws {
    let server = OriginServer(resources: ["/a.ts": Array(bytes.utf8)], options: options)
    if let script { server.script["/a.ts"] = script }
    try server.start()
    defer { server.stop() }
    try await use(server, RawClient(port: server.port))
}
