import Decryption
import Transport

/// Decrypts a Media Segment of AES-256-GCM (RFC 8216bis §4.4.4.4) and holds all of it until its tag was verified. Lives on
/// the thread `transport`.
///
/// What it decrypts runs through the filter of clear segments, whose findings it explains: here noise means a wrong key.
final class AuthenticatedFilter: BodyFilter {
    private static let pieceBytes = 64 << 10

    private var decryptor: AES256GCMDecryptor
    private let inner: any BodyFilter
    private let limitBytes: Int
    private var received: [UInt8] = []
    private var receivedBytes = 0
    private var gate = DisguiseGate()
    private let disguiseRemoved: @Sendable () -> Void
    private var piece = [UInt8](repeating: 0, count: pieceBytes)
    private(set) var holdsOutput = true

    /// - Parameters:
    ///   - inner: looks at the plaintext.
    ///   - limitBytes: a segment of more is refused: it is held whole.
    ///   - disguiseRemoved: an image or a page stood before the ciphertext.
    init(
        decryptor: consuming AES256GCMDecryptor,
        inner: any BodyFilter,
        limitBytes: Int,
        disguiseRemoved: @escaping @Sendable () -> Void = {}
    ) {
        self.disguiseRemoved = disguiseRemoved
        self.decryptor = decryptor
        self.inner = inner
        self.limitBytes = limitBytes
    }

    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws {
        receivedBytes += input.count
        guard receivedBytes <= limitBytes else {
            throw BodyRejection(isRetriable: false, underlying: SegmentTooLarge(limitBytes: limitBytes))
        }
        if received.count < SegmentInspector.headBytes {
            received += input.prefix(SegmentInspector.headBytes - received.count)
        }
        guard !gate.isOpen else { return try decrypt(input, &output) }
        try passDisguise(input, isWhole: false, &output)
    }

    private func passDisguise(
        _ input: UnsafeRawBufferPointer,
        isWhole: Bool,
        _ output: inout ChunkWriter
    ) throws {
        guard !gate.isOpen else { return }
        let bytes = gate.take(input, isWhole: isWhole)
        guard gate.isOpen else { return }
        if gate.hasRemoved { disguiseRemoved() }
        try bytes.withUnsafeBytes { try decrypt($0, &output) }
    }

    private func decrypt(_ input: UnsafeRawBufferPointer, _ output: inout ChunkWriter) throws {
        var rest = input
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(piece.count))
            let count = try piece.withUnsafeMutableBytes { try decryptor.update(part, into: $0) }
            if count > 0 {
                do {
                    try piece.withUnsafeBytes {
                        try inner.consume(UnsafeRawBufferPointer(rebasing: $0.prefix(count)), into: &output)
                    }
                } catch {
                    throw explained(error)
                }
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
        }
    }

    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
        try passDisguise(UnsafeRawBufferPointer(start: nil, count: 0), isWhole: true, &output)
        do throws(DecryptionError) {
            try decryptor.finish()
        } catch {
            let finding = SegmentInspector.textKind(received).map { SegmentInspector.Finding.text($0) }
            // Where the server says how long it is, the bytes are what the server has.
            throw BodyRejection(isRetriable: finding != nil || !lengthIsDeclared, underlying: finding ?? error)
        }
        do {
            try inner.finish(into: &output, lengthIsDeclared: lengthIsDeclared)
        } catch {
            throw explained(error)
        }
        holdsOutput = inner.holdsOutput
    }

    /// The inner filter takes the bytes for clear ones.
    private func explained(_ error: any Error) -> any Error {
        guard let rejection = error as? BodyRejection,
            case .unknown = rejection.underlying as? SegmentInspector.Finding
        else { return error }
        if let kind = SegmentInspector.textKind(received) {
            return BodyRejection(isRetriable: true, underlying: SegmentInspector.Finding.text(kind))
        }
        let isClear = SegmentInspector.intactContainer(head: received) != nil
        return BodyRejection(
            isRetriable: false,
            underlying: isClear ? SegmentInspector.Finding.notEncrypted : SegmentInspector.Finding.wrongKey
        )
    }
}

/// A Media Segment that must be held whole does not fit into the memory budget.
struct SegmentTooLarge: Error, Equatable, CustomStringConvertible {
    var limitBytes: Int
    /// As far as the server has said.
    var byteCount: UInt64?

    var description: String {
        let mebibytes = limitBytes >> 20
        let needed = byteCount.map { ", \($0) bytes" } ?? ""
        let advice = byteCount.map { "--max-memory \(($0 + 1 << 20 - 1) >> 20)" } ?? "a larger --max-memory"
        return
            "its tag must be verified before its bytes are used (AES-256-GCM), and the whole segment\(needed) is larger "
            + "than the memory for what is in flight (\(mebibytes) MiB); \(advice) would do"
    }
}
