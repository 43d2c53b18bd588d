import CFFmpeg

/// AAC in ADTS frames: cuts PES payloads into raw data blocks, over their borders too, and builds the AudioSpecificConfig
/// that `esds` needs before `moov`.
final class ADTSReader: StreamReader {
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    /// Bytes of a frame whose rest is in the next payload.
    private var tail: [UInt8] = []
    private var lastConfig: [UInt8] = []
    /// A PES gives a timestamp to the first frame that starts in it.
    private var clock = SampleClock()

    var holdsSample: Bool { unconfirmed != nil }

    /// A frame whose header says another format than those before, or the first one: one damaged header is no change of
    /// format, two in a row are.
    private var unconfirmed: Frame?

    private struct Frame {
        var block: Packet
        var header: ADTSHeader
        var timestamp90k: Int64?
    }

    private static let longestFrame = 8191
    /// Frames taken from one payload; what comes behind is counted unreadable.
    private static let maximumFrames = 8192

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        var offset = 0
        if !tail.isEmpty { offset = try completeTail(payload, emit) }
        if let timestamp90k = payload.pts ?? payload.dts, tail.isEmpty {
            clock.set(timestamp90k)
        }
        var frames = 0
        while offset < payload.size {
            guard frames < Self.maximumFrames else {
                counts.unreadablePackets += 1
                return
            }
            frames += 1
            let rest = UnsafeRawBufferPointer(rebasing: payload.bytes[offset...])
            guard let header = ADTSHeader(rest) else {
                if rest.count < 7, Self.mayBeginFrame(rest) {
                    tail = Array(rest)
                    return
                }
                offset += skipJunk(rest)
                continue
            }
            guard header.frameLength <= rest.count else {
                tail = Array(rest)
                return
            }
            let block = try Packet(
                sharing: payload,
                offset: offset + header.headerLength,
                length: header.frameLength - header.headerLength
            )
            try emitBlock(block, header, emit)
            offset += header.frameLength
        }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        if !tail.isEmpty { counts.unreadablePackets += 1 }
        tail = []
        if let frame = unconfirmed, format == nil {
            unconfirmed = nil
            try emitFrame(frame, emit)
        }
        dropUnconfirmed()
    }

    /// Completes the frame that began in the payload before; returns where the next one starts.
    private func completeTail(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws -> Int {
        let known = tail.count
        var joined = tail
        joined += payload.bytes.prefix(Self.longestFrame)
        guard let header = joined.withUnsafeBytes({ ADTSHeader($0) }) else {
            if joined.count < 7 {
                tail = joined
                return payload.size
            }
            counts.unreadablePackets += 1
            tail = []
            return 0
        }
        guard header.frameLength <= joined.count else {
            tail = joined
            return payload.size
        }
        tail = []
        let block = try Packet()
        try block.replacePayload(count: header.frameLength - header.headerLength) { target in
            joined.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[header.headerLength..<header.frameLength]))
            }
        }
        try emitBlock(block, header, emit)
        return max(0, header.frameLength - known)
    }

    private func emitBlock(_ block: Packet, _ header: ADTSHeader, _ emit: (DemuxedSample) throws -> Void) throws {
        let timestamp90k = clock.advance(
            by: header.blockCount * ADTSHeader.samplesPerBlock,
            scale: TimeScale(Int64(header.sampleRate))
        )
        guard header.blockCount == 1 else {
            // A sample of MP4 is one raw data block; where a second one begins only a decoder finds out.
            counts.unreadablePackets += 1
            return
        }
        let frame = Frame(block: block, header: header, timestamp90k: timestamp90k)
        if header.audioSpecificConfig == lastConfig {
            dropUnconfirmed()
        } else if let first = unconfirmed, first.header.audioSpecificConfig == header.audioSpecificConfig {
            unconfirmed = nil
            try emitFrame(first, emit)
        } else {
            dropUnconfirmed()
            unconfirmed = frame
            return
        }
        try emitFrame(frame, emit)
    }

    /// The frame before stands alone with what its header says: a damaged one.
    private func dropUnconfirmed() {
        guard unconfirmed != nil else { return }
        unconfirmed = nil
        counts.unreadablePackets += 1
    }

    private func emitFrame(_ frame: Frame, _ emit: (DemuxedSample) throws -> Void) throws {
        learnFormat(frame.header, frame.block.bytes)
        guard format != nil else {
            counts.unreadablePackets += 1
            return
        }
        let scale = TimeScale(Int64(frame.header.sampleRate))
        try emit(
            DemuxedSample(
                packet: frame.block,
                pts: frame.timestamp90k,
                dts: frame.timestamp90k,
                duration: scale.convert(Int64(ADTSHeader.samplesPerBlock), to: .mpeg),
                isKey: true
            )
        )
    }

    /// Bytes to pass over until something looks like a header again.
    private func skipJunk(_ rest: UnsafeRawBufferPointer) -> Int {
        counts.unreadablePackets += 1
        for offset in 1..<max(2, rest.count) {
            guard offset < rest.count else { break }
            let candidate = UnsafeRawBufferPointer(rebasing: rest[offset...])
            if ADTSHeader(candidate) != nil || (candidate.count < 7 && Self.mayBeginFrame(candidate)) { return offset }
        }
        return rest.count
    }

    private static func mayBeginFrame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.first == 0xFF && (bytes.count < 2 || bytes[1] & 0xF6 == 0xF0)
    }

    private func learnFormat(_ header: ADTSHeader, _ block: UnsafeRawBufferPointer) {
        let config = header.audioSpecificConfig
        if format != nil, config == lastConfig { return }
        lastConfig = config
        var format = TrackFormat(kind: .audio, codec: AV_CODEC_ID_AAC)
        format.sampleRate = header.sampleRate
        format.samplesPerPacket = ADTSHeader.samplesPerBlock
        if header.channelConfiguration == 0 {
            guard
                let element = ProgramConfigElement(
                    rawDataBlock: block,
                    objectType: header.objectType,
                    frequencyIndex: header.frequencyIndex
                )
            else { return }
            format.channelCount = element.channelCount
            format.extradata = element.audioSpecificConfig
        } else {
            format.channelCount = header.channelCount
            format.extradata = config
        }
        guard format != self.format else { return }
        self.format = format
        newFormat = format
    }
}
