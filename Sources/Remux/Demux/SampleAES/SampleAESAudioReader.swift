import Decryption

/// Decrypts AAC (ADTS), AC-3 and Enhanced AC-3 frame by frame, each with the key of the payload it begins in; frames may go
/// over the borders of payloads.
final class SampleAESAudioReader: SampleAESReader {
    private let codec: EncryptedFrame.Codec
    private let reader: any StreamReader
    private var cipher = StreamCipher()
    private var check = SampleCheck()
    private var checkedKeys: SampleKeys?
    /// The start of a frame that goes on in the next payload.
    private var tail: Packet?
    private var tailKeys: SampleKeys?
    var keys: SampleKeys?

    init(_ codec: EncryptedFrame.Codec, before reader: any StreamReader) {
        self.codec = codec
        self.reader = reader
    }

    var counts: DemuxCounts { reader.counts }
    var holdsSample: Bool { reader.holdsSample }

    func takeNewFormat() -> TrackFormat? { reader.takeNewFormat() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        if let tail { try complete(tail, with: payload, emit) }
        guard payload.size > 0 else { return }
        guard keys != nil else { return try reader.accept(payload, emit) }
        let bytes = try payload.ownBytes()
        var offset = 0
        var begins = true
        scan: while offset < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
            switch EncryptedFrame.find(codec, at: UnsafeRawBufferPointer(rest)) {
            case .frame(let frame) where frame.byteCount <= rest.count:
                try decrypt(frame, rest, keys)
                offset += frame.byteCount
            case .frame, .tooShort:
                break scan
            case .none:
                // Junk, which the reader counts.
                offset += 1
                continue scan
            }
            begins = false
        }
        if offset < bytes.count {
            let rest = try Packet(sharing: payload, offset: offset, length: bytes.count - offset)
            if !begins { (rest.pts, rest.dts) = (nil, nil) }
            (tail, tailKeys) = (rest, keys)
            payload.keep(0..<offset)
        }
        if payload.size > 0 { try reader.accept(payload, emit) }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        if let tail { try reader.accept(tail, emit) }
        tail = nil
        try reader.finish(emit)
    }

    /// Takes the rest of the frame, or what there is of it, from the front of a payload.
    private func complete(_ tail: Packet, with payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        while payload.size > 0 {
            switch EncryptedFrame.find(codec, at: tail.bytes) {
            case .frame(let frame):
                try take(frame.byteCount - tail.size, of: payload, to: tail)
                guard tail.size >= frame.byteCount else { return }
                self.tail = nil
                try decrypt(frame, try tail.ownBytes(), tailKeys)
                return try reader.accept(tail, emit)
            case .tooShort:
                try take(1, of: payload, to: tail)
            case .none:
                self.tail = nil
                return try reader.accept(tail, emit)
            }
        }
    }

    private func take(_ count: Int, of payload: Packet, to tail: Packet) throws(FFmpegError) {
        let count = min(max(0, count), payload.size)
        try tail.append(UnsafeRawBufferPointer(rebasing: payload.bytes.prefix(count)))
        payload.keep(count..<payload.size)
    }

    private func decrypt(
        _ frame: EncryptedFrame,
        _ bytes: UnsafeMutableRawBufferPointer,
        _ keys: SampleKeys?
    ) throws {
        guard let keys else { return }
        let (cipher, vector) = try cipher.cipher(for: keys)
        let whole = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(frame.byteCount))
        let blocks = frame.blocks(of: whole)
        guard !blocks.isEmpty else { return }
        if keys != checkedKeys { (check, checkedKeys) = (SampleCheck(), keys) }
        let clearEnd = whole.count - frame.clearBytes - blocks.count
        if codec == .adts, clearEnd >= 2 { check.takeControl(isPlausible: isPlausible(whole)) }
        let looked = check.isDone || codec == .adts && clearEnd > 0 ? nil : isPlausible(whole)
        try cipher.begin(vector)
        try cipher.decrypt(blocks)
        guard let looked else { return }
        check.take(isPlausible: isPlausible(whole), wasPlausible: looked)
        if let finding = check.finding {
            throw RemuxError(.key, "\(finding)", context: RemuxError.Context(stage: "Decrypt"))
        }
    }

    private func isPlausible(_ frame: UnsafeMutableRawBufferPointer) -> Bool {
        let frame = UnsafeRawBufferPointer(frame)
        switch codec {
        case .adts: return SampleSyntax.endsRawDataBlock(frame)
        case .dolby: return SampleSyntax.hasDolbyChecksum(frame)
        }
    }
}
