import Decryption
import Transport

/// What is done to a Media Segment's bytes as they arrive: decryption, a look at the head before anything goes on, and at
/// the end the check that no transport packet and no box was cut. Lives on the thread `transport`.
///
/// A segment cut between two packets passes where nothing else tells its length (neither Content-Length nor chunks, the
/// connection's end alone): here it looks like a complete one, and only its media, counted by the demuxer, can tell.
final class SegmentFilter: BodyFilter {
    private var decryptor: AES128CBCDecryptor?
    private let isEncrypted: Bool
    private let onPaddingMissing: @Sendable () -> Void
    private var head: [UInt8] = []
    private var received: [UInt8] = []
    private var hasReceived = false
    private var plaintextBytes: UInt64 = 0
    private var boxes = BoxTracker()
    private var container: SegmentContainer?
    /// Why the end was refused, while nothing has come behind it.
    private var cut: BodyRejection?
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
        cut = nil
        if holdsOutput, received.count < SegmentInspector.headBytes {
            received += input.prefix(SegmentInspector.headBytes - received.count)
        }
        guard isEncrypted else {
            take(input)
            output.append(input)
            return try judge(isWhole: false)
        }
        var rest = input
        while !rest.isEmpty {
            // The decryptor needs 16 bytes more room than it is given; whole blocks keep the chunks full.
            try output.withWindow(atLeast: 2 * AES128CBCDecryptor.blockSize) { window in
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(window.count - AES128CBCDecryptor.blockSize))
                let written = try decryptor?.update(part, into: window) ?? 0
                take(UnsafeRawBufferPointer(rebasing: window.prefix(written)))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
                return written
            }
        }
        try judge(isWhole: false)
    }

    /// - Throws: `BodyRejection`; a retriable one for a segment that was cut. What comes behind the cut may be given to
    ///   ``consume(_:into:)`` then.
    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
        // Another attempt brought nothing more.
        if let cut { throw cut }
        var ending: AES128CBCDecryptor.Ending?
        if isEncrypted, hasReceived {
            try output.withWindow(atLeast: AES128CBCDecryptor.blockSize) { window in
                let result = try finishDecryption(into: window)
                ending = result.ending
                var count = result.count
                if holdsOutput { container = SegmentInspector.container(head: head + window.prefix(count)) }
                if case .padded(let padding) = result.ending, !isWhole(plaintextBytes + UInt64(count)) {
                    // The last block of a cut segment is media as a whole: what looks like padding is chance.
                    count += padding
                }
                take(UnsafeRawBufferPointer(rebasing: window.prefix(count)))
                return count
            }
        }
        try judge(isWhole: true)
        // Where the server itself has no more, it is damaged media, which Demux counts; without padding it was cut there.
        guard isWhole(plaintextBytes) || lengthIsDeclared && ending != .paddingIsInvalid else {
            let finding = SegmentInspector.Finding.cut(byteCount: plaintextBytes)
            let rejection = BodyRejection(isRetriable: true, underlying: finding)
            cut = rejection
            throw rejection
        }
        // Cut at a multiple of packets and of blocks looks the same as a packager's missing padding.
        if ending == .paddingIsInvalid { onPaddingMissing() }
    }

    private func isWhole(_ byteCount: UInt64) -> Bool {
        switch container {
        case .transportStream: byteCount.isMultiple(of: UInt64(SegmentInspector.packetBytes))
        case .fragmentedMP4: boxes.isBoundary(byteCount)
        case .packedAudio, .webVTT, nil: true
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

    private func take(_ plain: UnsafeRawBufferPointer) {
        plaintextBytes += UInt64(plain.count)
        if container == nil || container == .fragmentedMP4 { boxes.watch(plain) }
        guard holdsOutput, head.count < SegmentInspector.headBytes else { return }
        head += plain.prefix(SegmentInspector.headBytes - head.count)
    }

    private func judge(isWhole: Bool) throws {
        guard holdsOutput, isWhole || head.count >= SegmentInspector.headBytes else { return }
        if let finding = SegmentInspector.judge(head: head, received: received, isEncrypted: isEncrypted) {
            throw BodyRejection(isRetriable: finding.isRetriable, underlying: finding)
        }
        container = SegmentInspector.container(head: head)
        holdsOutput = false
        head = []
        received = []
    }
}
