/// How far the body of one resource is, over all attempts: what to ask for next, and what an answer means. Pure.
///
/// Positions count from the start of what is wanted: of the byte range if there is one, else of the resource.
struct BodyProgress: Equatable {
    /// The part that is wanted; nil for the whole resource.
    let range: ByteRange?
    /// The bytes accepted so far.
    private(set) var received: UInt64 = 0
    /// Of the response that the accepted bytes came from.
    private(set) var validator: Validator?
    /// The length of the whole resource.
    private(set) var total: UInt64?
    /// A server that answered a range wrongly is asked for the whole.
    private(set) var avoidsRanges = false

    init(range: ByteRange?) {
        self.range = range
    }

    /// What a request asks for.
    struct Ask: Equatable {
        /// The positions of the first and the last byte, of the whole resource; nil asks for everything.
        var first: UInt64?
        var last: UInt64?
        /// The value of If-Range.
        var ifRange: String?
    }

    /// How to take a body.
    struct Plan: Equatable {
        /// Bytes before the wanted part, to be dropped unseen.
        var skip: UInt64 = 0
        /// Bytes accepted from an earlier response, to be dropped.
        var repeated: UInt64 = 0
        /// Whether the repeated bytes have to be compared with the earlier ones: no validator vouches for them.
        var comparesRepeated = false
        /// The bytes still wanted after those; nil if only the end of the body tells.
        var wanted: UInt64?
        /// A byte range was answered with the whole.
        var rangeWasIgnored = false
    }

    /// What a response means.
    enum Verdict: Equatable {
        case take(Plan)
        /// It is another representation: nothing accepted so far fits.
        case changed
        case fail(Kind)

        enum Kind: Equatable {
            case wrongContentRange(String)
            case status(Int)
            case emptyBody
        }
    }

    /// All the bytes that a server has declared are here: behind those that were accepted, none can come.
    var hasDeclaredLength: Bool {
        guard let length = range?.length ?? total else { return false }
        return received >= length
    }

    /// What to ask for next.
    var ask: Ask {
        if avoidsRanges { return Ask() }
        if let range {
            // Without a validator the accepted bytes are fetched again, to be compared. With all of them here (the last
            // attempt was cut after the last byte), one has to be asked for.
            let first = range.offset + (validator == nil ? 0 : min(received, range.length - 1))
            return Ask(first: first, last: range.last, ifRange: received > 0 ? validator?.ifRange : nil)
        }
        guard received > 0, let validator, received <= UInt64(Int64.max) else { return Ask() }
        return Ask(first: received, last: nil, ifRange: validator.ifRange)
    }

    /// Judges the head of the answer to `ask`.
    mutating func judge(_ head: ResponseHead, asked: Ask) -> Verdict {
        switch head.status {
        case 206: judgePart(head, asked: asked)
        case 200, 203: judgeWhole(head)
        case 204, 205: .fail(.emptyBody)
        case 416 where asked.first != nil:
            // Either the resource is shorter now, or the server does not know its own length: ask for the whole.
            refuseRange("status 416")
        default: .fail(.status(head.status))
        }
    }

    /// Counts bytes in that were accepted.
    mutating func accept(_ count: Int) {
        received += UInt64(count)
    }

    /// Forgets everything accepted.
    mutating func reset() {
        self = BodyProgress(range: range, avoidsRanges: avoidsRanges)
    }

    private init(range: ByteRange?, avoidsRanges: Bool) {
        self.range = range
        self.avoidsRanges = avoidsRanges
    }

    private mutating func judgePart(_ head: ResponseHead, asked: Ask) -> Verdict {
        guard let first = asked.first else { return refuseRange("status 206 to a request for the whole") }
        guard head.contentEncoding == nil else { return refuseRange("a part with a Content-Encoding") }
        guard let text = head.contentRange else { return refuseRange("status 206 without Content-Range") }
        guard let part = ContentRange(text) else { return refuseRange("Content-Range \"\(text)\"") }
        guard part.first == first,
            asked.last.map({ $0 == part.last }) ?? part.total.map({ $0 == part.last + 1 }) ?? true
        else {
            return refuseRange(
                "bytes \(first)-\(asked.last.map { "\($0)" } ?? "") wanted, \(part.first)-\(part.last) sent"
            )
        }
        if let length = head.contentLength, length != part.last - part.first + 1 {
            return refuseRange("Content-Length \(length) for bytes \(part.first)-\(part.last)")
        }
        let start = range?.offset ?? 0
        var plan = Plan(repeated: start + received - first, wanted: part.last - start + 1 - received)
        if received > 0 {
            // A part that answers If-Range need not repeat the validator.
            let isSame = validator != nil && (head.validator == nil || head.validator == validator)
            plan.comparesRepeated = !isSame
            let hasOtherLength = total != nil && part.total != nil && total != part.total
            if hasOtherLength || !isSame && plan.repeated < received { return .changed }
        } else {
            validator = head.validator
        }
        total = part.total ?? total
        return .take(plan)
    }

    private mutating func judgeWhole(_ head: ResponseHead) -> Verdict {
        let length = head.contentEncoding == nil ? head.contentLength : nil
        if let range, let length, length <= range.last {
            return .fail(.wrongContentRange("bytes up to \(range.last) wanted, the resource has \(length)"))
        }
        var plan = Plan(skip: range?.offset ?? 0, repeated: received, rangeWasIgnored: range != nil)
        if received > 0 {
            let isSame = validator != nil && validator == head.validator
            let hasOtherLength = total != nil && length != nil && total != length
            if hasOtherLength { return .changed }
            plan.comparesRepeated = !isSame
        } else {
            validator = head.validator
        }
        total = length ?? total
        let end = range.map(\.length) ?? length
        if let end {
            // A body that is now shorter than what is here already.
            guard end >= received else { return .changed }
            plan.wanted = end - received
        }
        return .take(plan)
    }

    private mutating func refuseRange(_ text: String) -> Verdict {
        avoidsRanges = true
        return .fail(.wrongContentRange(text))
    }
}
