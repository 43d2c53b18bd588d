import CFFmpeg

/// AAC in ADTS frames: gives out raw data blocks and builds the AudioSpecificConfig that `esds` needs before `moov`.
final class ADTSReader: StreamReader {
    private(set) var format: TrackFormat?
    private(set) var counts = DemuxCounts()
    private var lastHeader: ADTSHeader?
    /// The last timestamp that the container gave, and the samples since: frames behind the first of a PES have none.
    private var anchor90k: Int64?
    private var samplesSinceAnchor: Int64 = 0

    func accept(_ packet: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        let bytes = packet.bytes
        if let timestamp90k = packet.pts ?? packet.dts {
            anchor90k = timestamp90k
            samplesSinceAnchor = 0
        }
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard let header = ADTSHeader(rest), header.frameLength <= rest.count else {
                counts.unreadablePackets += 1
                return
            }
            let block = UnsafeRawBufferPointer(rebasing: rest[header.headerLength..<header.frameLength])
            learnFormat(header, block)
            guard format != nil else {
                counts.unreadablePackets += 1
                return
            }
            let duration = Int64(header.blockCount * ADTSHeader.samplesPerBlock)
            let scale = TimeScale(Int64(header.sampleRate))
            let timestamp90k = anchor90k.map { $0 &+ scale.convert(samplesSinceAnchor, to: .mpeg) }
            try emit(
                DemuxedSample(
                    packet: try Packet(
                        sharing: packet,
                        offset: offset + header.headerLength,
                        length: header.frameLength - header.headerLength
                    ),
                    pts: timestamp90k,
                    dts: timestamp90k,
                    duration: scale.convert(duration, to: .mpeg),
                    isKey: true
                )
            )
            samplesSinceAnchor += duration
            offset += header.frameLength
        }
    }

    private func learnFormat(_ header: ADTSHeader, _ block: UnsafeRawBufferPointer) {
        if format != nil, let last = lastHeader, last.audioSpecificConfig == header.audioSpecificConfig { return }
        lastHeader = header
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
            format.extradata = header.audioSpecificConfig
        }
        if let old = self.format, old != format { counts.formatChanges += 1 }
        self.format = format
    }
}
