/// What is sent for one request: the head, and which bytes in which way. Computed without a socket.
struct ResponsePlan: Equatable {
    /// The facts about a resource that its response needs.
    struct ResourceFacts: Equatable {
        var size: Int
        var etag: String?
        var lastModified: String?
    }

    /// Status code.
    var status: Int
    /// Header lines in order.
    var headers: [HeaderField] = []
    /// Which bytes of the resource are the body.
    var bodyRange = 0..<0
    /// A body that stands for itself, in place of bytes of the resource.
    var ownBody: [UInt8]?
    /// Whether a body is sent at all (not for HEAD, 1xx, 204, 304).
    var sendsBody = false
    /// Whether the connection is closed after it.
    var closes: Bool

    /// The plan for `request`. `facts` are those of the body the answer names, else of the resource at the path;
    /// `nil` where there is neither.
    init(request: OriginRequest, answer: Answer, facts: ResourceFacts?) {
        closes = answer.closesConnection || !request.isPersistent
        status = answer.status ?? (facts == nil ? 404 : 200)
        if request.method != "GET", request.method != "HEAD" {
            status = 405
            closes = true
        }

        var range = 0..<(facts?.size ?? 0)
        if status == 200, answer.status == nil, !answer.ignoresRange,
            Self.rangeApplies(to: request, answer: answer, facts: facts)
        {
            switch RangeHeader(request.range, size: range.upperBound) {
            case .whole: break
            case .part(let part):
                let actual = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(range.upperBound)"
                status = 206
                range = part
                switch answer.contentRange {
                case .actual: add("Content-Range", actual)
                case .declared(let value): add("Content-Range", value)
                case .missing: break
                }
            case .unsatisfiable:
                status = 416
                add("Content-Range", "bytes */\(range.upperBound)")
            }
        }
        bodyRange = range
        let isErrorPage = !(200..<300).contains(status) && answer.body == nil
        if isErrorPage {
            let page = Array("<html><body><h1>\(status)</h1></body></html>\n".utf8)
            ownBody = page
            bodyRange = 0..<page.count
        }
        let carriesBody = !(100..<200).contains(status) && status != 204 && status != 304
        sendsBody = carriesBody && request.method != "HEAD"

        add("Content-Type", isErrorPage ? "text/html; charset=utf-8" : ContentType.of(path: request.path))
        if !isErrorPage {
            if let etag = answer.etag ?? facts?.etag { add("ETag", etag) }
            if let lastModified = facts?.lastModified { add("Last-Modified", lastModified) }
            add("Accept-Ranges", "bytes")
        }
        if carriesBody { declareLength(answer) }
        if let cut = answer.cut, cut != .unanswered { closes = true }
        if closes { add("Connection", "close") }
        for removed in answer.removedHeaders { remove(removed) }
        for header in answer.headers where header.name.lowercased() != "set-cookie" { remove(header.name) }
        headers += answer.headers
    }

    /// The head as bytes, the empty line included.
    var head: [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Scripted")\r\n"
        for header in headers {
            text += "\(header.name): \(header.value)\r\n"
        }
        return Array((text + "\r\n").utf8)
    }

    private mutating func declareLength(_ answer: Answer) {
        guard answer.framing == .identity else {
            add("Transfer-Encoding", "chunked")
            if answer.framing == .chunkedWithoutEnd { closes = true }
            return
        }
        switch answer.contentLength {
        case .actual: add("Content-Length", "\(bodyRange.count)")
        case .declared(let length):
            add("Content-Length", "\(length)")
            // What follows a body of another length cannot be told from it.
            if length != bodyRange.count { closes = true }
        case .missing: closes = true
        }
    }

    /// Whether If-Range, where there is one, lets the Range count (RFC 9110 §13.1.5).
    private static func rangeApplies(to request: OriginRequest, answer: Answer, facts: ResourceFacts?) -> Bool {
        guard let validator = request.header("If-Range") else { return true }
        return validator == answer.etag ?? facts?.etag || validator == facts?.lastModified
    }

    private mutating func add(_ name: String, _ value: String) {
        headers.append(HeaderField(name: name, value: value))
    }

    private mutating func remove(_ name: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
    }

    private static let reasons = [
        200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found",
        303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 410: "Gone", 416: "Range Not Satisfiable", 429: "Too Many Requests",
        500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}
