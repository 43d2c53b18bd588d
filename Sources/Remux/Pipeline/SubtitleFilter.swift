import Decryption
import Transport

/// What is done to a segment of subtitles as it arrives: decryption, and at its end a look at whether it is WebVTT at all.
/// Lives on the thread `transport`.
///
/// Nothing goes on before the end: a segment is there whole or not at all. What is held is bounded by
/// ``WebVTTLimits/segmentBytes``.
final class SubtitleFilter: BodyFilter {
    private var decryptor: AES128CBCDecryptor?
    private let isEncrypted: Bool
    private let needsSignature: Bool
    private var head: [UInt8] = []
    private var received: [UInt8] = []
    private(set) var holdsOutput = true

    private static let headBytes = 512

    /// - Parameters:
    ///   - decryptor: `nil` for clear segments.
    ///   - needsSignature: `false` where a Media Initialization Section holds the WebVTT header.
    init(decryptor: consuming AES128CBCDecryptor?, needsSignature: Bool) {
        isEncrypted = decryptor != nil
        self.decryptor = decryptor
        self.needsSignature = needsSignature
    }

    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws {
        if received.count < Self.headBytes { received += input.prefix(Self.headBytes - received.count) }
        guard isEncrypted else {
            take(input)
            output.append(input)
            return
        }
        try decryptor?.update(input, into: &output) { take($0) }
    }

    /// - Throws: `BodyRejection`; a retriable one where another attempt may bring the right bytes.
    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
        if isEncrypted, !received.isEmpty {
            try output.withWindow(atLeast: AES128CBCDecryptor.blockSize) { window in
                do throws(DecryptionError) {
                    let count = try decryptor?.finish(into: window).count ?? 0
                    take(UnsafeRawBufferPointer(rebasing: window.prefix(count)))
                    return count
                } catch {
                    if let kind = SegmentInspector.textKind(received) {
                        throw BodyRejection(isRetriable: true, underlying: SubtitleFinding.text(kind))
                    }
                    throw BodyRejection(isRetriable: true, underlying: error)
                }
            }
        }
        if let finding = SubtitleFinding.judge(
            head: head,
            received: received,
            isEncrypted: isEncrypted,
            needsSignature: needsSignature
        ) {
            throw BodyRejection(isRetriable: finding.isRetriable, underlying: finding)
        }
        holdsOutput = false
    }

    private func take(_ plain: UnsafeRawBufferPointer) {
        guard head.count < Self.headBytes else { return }
        head += plain.prefix(Self.headBytes - head.count)
    }
}

/// Why bytes are no WebVTT segment.
enum SubtitleFinding: Error, Equatable, CustomStringConvertible {
    /// An HTML page, JSON, a playlist: what a server says instead of sending subtitles.
    case text(String)
    /// Decryption gives noise.
    case wrongKey
    case notEncrypted
    /// Fragmented MP4 that nothing describes.
    case fragmentedMP4
    case unknown

    /// Looks at the first bytes. An empty segment, or one of blank lines, is one without cues.
    static func judge(head: [UInt8], received: [UInt8], isEncrypted: Bool, needsSignature: Bool) -> SubtitleFinding? {
        if WebVTTParser.isSignature(head) || head.allSatisfy({ $0.isBlank || $0 == 0x0A || $0 == 0x0D }) { return nil }
        if case .fragmentedMP4 = SegmentFormat(head: head) { return needsSignature ? .fragmentedMP4 : nil }
        let kind = SegmentInspector.textKind(head)
        if !needsSignature, kind == "text" || kind == nil && !isEncrypted { return nil }
        guard isEncrypted else { return kind.map { .text($0) } ?? .unknown }
        if WebVTTParser.isSignature(received) { return .notEncrypted }
        if let kind = SegmentInspector.textKind(received) { return .text(kind) }
        return kind.map { .text($0) } ?? .wrongKey
    }

    var isRetriable: Bool {
        switch self {
        case .text, .unknown: true
        case .wrongKey, .notEncrypted, .fragmentedMP4: false
        }
    }

    var description: String {
        switch self {
        case .text(let kind): "it is \(kind), not WebVTT"
        case .wrongKey: "what is decrypted is no WebVTT: the key or the initialization vector is wrong"
        case .notEncrypted: "it is not encrypted, although the playlist says so"
        case .fragmentedMP4:
            "it is fragmented MP4, and there is no Media Initialization Section for it (EXT-X-MAP)"
        case .unknown: "it is no WebVTT"
        }
    }
}
