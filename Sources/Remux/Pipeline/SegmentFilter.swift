import Decryption
import Transport

/// What is done to a Media Segment's bytes as they arrive: decryption, and a look at the head before anything goes on.
/// Lives on the thread `transport`, one for each attempt.
final class SegmentFilter: BodyFilter {
    private var decryptor: AES128CBCDecryptor?
    private let isEncrypted: Bool
    private let onPaddingMissing: @Sendable () -> Void
    private var head: [UInt8] = []
    private var received: [UInt8] = []
    private var hasReceived = false
    private(set) var holdsOutput = true

    /// - Parameters:
    ///   - decryptor: `nil` for clear segments.
    ///   - onPaddingMissing: called when the last block is not padded as RFC 8216bis §5.2 demands.
    init(decryptor: consuming AES128CBCDecryptor?, onPaddingMissing: @escaping @Sendable () -> Void) {
        isEncrypted = decryptor != nil
        self.decryptor = decryptor
        self.onPaddingMissing = onPaddingMissing
    }

    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws {
        hasReceived = true
        if holdsOutput, received.count < SegmentInspector.headBytes {
            received += input.prefix(SegmentInspector.headBytes - received.count)
        }
        guard isEncrypted else {
            look(at: input)
            output.append(input)
            return try judge(isWhole: false)
        }
        var rest = input
        while !rest.isEmpty {
            // The decryptor needs 16 bytes more room than it is given; whole blocks keep the chunks full.
            let taken = try output.withWindow(atLeast: 2 * AES128CBCDecryptor.blockSize) { window in
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(window.count - AES128CBCDecryptor.blockSize))
                let written = try decryptor?.update(part, into: window) ?? 0
                look(at: UnsafeRawBufferPointer(rebasing: window.prefix(written)))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
                return written
            }
            _ = taken
        }
        try judge(isWhole: false)
    }

    func finish(into output: inout ChunkWriter) throws {
        if isEncrypted, hasReceived {
            var ending = AES128CBCDecryptor.Ending.paddingIsInvalid
            try output.withWindow(atLeast: AES128CBCDecryptor.blockSize) { window in
                let result = try finishDecryption(into: window)
                ending = result.ending
                look(at: UnsafeRawBufferPointer(rebasing: window.prefix(result.count)))
                return result.count
            }
            try judge(isWhole: true)
            if ending == .paddingIsInvalid { onPaddingMissing() }
        } else {
            try judge(isWhole: true)
        }
    }

    /// - Throws: `BodyRejection`: ciphertext that is no whole number of blocks was cut, which a new attempt may mend.
    private func finishDecryption(
        into window: UnsafeMutableRawBufferPointer
    ) throws(BodyRejection) -> (count: Int, ending: AES128CBCDecryptor.Ending) {
        do throws(DecryptionError) {
            return try decryptor?.finish(into: window) ?? (0, .paddingIsInvalid)
        } catch {
            // A page in place of the segment is named as such, not as a segment that was cut.
            if holdsOutput, let kind = SegmentInspector.textKind(received) {
                throw BodyRejection(isRetriable: true, underlying: SegmentInspector.Finding.text(kind))
            }
            throw BodyRejection(isRetriable: true, underlying: error)
        }
    }

    private func look(at plain: UnsafeRawBufferPointer) {
        guard holdsOutput, head.count < SegmentInspector.headBytes else { return }
        head += plain.prefix(SegmentInspector.headBytes - head.count)
    }

    private func judge(isWhole: Bool) throws {
        guard holdsOutput, isWhole || head.count >= SegmentInspector.headBytes else { return }
        if let finding = SegmentInspector.judge(head: head, received: received, isEncrypted: isEncrypted) {
            throw BodyRejection(isRetriable: finding.isRetriable, underlying: finding)
        }
        holdsOutput = false
        head = []
        received = []
    }
}
