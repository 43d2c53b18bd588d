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
    private let notes: Notes
    /// The first plaintext, while it is not known what it is.
    private var head: [UInt8] = []
    private var received: [UInt8] = []
    private var hasReceived = false
    /// In front of the ciphertext; `nil`: there is none.
    private var gate: DisguiseGate?
    /// Bytes of media so far.
    private var plaintextBytes: UInt64 = 0
    private var boxes = BoxTracker()
    private var container: SegmentContainer?
    /// Why the end was refused, while nothing has come behind it.
    private var cut: BodyRejection?
    private(set) var holdsOutput = true

    /// What the filter tells of a segment that it lets through.
    struct Notes: Sendable {
        /// The last block is not padded as RFC 8216bis §5.2 demands.
        var paddingMissing: @Sendable () -> Void
        /// An image or a page stood before the media.
        var disguiseRemoved: @Sendable () -> Void
    }

    /// - Parameter decryptor: `nil` for clear segments.
    init(decryptor: consuming AES128CBCDecryptor?, notes: Notes) {
        isEncrypted = decryptor != nil
        self.decryptor = decryptor
        self.notes = notes
        gate = isEncrypted ? DisguiseGate() : nil
    }

    func consume(_ input: UnsafeRawBufferPointer, into output: inout ChunkWriter) throws {
        hasReceived = true
        cut = nil
        if holdsOutput, received.count < SegmentInspector.headBytes {
            received += input.prefix(SegmentInspector.headBytes - received.count)
        }
        guard isEncrypted else { return try take(input, &output) }
        guard gate?.isOpen == false else { return try decrypt(input, &output) }
        try passDisguise(input, isWhole: false, &output)
    }

    private func passDisguise(
        _ input: UnsafeRawBufferPointer,
        isWhole: Bool,
        _ output: inout ChunkWriter
    ) throws {
        guard gate?.isOpen == false, let bytes = gate?.take(input, isWhole: isWhole) else { return }
        if gate?.hasRemoved == true { notes.disguiseRemoved() }
        guard gate?.isOpen == true else { return }
        try bytes.withUnsafeBytes { try decrypt($0, &output) }
    }

    private func decrypt(_ input: UnsafeRawBufferPointer, _ output: inout ChunkWriter) throws {
        if holdsOutput {
            // Not into the output while it is not known where media begins.
            var plain = [UInt8](repeating: 0, count: input.count + AES128CBCDecryptor.blockSize)
            let count = try plain.withUnsafeMutableBytes { try decryptor?.update(input, into: $0) ?? 0 }
            return try plain.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0.prefix(count)), &output) }
        }
        try decryptor?.update(input, into: &output) { count($0) }
    }

    /// - Throws: `BodyRejection`; a retriable one for a segment that was cut. What comes behind the cut may be given to
    ///   ``consume(_:into:)`` then.
    func finish(into output: inout ChunkWriter, lengthIsDeclared: Bool) throws {
        // Another attempt brought nothing more.
        if let cut { throw cut }
        var ending: AES128CBCDecryptor.Ending?
        if isEncrypted, hasReceived {
            try passDisguise(UnsafeRawBufferPointer(start: nil, count: 0), isWhole: true, &output)
            var last = [UInt8](repeating: 0, count: AES128CBCDecryptor.blockSize)
            let result = try last.withUnsafeMutableBytes { try finishDecryption(into: $0) }
            ending = result.ending
            var count = result.count
            if holdsOutput { try judge(isWhole: true, behind: last[..<count], &output) }
            switch result.ending {
            // The last block of a cut segment is media as a whole: what looks like padding is chance.
            case .padded(let padding): if !isWhole(behind: last[..<count]) { count += padding }
            case .paddingIsInvalid: if lengthIsDeclared { count = mediaBytes(in: last[..<count]) }
            }
            try last[..<count].withUnsafeBytes { try take($0, &output) }
        }
        if holdsOutput { try judge(isWhole: true, &output) }
        // Where the server itself has no more, it is damaged media, which Demux counts; without padding it was cut there.
        guard isWhole(behind: []) || lengthIsDeclared && ending != .paddingIsInvalid else {
            let finding = SegmentInspector.Finding.cut(byteCount: plaintextBytes)
            let rejection = BodyRejection(isRetriable: true, underlying: finding)
            cut = rejection
            throw rejection
        }
        // Cut at a multiple of packets and of blocks looks the same as a packager's missing padding.
        if ending == .paddingIsInvalid { notes.paddingMissing() }
    }

    /// Whether a packet or a box ends where the segment would end with these bytes behind those that have passed.
    private func isWhole(behind last: ArraySlice<UInt8>) -> Bool {
        let byteCount = plaintextBytes + UInt64(last.count)
        switch container {
        case .transportStream(let layout): return byteCount.isMultiple(of: UInt64(layout.bytes))
        case .fragmentedMP4:
            // The last box may begin in them.
            var boxes = boxes
            last.withUnsafeBytes { boxes.watch($0) }
            return boxes.isBoundary(byteCount)
        case .packedAudio, .webVTT, nil: return true
        }
    }

    /// The bytes of a last block up to where a packet or a box ends: what is left is padding of another kind than PKCS #7.
    /// All of them where none ends there.
    private func mediaBytes(in last: ArraySlice<UInt8>) -> Int {
        return (0...last.count).reversed().first { isWhole(behind: last.prefix($0)) } ?? last.count
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

    private func take(_ plain: UnsafeRawBufferPointer, _ output: inout ChunkWriter) throws {
        guard holdsOutput else {
            count(plain)
            output.append(plain)
            return
        }
        head += plain
        if head.count >= SegmentInspector.headBytes { try judge(isWhole: false, &output) }
    }

    private func count(_ plain: UnsafeRawBufferPointer) {
        plaintextBytes += UInt64(plain.count)
        if container == .fragmentedMP4 { boxes.watch(plain) }
    }

    /// Looks at the head, and lets it pass from where media begins.
    ///
    /// - Parameter last: plaintext that ends the segment and is not in the head yet.
    private func judge(isWhole: Bool, behind last: ArraySlice<UInt8> = [], _ output: inout ChunkWriter) throws {
        let bytes = head + last
        switch DisguisePrefix.search(bytes, isWhole: isWhole) {
        case .needsMore: return
        case .media(let start):
            if start > 0 { notes.disguiseRemoved() }
            pass(from: start, &output)
        case .none:
            let finding = SegmentInspector.judge(
                head: Array(bytes.prefix(SegmentInspector.headBytes)),
                received: received,
                isEncrypted: isEncrypted
            )
            if let finding { throw BodyRejection(isRetriable: finding.isRetriable, underlying: finding) }
            pass(from: 0, &output)
        }
    }

    /// The head goes on from where media begins in it, and everything behind it.
    private func pass(from start: Int, _ output: inout ChunkWriter) {
        let media = head.dropFirst(start)
        container = SegmentInspector.container(head: Array(media.prefix(SegmentInspector.headBytes)))
        holdsOutput = false
        head = []
        received = []
        media.withUnsafeBytes { bytes in
            count(bytes)
            output.append(bytes)
        }
    }
}
