import CFFmpeg

/// AAC in LATM: MP4 holds raw data blocks, so that the mux elements are taken apart. Elements may go over the borders of
/// payloads.
final class LATMReader: StreamReader {
    private var parser = LATMParser()
    private var format: TrackFormat?
    private var newFormat: TrackFormat?
    private(set) var counts = DemuxCounts()
    private var tail: [UInt8] = []
    private var clock = SampleClock()

    func takeNewFormat() -> TrackFormat? { newFormat.take() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        let bytes = tail + payload.bytes
        // A timestamp belongs to the first element that starts in the payload.
        var timestamp90k = payload.pts ?? payload.dts
        let payloadStart = tail.count
        tail = []
        try bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                guard let length = LATMParser.elementBytes(rest) else {
                    if rest.count < LATMParser.headerBytes, rest[0] == 0x56 {
                        tail = Array(rest)
                        return
                    }
                    if offset == 0 || bytes[offset - 1] != 0x56 { counts.unreadablePackets += offset == 0 ? 1 : 0 }
                    offset += 1
                    continue
                }
                let end = LATMParser.headerBytes + length
                guard end <= rest.count else {
                    tail = Array(rest)
                    return
                }
                if offset >= payloadStart, let found = timestamp90k {
                    clock.set(found)
                    timestamp90k = nil
                }
                try take(UnsafeRawBufferPointer(rebasing: rest[LATMParser.headerBytes..<end]), emit)
                offset += end
            }
        }
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        if !tail.isEmpty { counts.unreadablePackets += 1 }
        tail = []
    }

    private func take(_ element: UnsafeRawBufferPointer, _ emit: (DemuxedSample) throws -> Void) throws {
        guard let frames = parser.frames(element) else {
            counts.unreadablePackets += 1
            return
        }
        for frame in frames where !frame.payload.isEmpty {
            learnFormat(frame.config)
            let scale = TimeScale(Int64(max(1, frame.config.sampleRate)))
            let timestamp90k = clock.advance(by: frame.config.frameSamples, scale: scale)
            let packet = try Packet(count: frame.payload.count) { $0.copyBytes(from: frame.payload) }
            try emit(
                DemuxedSample(
                    packet: packet,
                    pts: timestamp90k,
                    dts: timestamp90k,
                    duration: scale.convert(Int64(frame.config.frameSamples), to: .mpeg),
                    isKey: true
                )
            )
        }
    }

    private func learnFormat(_ config: AudioConfig) {
        guard config.bytes != format?.extradata else { return }
        var format = TrackFormat(kind: .audio, codec: AV_CODEC_ID_AAC)
        format.extradata = config.bytes
        format.sampleRate = config.sampleRate
        format.channelCount = config.channelCount
        format.samplesPerPacket = config.frameSamples
        self.format = format
        newFormat = format
    }
}
