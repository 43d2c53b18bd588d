/// Looks at the first bytes of a Media Segment before any of them goes on: is this media, and if not, what is wrong?
///
/// File names and types decide nothing (DESIGN §4). Pure.
struct SegmentInspector {
    /// Why the bytes are no media.
    enum Finding: Error, Equatable, CustomStringConvertible {
        /// Nothing was received.
        case empty
        /// An HTML page, JSON, a playlist: what a server says instead of sending media.
        case text(String)
        /// Decryption gives noise from the first byte on.
        case wrongKey
        /// Only the first block is noise: the key is right.
        case wrongIV
        /// The bytes are media before decryption.
        case notEncrypted
        /// Clear bytes of an unknown kind.
        case unknown(firstBytes: [UInt8])
        /// No media: an image.
        case unsupported(SegmentFormat)
        /// The end of the plaintext is missing.
        case cut(byteCount: UInt64)

        /// A new request may bring the right bytes.
        var isRetriable: Bool {
            switch self {
            case .empty, .text, .unknown, .cut: true
            case .wrongKey, .wrongIV, .notEncrypted, .unsupported: false
            }
        }

        /// What the failure belongs to: the key, the media, or this segment alone.
        var code: RemuxError.Code {
            switch self {
            case .wrongKey, .wrongIV, .notEncrypted: .key
            case .unsupported: .media
            case .empty, .text, .unknown, .cut: .incomplete
            }
        }

        var description: String {
            switch self {
            case .empty: "it is empty"
            case .text(let kind): "it is \(kind), not media"
            case .wrongKey: "the first decrypted bytes are no media: the key is wrong"
            case .wrongIV:
                "only the first decrypted block is no media: the key is right, the initialization vector is not"
            case .notEncrypted: "it is not encrypted, although the playlist says so"
            case .unsupported(let format): "it is \(format), not media"
            case .cut(let count): "its media is cut off after \(count) bytes"
            case .unknown(let bytes):
                "it is no media that is known (it begins with \(bytes.prefix(8).map(Self.hex).joined(separator: " ")))"
            }
        }

        private static func hex(_ byte: UInt8) -> String {
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
    }

    /// Enough to see two frames of any audio.
    static let headBytes = SegmentFormat.audioHeadBytes

    /// Judges a head.
    ///
    /// - Parameters:
    ///   - head: the first plaintext bytes, ``headBytes`` of them or the whole segment; none where an encrypted segment
    ///     holds nothing but padding.
    ///   - received: the same bytes as they came from the server; the same array where nothing is decrypted.
    static func judge(head: [UInt8], received: [UInt8], isEncrypted: Bool) -> Finding? {
        guard !head.isEmpty else { return .empty }
        if isTransportStream(head) { return nil }
        // WebVTT is text. A page in place of an encrypted segment decrypts to noise, which may look like anything.
        if !isEncrypted, let format = SegmentFormat(head: head) { return finding(format) }
        if let kind = textKind(received) { return .text(kind) }
        if isEncrypted, let format = SegmentFormat(head: head) { return finding(format) }
        guard isEncrypted else {
            return isDamagedTransportStream(head) ? nil : .unknown(firstBytes: Array(head.prefix(8)))
        }
        if intactContainer(head: received) != nil { return .notEncrypted }
        if syncsFollow(head) || wordsFollow(head) { return .wrongIV }
        return isDamagedTransportStream(head) ? nil : .wrongKey
    }

    /// How a segment whose head was judged well is read; `nil` where it is no media.
    static func container(head: [UInt8]) -> SegmentContainer? {
        intactContainer(head: head)
            ?? TransportPacketLayout(damagedHead: head.prefix(headBytes)).map { .transportStream($0) }
    }

    /// The same for heads that begin with media that is not damaged.
    static func intactContainer(head: [UInt8]) -> SegmentContainer? {
        transportLayout(head).map { .transportStream($0) } ?? SegmentFormat(head: head)?.container
    }

    private static func isDamagedTransportStream(_ head: [UInt8]) -> Bool {
        TransportPacketLayout(damagedHead: head.prefix(headBytes)) != nil
    }

    private static func finding(_ format: SegmentFormat) -> Finding? {
        format.container == nil ? .unsupported(format) : nil
    }

    private static func isTransportStream(_ bytes: [UInt8]) -> Bool { transportLayout(bytes) != nil }

    private static func transportLayout(_ bytes: [UInt8]) -> TransportPacketLayout? {
        guard let layout = TransportPacketLayout(head: bytes.prefix(TransportPacketLayout.headBytes)) else {
            return nil
        }
        // A GIF image, too, begins with a sync byte: it takes a second one to tell a small image from a packet.
        return bytes.count > layout.bytes || SegmentFormat(head: bytes) == nil ? layout : nil
    }

    /// A transport stream goes on behind a first packet that is noise.
    private static func syncsFollow(_ bytes: [UInt8]) -> Bool {
        let packet = TransportPacketLayout.plain.bytes
        let rest = bytes.dropFirst(packet).prefix(TransportPacketLayout.headBytes - packet)
        return TransportPacketLayout(head: rest) == .plain
    }

    /// Behind the first block stands the second box of a segment of movie fragments, or a third one, or what the ID3 tag of
    /// packed audio holds.
    private static func wordsFollow(_ bytes: [UInt8]) -> Bool {
        let behindFirstBlock = 16..<max(16, min(bytes.count, 512))
        return ["moof", "sidx", "mfhd", "traf", "com.apple.streaming"].contains { word in
            let code = Array(word.utf8)
            return behindFirstBlock.contains { bytes[$0...].starts(with: code) }
        }
    }

    /// What kind of text a server sent, or `nil` for what is no text.
    static func textKind(_ bytes: [UInt8]) -> String? {
        let text = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) || [0xEF, 0xBB, 0xBF].contains($0) }
        let start = String(decoding: text.prefix(16), as: UTF8.self).lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.hasPrefix("<head") {
            return "an HTML page"
        }
        if start.hasPrefix("<?xml") || start.hasPrefix("<error") { return "an XML document" }
        if start.hasPrefix("#extm3u") { return "a playlist" }
        if start.hasPrefix("{") || start.hasPrefix("["), bytes.prefix(64).allSatisfy({ $0 >= 0x09 && $0 < 0x7F }) {
            return "JSON"
        }
        return bytes.count >= 3 && bytes.allSatisfy({ (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) })
            ? "text" : nil
    }
}
