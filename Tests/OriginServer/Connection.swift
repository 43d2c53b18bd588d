#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// One accepted connection, served on its own thread: reads requests, carries out response plans.
struct Connection {
    /// How much of a body is read and sent at a time, in bytes.
    private static let pieceBytes = 64 * 1024
    /// How often a wait looks whether it should end, in milliseconds.
    private static let pollMilliseconds: Int32 = 2

    private let descriptor: Int32
    private let number: Int
    private let server: OriginServer

    /// Takes over the use of `descriptor`; the server closes it after `serve` has returned.
    init(descriptor: Int32, number: Int, server: OriginServer) {
        self.descriptor = descriptor
        self.number = number
        self.server = server
    }

    /// Serves requests until the peer, a script, the keep-alive limit or the end of the server ends the connection.
    func serve() {
        var parser = RequestParser()
        var served = 0
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            switch parser.next() {
            case .malformed:
                _ = send(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)[...])
                return
            case .request(var request):
                served += 1
                request.connection = number
                request.time = .now
                guard answer(request, isLast: served == server.options.requestsPerConnection) else { return }
            case .incomplete:
                let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
                guard count > 0 else { return }
                parser.append(buffer[..<count])
            }
        }
    }

    /// Answers one request; `false` where the connection ends with it.
    private func answer(_ request: OriginRequest, isLast: Bool) -> Bool {
        var answer = server.begin(request)
        defer { server.end() }
        if isLast { answer.closesConnection = true }
        guard pause(for: answer.delay) else { return false }
        if answer.cut == .unanswered { return false }

        let resource: Resource? = answer.body.map { Resource(bytes: $0) } ?? server.resource(at: request.path)
        let facts = resource.map { server.facts(of: $0) }
        let plan = ResponsePlan(request: request, answer: answer, facts: facts)
        guard sendHead(plan.head, bytesPerSecond: answer.headBytesPerSecond) else { return false }
        if plan.sendsBody {
            if let page = plan.ownBody {
                guard sendBody(of: Resource(bytes: page), plan, answer, path: request.path) else { return false }
            } else if let resource {
                guard sendBody(of: resource, plan, answer, path: request.path) else { return false }
            }
        }
        return !plan.closes
    }

    private func sendHead(_ head: [UInt8], bytesPerSecond: Int?) -> Bool {
        guard let bytesPerSecond else { return send(head[...]) }
        return head.indices.allSatisfy { index in
            send(head[index...index]) && pause(for: .microseconds(1_000_000 / bytesPerSecond))
        }
    }

    /// Sends the body as the answer scripts it; `false` where the connection ends before the body's end.
    private func sendBody(of resource: Resource, _ plan: ResponsePlan, _ answer: Answer, path: String) -> Bool {
        let pacer = answer.bytesPerSecond.map { Pacer(bytesPerSecond: $0) }
        let total = plan.bodyRange.count
        var sent = 0
        while true {
            if let stall = answer.stall, stall.position == sent {
                guard pause(for: stall.duration, releasedAs: path) else { return false }
            }
            switch answer.cut {
            case .closed(let limit)? where sent >= limit:
                return false
            case .reset(let limit)? where sent >= limit:
                Platform.resetOnClose(descriptor)
                return false
            default: break
            }
            guard sent < total else { break }
            var next = min(total, sent + Self.pieceBytes)
            for stop in [answer.stall?.position, answer.cut?.position, pacer.map { sent + $0.pieceBytes }] {
                if let stop, stop > sent { next = min(next, stop) }
            }
            let piece = resource.read(at: plan.bodyRange.lowerBound + sent, count: next - sent)
            guard !piece.isEmpty, send(framed(piece, answer.framing)[...]) else { return false }
            sent += piece.count
            server.countBody(bytes: piece.count)
            if let wait = pacer?.wait(sent: sent), !pause(for: wait) { return false }
        }
        return answer.framing == .chunked ? send(Array("0\r\n\r\n".utf8)[...]) : answer.framing == .identity
    }

    private func framed(_ piece: [UInt8], _ framing: Answer.Framing) -> [UInt8] {
        guard framing != .identity else { return piece }
        return Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [0x0D, 0x0A]
    }

    /// Waits for `duration`, or without end; ends early when `path` is released. `false` where the server or the
    /// peer goes away meanwhile.
    private func pause(for duration: Duration?, releasedAs path: String? = nil) -> Bool {
        let end = duration.map { ContinuousClock.now + $0 }
        while true {
            if server.isStopping || peerIsGone { return false }
            if let path, server.isReleased(path) { return true }
            if let end, ContinuousClock.now >= end { return true }
            Platform.sleep(milliseconds: Self.pollMilliseconds)
        }
    }

    /// Whether the peer has reset or closed the connection.
    private var peerIsGone: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&state, 1, 0) > 0 else { return false }
        if state.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { return true }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) == 0
    }

    private func send(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let count = Platform.sendBytes(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}

extension Answer.Cut {
    /// The body byte before which the connection ends.
    fileprivate var position: Int {
        switch self {
        case .closed(let position), .reset(let position): position
        case .unanswered: 0
        }
    }
}

/// Spreads a body over time.
private struct Pacer {
    let bytesPerSecond: Int
    let start = ContinuousClock.now
    /// About 5 ms worth of bytes, so that the rate holds in small pieces too.
    var pieceBytes: Int { max(1, bytesPerSecond / 200) }

    init(bytesPerSecond: Int) { self.bytesPerSecond = bytesPerSecond }

    /// How long to wait after so many bytes.
    func wait(sent: Int) -> Duration {
        let due = start + .microseconds(Int64(Double(sent) / Double(bytesPerSecond) * 1_000_000))
        return max(.zero, due - .now)
    }
}
